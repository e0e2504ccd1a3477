/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Page tables, of the calling process.
 */
#ifndef SIM_TABLE_H
#define SIM_TABLE_H

#include "core/entries.h"
#include "memory.h"

/** enum sim_access - what a page-table entry lets the process do */
enum sim_access {
	SIM_RW,
	SIM_RO,		/* never to be written: a read-only file */
	SIM_COW,	/* a pin of any kind copies the page first */
	SIM_OWN,	/* not to be written now, but a pin to write just makes it writable */
	SIM_NONE,	/* PROT_NONE: mapped, but nobody may read or write it */
};

/** enum sim_kind - what the page table says of an address */
enum sim_kind {
	SIM_MEMORY,
	SIM_PFNMAP,
	SIM_UNTOUCHED,	/* the first pin of it brings in a page or, where one fits, a folio */
};

/**
 * struct sim_leaves - page-table leaves one after the other
 * @vaddr:	of the first, bytes
 * @count:	how many
 * @order:	of each: 0, STRIDE_PMD_ORDER or STRIDE_PUD_ORDER; if untouched, of what comes in
 * @pfn:	where the first one leads
 * @step:	from one leaf's pfn to the next one's; 0 maps one page again and again
 * @access:	of all
 * @kind:	of all
 */
struct sim_leaves {
	u64 vaddr;
	u64 count;
	u32 order;
	u64 pfn;
	long long step;
	enum sim_access access;
	enum sim_kind kind;
};

/**
 * struct sim_view - what the page table says of one page
 * @pfn:	of the page
 * @leaf_vpn:	where its leaf begins
 * @leaf_pfn:	where its leaf leads
 * @order:	of its leaf
 * @access:	of its leaf
 * @kind:	of its leaf
 */
struct sim_view {
	u64 pfn;
	u64 leaf_vpn;
	u64 leaf_pfn;
	u32 order;
	enum sim_access access;
	enum sim_kind kind;
};

/*
 * A page's entry as x86 encodes it: the pfn inverted unless the entry is present for the processor.
 */
#define SIM_ENTRY_PRESENT	(1ULL << 0)
#define SIM_ENTRY_WRITABLE	(1ULL << 1)
#define SIM_ENTRY_USED		(3ULL << 5)	/* accessed and dirty, which the processor sets */
#define SIM_ENTRY_NONE		(1ULL << 8)	/* present for the process alone */
#define SIM_ENTRY_PFN		((SIM_PFN_END - 1) << STRIDE_PAGE_SHIFT)

void sim_set_leaves(struct sim_leaves leaves);
void sim_zap(u64 vaddr, u64 npages);
void sim_split(u64 vaddr, u64 npages);
bool sim_lookup(u64 vaddr, struct sim_view *view);
u64 sim_entry(const struct sim_view *view);
struct stride_entry sim_entry_decode(u64 entry);

#endif
