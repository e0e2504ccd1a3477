// SPDX-License-Identifier: GPL-2.0
/*
 * The rules that the engine must keep at each step, beyond those that are checked where a count
 * changes.
 *
 *  - A device gets at no page but what the owner's page table mapped at that address, and lets
 *    stay, when the engine looked; at none that the owner may not write if the device may.
 *  - No page is unpinned while an IOTLB leads to it, nor while a domain does and no mapping says
 *    that it should.
 *  - A mapping that is new is whole, or untouched if there is no domain.
 */
#include <stdlib.h>
#include "sim.h"

/** sim_glimpse_anew() - something of a mapping is looked at: the first of it? */
void sim_glimpse_anew(const struct sim_mapping *mapping)
{
	if (mapping->stride.pinned)
		return;
	sim.glimpse_count = 0;
	sim.populations++;
}

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
	sim_violation("vpn 0x%llx was not seen to lead to pfn 0x%llx, %s", vpn, pfn,
		      write ? "to be written" : "to be read");
}

/** sim_check_extents() - may a device get at this for the mapping that is being populated? */
void sim_check_extents(struct sim_mapping *mapping, u64 ipn, const struct stride_extent *extents,
		       u32 n, u64 *cursor)
{
	const struct stride_mapping *m = &mapping->stride;
	u64 vpn = (m->vaddr >> STRIDE_PAGE_SHIFT) + ipn - (m->iova >> STRIDE_PAGE_SHIFT);
	u64 done, part;

	for (; !m->populated && n--; extents++)
		for (done = 0; done < extents->npages; done += part, vpn += part) {
			part = seen(vpn, extents->pfn + done, m->prot & STRIDE_WRITE, cursor);
			if (part > extents->npages - done)
				part = extents->npages - done;
		}
}

/** sim_check_made() - a mapping is as it must be when it enters the index */
void sim_check_made(struct sim_mapping *mapping)
{
	const struct stride_mapping *m = &mapping->stride;
	u64 due = sim.space.domains ? m->last - m->iova + 1 : 0;

	if (m->populated != !!due || m->pinned << STRIDE_PAGE_SHIFT != due || m->mapped != due)
		sim_violation("mapping 0x%llx is entered half made", m->iova);
	if (m->held || m->vaddr_invalid || m->dirty || m->all_dirty)
		sim_violation("mapping 0x%llx is entered with a past", m->iova);
	if (!stride_ranges_contain(&sim.space.valid, m->iova, m->last))
		sim_violation("mapping 0x%llx is outside of the valid IOVAs", m->iova);
}

/* Does a mapping say that it translates this page? */
static bool stays(u64 ipn)
{
	u64 iova = ipn << STRIDE_PAGE_SHIFT;
	const struct sim_mapping *mapping = sim_mapping_at(iova);

	return mapping && iova - mapping->stride.iova < mapping->stride.mapped;
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
			sim_violation("pfn 0x%llx is unpinned, an IOTLB still leads there", pfn);
	sim_span_each(span, &domain->live) {
		t = sim_container(span, struct sim_translation, span);
		if (overlaps(t, pfn, npages) && !t->leaked && !stays(span->first))
			sim_violation("pfn 0x%llx is unpinned, a domain still leads there", pfn);
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
