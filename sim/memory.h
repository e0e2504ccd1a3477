/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Physical memory: zones of folios of one order each. Other pfns have no memory behind them.
 */
#ifndef SIM_MEMORY_H
#define SIM_MEMORY_H

#include "span.h"

enum sim_zone {
	SIM_RESERVED,
	SIM_ZERO,
	SIM_SMALL,
	SIM_MIDDLE,
	SIM_HUGE,
	SIM_GIANT,
	SIM_ZONES,
};

/* A large BAR's first pfn, and where pfns end. */
#define SIM_BAR_PFN	(1ULL << 36)
#define SIM_PFN_END	(1ULL << 40)

/**
 * struct sim_folio - a folio that somebody holds
 * @span:	its pfns
 * @pins:	pins held
 * @mapped:	pages that processes' page tables map
 * @reached:	pages that domains and IOTLBs translate to, each counted for each time
 * @leaked:	pins that are never to be dropped: an IOMMU refused to let go
 * @expected:	pins that all records and holds together account for; sim_check() only
 * @pinned_to_write: one of the pins was for writing
 * @written:	a device could write
 * @dirtied:	an unpin marked it dirty
 */
struct sim_folio {
	struct sim_span span;
	u64 pins;
	u64 mapped;
	u64 reached;
	u64 leaked;
	u64 expected;
	bool pinned_to_write;
	bool written;
	bool dirtied;
};

/**
 * struct sim_memory - all memory
 * @folios:	that somebody holds, by pfn
 * @pins:	of all of them
 * @max_pins:	the most that there ever were
 */
struct sim_memory {
	struct sim_spans folios;
	u64 pins;
	u64 max_pins;
};

extern struct sim_memory sim_memory;

u64 sim_zone_pfn(enum sim_zone zone);
bool sim_zone_of(u64 pfn, enum sim_zone *zone);
bool sim_is_ram(u64 pfn, u64 npages);
bool sim_pfn_valid(u64 pfn);
u64 sim_folio_head(u64 pfn, u64 *npages);
u64 sim_folio_fresh(enum sim_zone zone);
struct sim_folio *sim_folio_find(u64 pfn);
struct sim_folio *sim_pinned_folio(u64 pfn);
u64 sim_folio_pages(u64 pfn, u64 npages);
void sim_folio_put(struct sim_folio *folio);
void sim_count_mapped(u64 pfn, u64 npages, int sign);
void sim_count_reached(u64 pfn, u64 npages, int sign, bool write);
void sim_pin_page(u64 pfn, bool write);
void sim_unpin_page(u64 pfn, bool dirty);

#endif
