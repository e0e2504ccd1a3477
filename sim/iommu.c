// SPDX-License-Identifier: GPL-2.0
/*
 * IOMMU domains. Each has a table of translations and an IOTLB; the IOTLB is taken at its worst: it
 * still holds everything that was cleared until it is synced.
 *
 * A leafwise domain is like AMD's: its entries are of any power of two, as large as the pfns of one
 * map call allow, and a clear that ends inside one takes all of it away. The other domains clear
 * exactly what they are asked to.
 */
#include <stdlib.h>
#include "container.h"
#include "inject.h"
#include "iommu.h"
#include "memory.h"
#include "run.h"

static struct sim_domain *domain_of(struct stride_domain *domain)
{
	return sim_container_of(domain, struct sim_domain, stride);
}

static struct sim_translation *translation_of(struct sim_span *span)
{
	return span ? sim_container_of(span, struct sim_translation, span) : NULL;
}

static u64 pages_of(const struct sim_translation *t)
{
	return t->span.last - t->span.first + 1;
}

/** sim_domain_new() - a domain that translates nothing and has not joined */
struct sim_domain *sim_domain_new(bool leafwise)
{
	struct sim_domain *domain = calloc(1, sizeof(*domain));

	domain->leafwise = leafwise;
	domain->next = sim.domains;
	sim.domains = domain;
	return domain;
}

static void take_away(struct sim_domain *domain, struct sim_translation *t)
{
	sim_span_del(&domain->live, &t->span);
	domain->pages -= pages_of(t);
	if (t->leaked)
		domain->leaked -= pages_of(t);
	t->next = domain->stale;
	domain->stale = t;
}

/** sim_domain_free() - the end of a domain that no device uses any more, with all it translates */
void sim_domain_free(struct sim_domain *domain)
{
	struct sim_domain **link = &sim.domains;
	struct sim_span *span;

	while ((span = sim_span_find(&domain->live, 0, ~0ULL)))
		take_away(domain, translation_of(span));
	sim_sync(&domain->stride);
	while (*link != domain)
		link = &(*link)->next;
	*link = domain->next;
	free(domain);
}

/** sim_attach() - a domain joins; if it cannot, it must translate nothing, and is gone */
int sim_attach(struct sim_domain *domain)
{
	int err = stride_domain_attach(&sim.space, &domain->stride);

	if (err && (domain->pages || domain->stale) && !sim_calls.fail_at[SIM_CALL_CLEAR] &&
	    !sim_calls.fail_at[SIM_CALL_SWEEP])
		sim_violation("a domain that did not join translates %llu pages%s", domain->pages,
			      domain->stale ? ", not synced" : "");
	if (err)
		sim_domain_free(domain);
	return err;
}

/** sim_detach() - a domain leaves, and is gone */
void sim_detach(struct sim_domain *domain)
{
	stride_domain_detach(&sim.space, &domain->stride);
	sim_domain_free(domain);
}

/** sim_translate() - where a domain's table leads an IOVA to; false if nowhere */
bool sim_translate(struct sim_domain *domain, u64 iova, u64 *pfn, u32 *prot)
{
	u64 ipn = iova >> STRIDE_PAGE_SHIFT;
	struct sim_translation *t = translation_of(sim_span_find(&domain->live, ipn, ipn));

	if (!t)
		return false;
	*pfn = t->pfn + (ipn - t->span.first);
	*prot = t->prot;
	return true;
}

static void add_translation(struct sim_domain *domain, u64 ipn, u64 pfn, u64 npages, u32 prot)
{
	struct sim_translation *t = calloc(1, sizeof(*t));

	t->span.first = ipn;
	t->span.last = ipn + npages - 1;
	t->pfn = pfn;
	t->prot = prot;
	sim_span_add(&domain->live, &t->span);
}

/* The largest entry for the beginning of a run: aligned at both ends of the translation. */
static u64 entry_pages(const struct sim_domain *domain, u64 ipn, u64 pfn, u64 npages)
{
	u64 entry = 1;

	if (!domain->leafwise)
		return npages;
	while (2 * entry <= npages && !((ipn | pfn) & (2 * entry - 1)))
		entry *= 2;
	return entry;
}

static void map_run(struct sim_domain *domain, u64 ipn, u64 pfn, u64 left, u32 prot)
{
	u64 npages;

	sim_count_reached(pfn, left, 1, prot & STRIDE_WRITE);
	domain->pages += left;
	for (; left; ipn += npages, pfn += npages, left -= npages) {
		npages = entry_pages(domain, ipn, pfn, left);
		add_translation(domain, ipn, pfn, npages, prot);
	}
}

/* How many of @n extents are one run for this domain, of @npages. */
static u32 run_of(const struct sim_domain *domain, const struct stride_extent *extents, u32 n,
		  u64 *npages)
{
	u32 k = 1;

	*npages = extents->npages;
	while (domain->leafwise && k < n && extents[k].pfn == extents->pfn + *npages)
		*npages += extents[k++].npages;
	return k;
}

/* No translation may be replaced, nor made where an IOTLB may hold another. */
static int check_free(struct sim_domain *domain, u64 first, u64 last)
{
	struct sim_translation *t = translation_of(sim_span_find(&domain->live, first, last));

	if (t && t->leaked)
		return -EEXIST;
	if (t)
		sim_violation("ipn 0x%llx is mapped twice", first);
	for (t = domain->stale; t; t = t->next)
		if (t->span.first <= last && t->span.last >= first)
			sim_violation("ipn 0x%llx is mapped anew before a sync", first);
	return 0;
}

