// SPDX-License-Identifier: GPL-2.0
/*
 * The rules for the time between calls, when nobody is at work.
 *
 *  - Each record equals what every domain translates, page by page. Without domains there is none.
 *  - Each pin is a record's or a hold's, or is leaked.
 *  - What is charged to a process is what its mappings are charged, and these for what they pin.
 *  - The engine's memory is that of records, bitmaps and the space.
 */
#include "check_between_calls.h"
#include "container.h"
#include "heap.h"
#include "iommu.h"
#include "memory.h"
#include "run.h"

static void expect_pin(u64 pfn)
{
	sim_pinned_folio(pfn)->expected++;
}

static void check_pins(void)
{
	const struct sim_mapping *m;
	struct sim_span *span;

	for (m = sim.mappings; m; m = m->next)
		sim_each_pin_of(&m->stride, expect_pin);
	sim_span_each(span, &sim.holds)
		sim_each_pin(&sim_container_of(span, struct sim_hold, span)->stride.page,
			     expect_pin);
	sim_span_each(span, &sim_memory.folios) {
		struct sim_folio *folio = sim_container_of(span, struct sim_folio, span);

		if (folio->pins != folio->expected + folio->leaked)
			sim_violation("folio 0x%llx has %llu pins, known are %llu, %llu leaked",
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
			sim_violation("ipn 0x%llx is recorded, a domain does not have it",
				      ipn + done);
		t = sim_container_of(span, struct sim_translation, span);
		if (t->prot != prot || t->pfn + (ipn + done - span->first) != extent.pfn + done)
			sim_violation("ipn 0x%llx: a domain and the record differ", ipn + done);
		part = span->last - (ipn + done) + 1;
	}
}

static u64 pages_of(const struct stride_mapping *m)
{
	return (m->last - m->iova + 1) >> STRIDE_PAGE_SHIFT;
}

/* A mapping's record against every domain and its counters. */
static void check_record(const struct stride_mapping *m)
{
	u64 ipn = m->iova >> STRIDE_PAGE_SHIFT, npages = 0, chargeable = 0;
	struct stride_cursor place = { 0 };
	const struct stride_extent *extent;
	struct stride_domain *domain;
	u32 n;

	for (; (extent = stride_record_slice(&m->record, &place, &n)); place.index++) {
		for (domain = sim.space.domains; domain; domain = domain->next)
			check_run(sim_container_of(domain, struct sim_domain, stride), ipn + npages,
				  *extent, m->prot);
		npages += extent->npages;
		chargeable += stride_charged_pages(extent, 1);
	}
	if (npages != (sim.space.domains ? pages_of(m) : 0))
		sim_violation("mapping 0x%llx of %llu pages records %llu, with %s domain", m->iova,
			      pages_of(m), npages, sim.space.domains ? "a" : "no");
	if (m->populated != !!npages || m->chargeable != chargeable ||
	    m->mapped != npages << STRIDE_PAGE_SHIFT || m->unmap_failed)
		sim_violation("mapping 0x%llx counts something else than it records", m->iova);
}

/* A driver may write to a writable page at any time while it holds it. */
static void write_held(const struct stride_mapping *m, const struct stride_hold *hold)
{
	struct sim_folio *folio = sim_folio_find(hold->page.pfn);

	if (folio && m->prot & STRIDE_WRITE)
		folio->written = true;
}

static u64 check_holds(const struct stride_mapping *m)
{
	const struct stride_hold *hold;
	u64 iova = m->iova, held = 0;

	while ((hold = sim_hold_find(&sim.space, iova, m->last))) {
		if (!hold->count || hold->page.npages != 1 || !sim_pfn_valid(hold->page.pfn))
			sim_violation("the hold of iova 0x%llx is not one of a page", hold->iova);
		held += stride_charged_pages(&hold->page, 1);
		write_held(m, hold);
		iova = hold->iova + STRIDE_PAGE_SIZE;
		if (iova - 1 == m->last)
			break;
	}
	return held;
}

static void check_charge(const struct sim_mapping *mapping)
{
	const struct stride_mapping *m = &mapping->stride;
	u64 held = check_holds(m);

	if (m->held != held || m->charged != mapping->charged)
		sim_violation("mapping 0x%llx: %llu pages held, are %llu; %llu charged, are %llu",
			      m->iova, m->held, held, m->charged, mapping->charged);
	if (m->populated ? m->charged < m->chargeable : m->charged > held)
		sim_violation("mapping 0x%llx is charged %llu pages; needs %llu, drivers hold %llu",
			      m->iova, m->charged, m->chargeable, held);
}

/* Chunks that were allocated. */
static u64 chunks_of(const struct stride_mapping *m)
{
	const struct stride_chunk *chunk;
	u64 n = 0;

	for (chunk = m->record.first.next; chunk; chunk = chunk->next)
		n++;
	return n;
}

/* Returns how many pages it has. */
static u64 check_mapping(const struct sim_mapping *mapping)
{
	const struct stride_mapping *m = &mapping->stride;

	if (sim_mapping_at(m->iova) != mapping || mapping->span.last != m->last)
		sim_violation("mapping 0x%llx is not in the index", m->iova);
	if ((m->dirty || m->all_dirty) && (!sim.space.tracking || (m->dirty && m->all_dirty)))
		sim_violation("mapping 0x%llx has dirty bits that nobody needs", m->iova);
	check_record(m);
	check_charge(mapping);
	return pages_of(m);
}

/* What all mappings together must be. */
static void check_sums(void)
{
	u64 allocs = 1 + !!sim.space.valid.ranges, charged[SIM_PROCESSES] = { 0 };
	const struct sim_mapping *m;
	u32 i, gone = 0;

	for (m = sim.mappings; m; m = m->next) {
		allocs += chunks_of(&m->stride) + !!m->stride.dirty;
		charged[m->owner - sim_processes] += m->charged;
		gone += m->stride.vaddr_invalid;
	}
	for (i = 0; i < SIM_PROCESSES; i++)
		if (sim_processes[i].locked != charged[i] + sim_processes[i].leaked)
			sim_violation("process %u has %llu locked pages, its mappings %llu", i,
				      sim_processes[i].locked, charged[i]);
	if (gone != sim.space.vaddr_invalid_count)
		sim_violation("%u addresses are gone, not %u", gone, sim.space.vaddr_invalid_count);
	if (sim_heap.allocs != allocs)
		sim_violation("the engine has %llu pieces of memory and needs %llu",
			      sim_heap.allocs, allocs);
}

/** sim_check() - the rules for the time between calls */
void sim_check(void)
{
	u64 npages = 0, due;
	struct sim_domain *domain;
	const struct sim_mapping *m;
	struct sim_span *span;

	if (sim.making)
		sim_violation("a mapping is neither made nor gone");
	for (m = sim.mappings; m; m = m->next)
		npages += check_mapping(m);
	check_sums();
	sim_span_each(span, &sim.holds)
		if (!sim_span_find(&sim.index, span->first, span->last))
			sim_violation("iova 0x%llx is held and not mapped", span->first);
	for (domain = sim.domains; domain; domain = domain->next) {
		due = npages + domain->leaked;
		if (domain->pages != due || domain->stale)
			sim_violation("a domain has %llu pages, not %llu%s", domain->pages, due,
				      domain->stale ? ", not synced" : "");
	}
	check_pins();
}
