// SPDX-License-Identifier: GPL-2.0
/*
 * The rules that the engine must keep at each call.
 *
 *  - No page is unpinned while an IOTLB leads to it, nor while a domain does and no mapping says
 *    that it should.
 *  - No more than 128 MiB are pinned before they are charged, nor more than the owner's limit has
 *    room for; but for one batch, or for a leaf, which one page's pin turned out to hold. Nothing
 *    beyond that room is faulted in ahead of the pins.
 *  - A mapping that is new is whole, or untouched if there is no domain.
 */
#include "account.h"
#include "check_at_call.h"
#include "iommu.h"
#include "memory.h"
#include "run.h"

#define WINDOW_PAGES	(1ULL << 15)

/** sim_check_new_mapping() - a mapping is as it must be when it enters the index */
void sim_check_new_mapping(const struct stride_mapping *m)
{
	u64 due = sim.space.domains ? m->last - m->iova + 1 : 0;

	if (m->populated != !!due || m->mapped != due)
		sim_violation("mapping 0x%llx is entered half made", m->iova);
	if (m->held || m->vaddr_invalid || m->dirty || m->all_dirty)
		sim_violation("mapping 0x%llx is entered with a past", m->iova);
	if (!stride_ranges_contain(&sim.space.valid, m->iova, m->last))
		sim_violation("mapping 0x%llx is outside of the valid IOVAs", m->iova);
}

static u64 pinned_not_charged(const struct stride_mapping *m)
{
	return m->chargeable > m->charged ? m->chargeable - m->charged : 0;
}

/** sim_check_pin() - may so many more pages of a mapping be pinned before any is charged? */
void sim_check_pin(const struct stride_mapping *m, u64 npages)
{
	u64 pinned = pinned_not_charged(m), room = sim_charge_room(m);

	if (room > WINDOW_PAGES)
		room = WINDOW_PAGES;
	if (pinned + npages > room + STRIDE_BATCH)
		sim_violation("mapping 0x%llx pins %llu pages, %llu not charged, room for %llu",
			      m->iova, npages, pinned, room);
}

/** sim_check_ahead() - may so many pages be faulted in that no pin was asked for yet? */
void sim_check_ahead(const struct stride_mapping *m, u64 ahead)
{
	u64 pinned = pinned_not_charged(m), room = sim_charge_room(m);

	if (ahead > STRIDE_BATCH && (ahead > room || pinned + ahead > room))
		sim_violation("mapping 0x%llx faults in %llu pages, %llu not charged, room %llu",
			      m->iova, ahead, pinned, room);
}

/* Does a mapping say that it translates this page? */
static bool is_still_mapped(u64 ipn)
{
	u64 iova = ipn << STRIDE_PAGE_SHIFT;
	const struct sim_mapping *mapping = sim_mapping_at(iova);

	return mapping && iova - mapping->stride.iova < mapping->stride.mapped;
}

static bool leads_into(const struct sim_translation *t, u64 pfn, u64 npages)
{
	return t->pfn < pfn + npages && pfn <= t->pfn + (t->span.last - t->span.first);
}

static void check_domain_unpin(struct sim_domain *domain, u64 pfn, u64 npages)
{
	const struct sim_translation *t;
	struct sim_span *span;

	for (t = domain->stale; t; t = t->next)
		if (leads_into(t, pfn, npages))
			sim_violation("pfn 0x%llx is unpinned, an IOTLB still leads there", pfn);
	sim_span_each(span, &domain->live) {
		t = sim_container_of(span, struct sim_translation, span);
		if (leads_into(t, pfn, npages) && !t->leaked && !is_still_mapped(span->first))
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
