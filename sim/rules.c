// SPDX-License-Identifier: GPL-2.0
/*
 * The rules that the engine must keep, beyond those that are checked where a count changes.
 *
 *  - A device gets at no page but what the process's page table mapped at that address, and lets
 *    stay, when the engine looked; at none that the process may not write if the device may.
 *  - No page is unpinned while a domain or its IOTLB leads to it for a mapping that is on its way
 *    out.
 *  - Each record equals what every domain translates, page by page, and holds every pin.
 *  - What is charged is what is recorded.
 *  - A call that fails leaves everything as it was.
 */
#include <stdlib.h>
#include "sim.h"

/** sim_glimpse() - note what the engine was shown of the page table */
void sim_glimpse(u64 vpn, u64 pfn, u64 npages, bool writable)
{
	struct sim_glimpse *tail = sim.glimpse_count ? sim.glimpses + sim.glimpse_count - 1 : NULL;

	if (tail && tail->vpn + tail->npages == vpn && tail->writable == writable &&
	    tail->pfn + tail->npages == pfn) {
		tail->npages += npages;
		return;
	}
	if (sim.glimpse_count == sim.glimpse_room) {
		sim.glimpse_room = sim.glimpse_room ? 2 * sim.glimpse_room : 64;
		sim.glimpses = realloc(sim.glimpses, sim.glimpse_room * sizeof(sim.glimpses[0]));
	}
	sim.glimpses[sim.glimpse_count++] = (struct sim_glimpse){ vpn, pfn, npages, writable };
}

/* How many pages from @vpn on one glimpse, at or after @cursor, saw to be those from @pfn on. */
static u64 seen(u64 vpn, u64 pfn, bool write, u64 *cursor)
{
	u64 i;

	for (i = *cursor; i < sim.glimpse_count; i++) {
		const struct sim_glimpse *g = sim.glimpses + i;

		if (vpn < g->vpn || vpn >= g->vpn + g->npages || pfn != g->pfn + (vpn - g->vpn))
			continue;
		if (write && !g->writable)
			continue;
		*cursor = i;
		return g->vpn + g->npages - vpn;
	}
	sim_broken("vpn 0x%llx was not seen to lead to pfn 0x%llx, %s", vpn, pfn,
		   write ? "to be written" : "to be read");
}

/** sim_check_extents() - may a device get at this for the mapping that is being made? */
void sim_check_extents(struct sim_mapping *mapping, u64 ipn, const struct stride_extent *extents,
		       u32 n, u64 *cursor)
{
	const struct stride_mapping *m = &mapping->stride;
	u64 vpn = (m->vaddr >> STRIDE_PAGE_SHIFT) + ipn - (m->iova >> STRIDE_PAGE_SHIFT);
	u64 done, part;

	for (; mapping == sim.flight && n--; extents++)
		for (done = 0; done < extents->npages; done += part, vpn += part) {
			part = seen(vpn, extents->pfn + done, m->prot & STRIDE_WRITE, cursor);
			if (part > extents->npages - done)
				part = extents->npages - done;
		}
}

static u64 pages_of(const struct stride_mapping *m)
{
	return (m->last - m->iova + 1) >> STRIDE_PAGE_SHIFT;
}

/** sim_check_made() - a mapping is whole when it enters the index */
void sim_check_made(struct sim_mapping *mapping)
{
	const struct stride_mapping *m = &mapping->stride;
	u64 ipn = m->iova >> STRIDE_PAGE_SHIFT, cursor = 0;
	struct stride_cursor place = { 0 };
	const struct stride_extent *extents;
	u32 n;

	while ((extents = stride_record_slice(&m->record, &place, &n))) {
		sim_check_extents(mapping, ipn, extents, n, &cursor);
		ipn += stride_extents_pages(extents, n);
		place.index += n;
	}
	if (m->owed || m->pinned != pages_of(m) || m->mapped != m->last - m->iova + 1)
		sim_broken("mapping 0x%llx is entered half made", m->iova);
	if (!stride_ranges_contain(&sim.space.valid, m->iova, m->last))
		sim_broken("mapping 0x%llx is outside of the valid IOVAs", m->iova);
}

