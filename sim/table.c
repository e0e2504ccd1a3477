// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables, of the calling process: runs of leaves of one order whose pfns follow each other at
 * one step. A TiB of scattered huge pages is one run. Changing part of a leaf first splits it into
 * pages, as a kernel does.
 */
#include <stdlib.h>
#include "process.h"
#include "run.h"
#include "table.h"

/* The span is in vpns; the leaves' own vaddr is not used. */
struct run {
	struct sim_span span;
	struct sim_leaves leaves;
};

static u64 leaf_pages(const struct sim_leaves *leaves)
{
	return leaves->kind == SIM_UNTOUCHED ? 1 : 1ULL << leaves->order;
}

static struct run *find_run(u64 first, u64 last)
{
	struct sim_span *span = sim_span_find(&sim_self->leaves, first, last);

	return span ? sim_container_of(span, struct run, span) : NULL;
}

static void add_run(u64 vpn, struct sim_leaves leaves)
{
	struct run *run = calloc(1, sizeof(*run));

	run->leaves = leaves;
	run->span.first = vpn;
	run->span.last = vpn + leaves.count * leaf_pages(&leaves) - 1;
	sim_span_add(&sim_self->leaves, &run->span);
}

static void count_mapped(const struct sim_leaves *leaves, int sign)
{
	u64 i;

	if (leaves->kind == SIM_MEMORY)
		for (i = 0; i < leaves->count; i++)
			sim_count_mapped(leaves->pfn + i * leaves->step, leaf_pages(leaves), sign);
}

static void remove_run(struct run *run)
{
	sim_span_del(&sim_self->leaves, &run->span);
	free(run);
}

/* The same leaves without the first @skip, and no more than @count. */
static struct sim_leaves part_of(struct sim_leaves leaves, u64 skip, u64 count)
{
	leaves.pfn += skip * leaves.step;
	leaves.count = count;
	return leaves;
}

/* Map leaf number @i page by page. */
static void split_leaf(struct run *run, u64 i)
{
	struct sim_leaves leaves = run->leaves, pages;
	u64 first = run->span.first, npages = leaf_pages(&leaves);

	pages = part_of(leaves, i, npages);
	pages.order = 0;
	pages.step = 1;
	remove_run(run);
	add_run(first + i * npages, pages);
	if (i)
		add_run(first, part_of(leaves, 0, i));
	if (i + 1 < leaves.count)
		add_run(first + (i + 1) * npages, part_of(leaves, i + 1, leaves.count - i - 1));
}

/* Let no run go across @vpn. */
static void split_run(u64 vpn)
{
	struct run *run = find_run(vpn, vpn);
	struct sim_leaves leaves;
	u64 first, i;

	if (!run || run->span.first == vpn)
		return;
	leaves = run->leaves;
	first = run->span.first;
	i = (vpn - first) / leaf_pages(&leaves);
	if ((vpn - first) % leaf_pages(&leaves)) {
		split_leaf(run, i);
		split_run(vpn);
		return;
	}
	remove_run(run);
	add_run(first, part_of(leaves, 0, i));
	add_run(vpn, part_of(leaves, i, leaves.count - i));
}

/** sim_zap() - nothing is mapped there any more */
void sim_zap(u64 vaddr, u64 npages)
{
	u64 first = vaddr >> STRIDE_PAGE_SHIFT, last = first + npages - 1;
	struct run *run;

	split_run(first);
	split_run(last + 1);
	while ((run = find_run(first, last))) {
		count_mapped(&run->leaves, -1);
		remove_run(run);
	}
}

/** sim_set_leaves() - map leaves, instead of whatever was there */
void sim_set_leaves(struct sim_leaves leaves)
{
	u64 npages = leaf_pages(&leaves);
	u64 vpn = leaves.vaddr >> STRIDE_PAGE_SHIFT;

	if ((vpn | leaves.pfn | leaves.step) & (npages - 1))
		sim_violation("a leaf at 0x%llx is not aligned", leaves.vaddr);
	sim_zap(leaves.vaddr, leaves.count * npages);
	count_mapped(&leaves, 1);
	add_run(vpn, leaves);
}

/** sim_split() - whatever is mapped there is mapped page by page */
void sim_split(u64 vaddr, u64 npages)
{
	u64 vpn = vaddr >> STRIDE_PAGE_SHIFT, last = vpn + npages - 1;
	struct run *run;

	while (vpn <= last && (run = find_run(vpn, last))) {
		if (vpn < run->span.first)
			vpn = run->span.first;
		if (leaf_pages(&run->leaves) > 1) {
			split_leaf(run, (vpn - run->span.first) / leaf_pages(&run->leaves));
			run = find_run(vpn, vpn);
		}
		vpn = run->span.last + 1;
	}
}

/** sim_lookup() - what the table says of an address; false if nothing is there */
bool sim_lookup(u64 vaddr, struct sim_view *view)
{
	u64 vpn = vaddr >> STRIDE_PAGE_SHIFT;
	struct run *run = find_run(vpn, vpn);
	u64 i, npages;

	if (!run)
		return false;
	npages = leaf_pages(&run->leaves);
	i = (vpn - run->span.first) / npages;
	view->leaf_vpn = run->span.first + i * npages;
	view->leaf_pfn = run->leaves.pfn + i * run->leaves.step;
	view->pfn = view->leaf_pfn + (vpn - view->leaf_vpn);
	view->order = run->leaves.order;
	view->access = run->leaves.access;
	view->kind = run->leaves.kind;
	return true;
}

/** sim_entry() - the table's entry of a page that is not part of a larger leaf, used or not */
u64 sim_entry(const struct sim_view *view)
{
	u64 pfn = view->pfn << STRIDE_PAGE_SHIFT;
	u64 flags = view->access == SIM_RW ? SIM_ENTRY_WRITABLE : 0;

	if (view->access == SIM_NONE)
		return SIM_ENTRY_NONE | (~pfn & SIM_ENTRY_PFN);
	return SIM_ENTRY_PRESENT | flags | (view->pfn << 5 & SIM_ENTRY_USED) | pfn;
}

/** sim_entry_decode() - what an entry says */
struct stride_entry sim_entry_decode(u64 entry)
{
	u64 pfn = entry & SIM_ENTRY_PRESENT ? entry : ~entry;

	return (struct stride_entry){
		.pfn = (pfn & SIM_ENTRY_PFN) >> STRIDE_PAGE_SHIFT,
		.flags = entry & ~(SIM_ENTRY_PFN | SIM_ENTRY_USED),
		.present = entry & (SIM_ENTRY_PRESENT | SIM_ENTRY_NONE),
		.writable = entry & SIM_ENTRY_WRITABLE,
	};
}
