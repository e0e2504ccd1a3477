// SPDX-License-Identifier: GPL-2.0
/*
 * Physical memory: folios, who maps them, who pins them, which devices reach them.
 *
 * Only folios that somebody holds take room, so memory may be as large as pfns allow. The zones lie
 * side by side: runs of pfns can cross from one kind of memory into the next.
 */
#include <stdlib.h>
#include "memory.h"
#include "run.h"

struct sim_memory sim_memory;

/* Folios that first touches and copies on write draw from: few, to use freed ones again. */
#define FRESH_FOLIOS	(1ULL << 16)

static const struct {
	u64 first;
	u64 last;
	u32 order;
} zones[SIM_ZONES] = {
	[SIM_ZERO] = { 0x1, 0x1, 0 },
	[SIM_RESERVED] = { 0xf0000, 0xfffff, 0 },
	[SIM_SMALL] = { 0x100000, 0x17ffff, 0 },
	[SIM_MIDDLE] = { 0x180000, 0x1fffff, 4 },
	[SIM_HUGE] = { 0x200000, 0x3fffffff, STRIDE_PMD_ORDER },
	[SIM_GIANT] = { 0x40000000, 0xbfffffff, STRIDE_PUD_ORDER },
};

/** sim_zone_pfn() - the first pfn of a zone */
u64 sim_zone_pfn(enum sim_zone zone)
{
	return zones[zone].first;
}

/** sim_zone_of() - which zone a pfn lies in; false if there is no memory */
bool sim_zone_of(u64 pfn, enum sim_zone *zone)
{
	for (*zone = 0; *zone < SIM_ZONES; ++*zone)
		if (pfn >= zones[*zone].first && pfn <= zones[*zone].last)
			return true;
	return false;
}

/** sim_is_ram() - the host's is_ram: is any of it memory that must be pinned and charged? */
bool sim_is_ram(u64 pfn, u64 npages)
{
	return pfn <= zones[SIM_GIANT].last && pfn + npages > zones[SIM_SMALL].first;
}

/** sim_pfn_valid() - the host's pfn_valid */
bool sim_pfn_valid(u64 pfn)
{
	enum sim_zone zone;

	return sim_zone_of(pfn, &zone);
}

/** sim_folio_head() - the first pfn of the folio around @pfn, and its @npages: 0 for no memory */
u64 sim_folio_head(u64 pfn, u64 *npages)
{
	enum sim_zone zone;

	*npages = 0;
	if (!sim_zone_of(pfn, &zone))
		return pfn;
	*npages = 1ULL << zones[zone].order;
	return pfn & ~(*npages - 1);
}

/** sim_folio_find() - the folio around @pfn if somebody holds it, else NULL */
struct sim_folio *sim_folio_find(u64 pfn)
{
	struct sim_span *span = sim_span_find(&sim_memory.folios, pfn, pfn);

	return span ? sim_container_of(span, struct sim_folio, span) : NULL;
}

/** sim_pinned_folio() - the folio around @pfn, which is recorded as pinned */
struct sim_folio *sim_pinned_folio(u64 pfn)
{
	struct sim_folio *folio = sim_folio_find(pfn);

	if (!folio || !folio->pins)
		sim_violation("pfn 0x%llx is recorded as pinned and is not", pfn);
	return folio;
}

/* The folio around @pfn, NULL where there is no memory. */
static struct sim_folio *folio_get(u64 pfn)
{
	struct sim_folio *folio = sim_folio_find(pfn);
	u64 npages;

	if (folio)
		return folio;
	pfn = sim_folio_head(pfn, &npages);
	if (!npages)
		return NULL;
	folio = calloc(1, sizeof(*folio));
	folio->span.first = pfn;
	folio->span.last = pfn + npages - 1;
	sim_span_add(&sim_memory.folios, &folio->span);
	return folio;
}

/** sim_folio_put() - a folio that nobody holds any more is free, and forgotten */
void sim_folio_put(struct sim_folio *folio)
{
	if (folio->pins || folio->mapped || folio->reached)
		return;
	sim_span_del(&sim_memory.folios, &folio->span);
	free(folio);
}

/** sim_folio_fresh() - the first pfn of a free folio */
u64 sim_folio_fresh(enum sim_zone zone)
{
	u64 npages = 1ULL << zones[zone].order, pfn;

	do
		pfn = zones[zone].first + sim_below(FRESH_FOLIOS) * npages;
	while (sim_folio_find(pfn));
	return pfn;
}

/** sim_folio_pages() - how many of the pages from @pfn on lie in its folio */
u64 sim_folio_pages(u64 pfn, u64 npages)
{
	u64 size, head = sim_folio_head(pfn, &size);

	return head + size - pfn < npages ? head + size - pfn : npages;
}

/** sim_count_mapped() - a process maps pages (@sign 1), or no longer does (-1) */
void sim_count_mapped(u64 pfn, u64 npages, int sign)
{
	struct sim_folio *folio;
	u64 part;

	for (; npages && (folio = folio_get(pfn)); pfn += part, npages -= part) {
		part = sim_folio_pages(pfn, npages);
		folio->mapped += sign * part;
		sim_folio_put(folio);
	}
}

/** sim_count_reached() - a device reaches pages (@sign 1), or no longer does (-1) */
void sim_count_reached(u64 pfn, u64 npages, int sign, bool write)
{
	struct sim_folio *folio;
	u64 part;

	for (; npages && (folio = folio_get(pfn)); pfn += part, npages -= part) {
		part = sim_folio_pages(pfn, npages);
		if (sign > 0 && sim_is_ram(pfn, 1) && !folio->pins)
			sim_violation("pfn 0x%llx is mapped and not pinned", pfn);
		folio->reached += sign * part;
		folio->written |= write;
		sim_folio_put(folio);
	}
}

/** sim_pin_page() - one more pin of the page's folio */
void sim_pin_page(u64 pfn, bool write)
{
	struct sim_folio *folio = folio_get(pfn);

	folio->pins++;
	folio->pinned_to_write |= write;
	sim_memory.pins++;
	if (sim_memory.pins > sim_memory.max_pins)
		sim_memory.max_pins = sim_memory.pins;
}

static void check_dirty(const struct sim_folio *folio, bool dirty)
{
	if (dirty && !folio->pinned_to_write)
		sim_violation("folio 0x%llx is marked dirty, nobody could write",
			      folio->span.first);
	if (folio->pins || !sim_is_ram(folio->span.first, 1))
		return;
	if (folio->reached)
		sim_violation("folio 0x%llx lost its last pin, a device reaches it",
			      folio->span.first);
	if (folio->written && !folio->dirtied)
		sim_violation("folio 0x%llx was written, not marked dirty", folio->span.first);
}

/** sim_unpin_page() - one pin less, which must be there */
void sim_unpin_page(u64 pfn, bool dirty)
{
	struct sim_folio *folio = sim_folio_find(pfn);

	if (!folio || !folio->pins)
		sim_violation("pfn 0x%llx is unpinned, nobody pinned it", pfn);
	folio->pins--;
	folio->dirtied |= dirty;
	sim_memory.pins--;
	check_dirty(folio, dirty);
	if (!folio->pins) {
		folio->pinned_to_write = false;
		folio->written = false;
		folio->dirtied = false;
	}
	sim_folio_put(folio);
}