/* Of a mapping that stays: one in the index, or the part that is mapped of the one being made. */
static bool stays(u64 ipn)
{
	u64 iova = ipn << STRIDE_PAGE_SHIFT;
	const struct stride_mapping *flight = sim.flight ? &sim.flight->stride : NULL;

	if (flight && iova - flight->iova < flight->mapped)
		return true;
	return sim_span_find(&sim.index, iova, iova);
}

static bool overlaps(const struct sim_translation *t, u64 pfn, u64 npages)
{
	return t->pfn < pfn + npages && pfn <= t->pfn + (t->span.last - t->span.first);
}

static void check_domain_unpin(struct sim_domain *domain, u64 pfn, u64 npages)
{
	const struct sim_translation *t;
	struct sim_span *span;

	for (t = domain->stale; t; t = t->next)
		if (overlaps(t, pfn, npages))
			sim_broken("pfn 0x%llx is unpinned, an IOTLB still leads there", pfn);
	sim_span_each(span, &domain->live) {
		t = sim_container(span, struct sim_translation, span);
		if (overlaps(t, pfn, npages) && !t->leaked && !stays(span->first))
			sim_broken("pfn 0x%llx is unpinned, a domain still leads there", pfn);
	}
}

/** sim_check_unpin() - may pins of these pages go? */
void sim_check_unpin(u64 pfn, u64 npages)
{
	u64 at = pfn, left = npages, part;
	struct sim_domain *domain;
	struct sim_folio *folio;

	for (; left && (folio = sim_folio_find(at)) && !folio->reached; at += part, left -= part)
		part = sim_folio_pages(at, left);
	if (!left)
		return;
	for (domain = sim.domains; domain; domain = domain->next)
		check_domain_unpin(domain, pfn, npages);
}

/* Call @visit for each pin that a record holds, with the first page that it covers. */
static void each_pin(const struct stride_mapping *m, void (*visit)(u64 pfn))
{
	struct stride_cursor place = { 0 };
	const struct stride_extent *extents;
	u64 pfn, end, pin_pages;
	u32 n;

	for (; (extents = stride_record_slice(&m->record, &place, &n)); place.index++) {
		pin_pages = stride_pin_pages(extents->kind);
		pfn = extents->pfn;
		end = pfn + extents->npages;
		for (; pin_pages && pfn < end; pfn = (pfn & ~(pin_pages - 1)) + pin_pages)
			visit(pfn);
	}
}

static struct sim_folio *pinned_folio(u64 pfn)
{
	struct sim_folio *folio = sim_folio_find(pfn);

	if (!folio || !folio->pins)
		sim_broken("pfn 0x%llx is recorded as pinned and is not", pfn);
	return folio;
}

static void leak(u64 pfn)
{
	pinned_folio(pfn)->leaked++;
}

/** sim_leak() - what a mapping holds now it holds for ever */
void sim_leak(struct sim_mapping *mapping)
{
	if (mapping->leaked)
		return;
	mapping->leaked = true;
	each_pin(&mapping->stride, leak);
	sim.leaked_charge += mapping->stride.charged;
}

static void expect(u64 pfn)
{
	pinned_folio(pfn)->expected++;
}

static void check_pins(void)
{
	const struct sim_mapping *m;
	struct sim_span *span;

	for (m = sim.mappings; m; m = m->next)
		each_pin(&m->stride, expect);
	sim_span_each(span, &sim.folios) {
		struct sim_folio *folio = sim_container(span, struct sim_folio, span);

		if (folio->pins != folio->expected + folio->leaked)
			sim_broken("folio 0x%llx has %llu pins, records have %llu, %llu leaked",
				   span->first, folio->pins, folio->expected, folio->leaked);
		folio->expected = 0;
	}
}