/* Split an entry in two, which only a domain that is not leafwise can. */
static void split_translation(struct sim_domain *domain, struct sim_translation *t, u64 ipn)
{
	u64 last = t->span.last;

	if (domain->leafwise)
		sim_violation("clearing begins inside the entry of ipn 0x%llx", ipn);
	t->span.last = ipn - 1;
	add_translation(domain, ipn, t->pfn + (ipn - t->span.first), last - ipn + 1, t->prot);
}

static void leak_pin(u64 pfn)
{
	sim_pinned_folio(pfn)->leaked++;
}

/* What a mapping has pinned stays pinned and charged for ever. */
static void leak_mapping(struct sim_mapping *mapping)
{
	const struct stride_mapping *m = &mapping->stride;
	u64 charged = m->charged > m->held ? m->charged - m->held : 0;

	if (m->unmap_failed)
		return;
	sim_each_pin_of(m, leak_pin);
	mapping->charged -= charged;
	mapping->owner->leaked += charged;
}

/*
 * The IOMMU keeps what a mapping still has from @ipn on, and so its pages stay pinned for ever. A
 * domain that could not join goes with all it has.
 */
static void keep_translations(struct sim_domain *domain, struct sim_mapping *mapping, u64 ipn)
{
	u64 last = mapping->stride.last >> STRIDE_PAGE_SHIFT;
	struct sim_translation *t = translation_of(sim_span_find(&domain->live, ipn, last));
	struct stride_domain *joined = sim.space.domains;

	while (joined && joined != &domain->stride)
		joined = joined->next;
	if (!joined)
		return;
	if (t && t->span.first < ipn)
		split_translation(domain, t, ipn);
	while ((t = translation_of(sim_span_find(&domain->live, ipn, last)))) {
		domain->leaked += t->leaked ? 0 : pages_of(t);
		t->leaked = true;
		ipn = t->span.last + 1;
	}
	leak_mapping(mapping);
}

/* A map fails behind its first extent: does the IOMMU keep that one? */
static bool fail_to_sweep(struct sim_domain *domain, struct sim_mapping *mapping, u64 ipn,
			  struct stride_extent extent)
{
	int none;

	if (!sim_hit(SIM_CALL_SWEEP, &none))
		return false;
	map_run(domain, ipn, extent.pfn, extent.npages, mapping->stride.prot);
	keep_translations(domain, mapping, ipn);
	return true;
}

/** sim_map() - the host's map */
int sim_map(struct stride_domain *stride, u64 iova, const struct stride_extent *extents, u32 n,
	    u32 prot, bool *left)
{
	u64 ipn = iova >> STRIDE_PAGE_SHIFT, npages = stride_extents_pages(extents, n);
	struct sim_domain *domain = domain_of(stride);
	struct sim_mapping *mapping = sim_mapping_at(iova);
	int err;
	u32 k;

	if (!n || !mapping || prot != mapping->stride.prot)
		sim_violation("%u extents are mapped at 0x%llx for %u, against their mapping", n,
			      iova, prot);
	sim_check_observed(mapping, ipn, extents, n, &domain->observer);
	if (sim_hit(SIM_CALL_MAP, &err)) {
		*left |= fail_to_sweep(domain, mapping, ipn, *extents);
		return err;
	}
	err = check_free(domain, ipn, ipn + npages - 1);
	if (err)
		return err;
	for (; n; n -= k, extents += k, ipn += npages) {
		k = run_of(domain, extents, n, &npages);
		map_run(domain, ipn, extents->pfn, npages, prot);
	}
	return 0;
}

/** sim_clear() - the host's clear */
u64 sim_clear(struct stride_domain *stride, u64 iova, u64 bytes)
{
	u64 first = iova >> STRIDE_PAGE_SHIFT, ipn = first;
	u64 end = ipn + (bytes >> STRIDE_PAGE_SHIFT);
	struct sim_domain *domain = domain_of(stride);
	struct sim_translation *t;
	int none;

	if (!bytes)
		sim_violation("nothing is cleared at 0x%llx", iova);
	if (sim_hit(SIM_CALL_CLEAR, &none)) {
		keep_translations(domain, sim_mapping_at(iova), ipn);
		return 0;
	}
	if (sim_calls.erratic)
		end = ipn + 1 + sim_below(end - ipn);
	for (; ipn < end; ipn = t->span.last + 1) {
		t = translation_of(sim_span_find(&domain->live, ipn, ipn));
		if (!t)
			sim_violation("ipn 0x%llx is cleared, nothing is there", ipn);
		if (t->span.first < ipn) {
			split_translation(domain, t, ipn);
			t = translation_of(sim_span_find(&domain->live, ipn, ipn));
		}
		if (t->span.last >= end && !domain->leafwise)
			split_translation(domain, t, end);
		take_away(domain, t);
	}
	return (ipn - first) << STRIDE_PAGE_SHIFT;
}

/** sim_sync() - the host's sync: the IOTLB forgets */
void sim_sync(struct stride_domain *stride)
{
	struct sim_domain *domain = domain_of(stride);
	struct sim_translation *t;

	sim_count(SIM_CALL_SYNC);
	while ((t = domain->stale)) {
		domain->stale = t->next;
		sim_count_reached(t->pfn, pages_of(t), -1, false);
		free(t);
	}
}
