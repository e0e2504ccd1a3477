/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pin pipeline: extents out of a user address range.
 */
#ifndef STRIDE_SOURCE_H
#define STRIDE_SOURCE_H

#include "space.h"

/**
 * struct stride_source - how far a user range has been pinned
 * @space:	the mapping's
 * @mapping:	whose owner's memory it is
 * @vaddr:	the next address, bytes
 * @left:	pages still to come
 * @ahead:	pages from @vaddr on that may be faulted in before they are pinned: no more than the
 *		limit has room for; moves on as @left does
 * @leaves:	try for one pin per leaf
 * @pfnmap:	the last extents came from a raw pfn mapping
 * @small_until: below this address the page table has no leaf that one pin could hold
 */
struct stride_source {
	struct stride_space *space;
	struct stride_mapping *mapping;
	u64 vaddr;
	u64 left;
	u64 ahead;
	bool leaves;
	bool pfnmap;
	u64 small_until;
};

int stride_source_next(struct stride_source *source, struct stride_extent *out);

#endif