/* A run of the record against one domain. */
static void check_run(struct sim_domain *domain, u64 ipn, struct stride_extent extent, u32 prot)
{
	u64 done, part;

	for (done = 0; done < extent.npages; done += part) {
		struct sim_span *span = sim_span_find(&domain->live, ipn + done, ipn + done);
		const struct sim_translation *t;

		if (!span)
			sim_broken("ipn 0x%llx is recorded, a domain does not have it", ipn + done);
		t = sim_container(span, struct sim_translation, span);
		if (t->prot != prot || t->pfn + (ipn + done - span->first) != extent.pfn + done)
			sim_broken("ipn 0x%llx: a domain and the record differ", ipn + done);
		part = span->last - (ipn + done) + 1;
	}
}

/* One mapping: its record against its counters and every domain. */
static void check_mapping(const struct stride_mapping *m)
{
	u64 ipn = m->iova >> STRIDE_PAGE_SHIFT, npages = 0, charged = 0;
	struct stride_cursor place = { 0 };
	const struct stride_extent *extent;
	struct stride_domain *domain;
	u32 n;

	for (; (extent = stride_record_slice(&m->record, &place, &n)); place.index++) {
		for (domain = sim.space.domains; domain; domain = domain->next)
			check_run(sim_container(domain, struct sim_domain, stride), ipn + npages,
				  *extent, m->prot);
		npages += extent->npages;
		charged += stride_charged_pages(extent, 1);
	}
	if (npages != pages_of(m) || charged != m->charged)
		sim_broken("mapping 0x%llx of %llu pages records %llu; charged %llu for %llu",
			   m->iova, pages_of(m), npages, m->charged, charged);
}

/** sim_check() - the rules for the time between calls */
void sim_check(void)
{
	u64 npages = 0, charged = sim.leaked_charge;
	struct sim_domain *domain;
	struct sim_mapping *m;

	for (m = sim.mappings; m; m = m->next) {
		if (sim_mapping_at(m->stride.iova) != m || m->span.last != m->stride.last)
			sim_broken("mapping 0x%llx is not in the index", m->stride.iova);
		check_mapping(&m->stride);
		npages += pages_of(&m->stride);
		charged += m->stride.charged;
	}
	if (sim.flight || charged != sim.locked)
		sim_broken("%llu pages are locked, mappings have %llu", sim.locked, charged);
	for (domain = sim.domains; domain; domain = domain->next)
		if (domain->pages != npages + domain->leaked || domain->stale)
			sim_broken("a domain has %llu pages, %llu are mapped, %llu leaked%s",
				   domain->pages, npages, domain->leaked,
				   domain->stale ? ", not synced" : "");
	check_pins();
}

static u64 mix(u64 sum, u64 value)
{
	sum = (sum ^ value) * 0x9e3779b97f4a7c15;
	return sum ^ sum >> 32;
}

/** sim_state() - what there is, to be compared later */
struct sim_state sim_state(void)
{
	struct sim_state state = {
		.pins = sim.pins,
		.locked = sim.locked,
		.allocs = sim.allocs,
		.bytes = sim.bytes,
		.available = sim.space.available,
	};
	const struct sim_translation *t;
	struct sim_mapping *m;
	struct sim_domain *domain;
	struct sim_span *span;

	for (m = sim.mappings; m; m = m->next)
		state.mappings = mix(state.mappings, m->stride.iova);
	sim_span_each(span, &sim.folios) {
		u64 pins = sim_container(span, struct sim_folio, span)->pins;

		if (pins)
			state.pinned = mix(mix(state.pinned, span->first), pins);
	}
	for (domain = sim.domains; domain; domain = domain->next)
		sim_span_each(span, &domain->live) {
			t = sim_container(span, struct sim_translation, span);
			state.translated = mix(mix(state.translated, span->first), span->last);
			state.translated = mix(mix(state.translated, t->pfn), t->prot);
		}
	return state;
}

/** sim_check_same() - nothing has changed since */
void sim_check_same(const struct sim_state *before)
{
	struct sim_state now = sim_state();

#define SAME(what) do {									\
	if (before->what != now.what)							\
		sim_broken("a call failed and changed " #what " from %llu to %llu",	\
			   before->what, now.what);					\
} while (0)
	SAME(pins);
	SAME(pinned);
	SAME(locked);
	SAME(mappings);
	SAME(allocs);
	SAME(bytes);
	SAME(available);
	SAME(translated);
#undef SAME
}
