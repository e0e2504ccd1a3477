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
 * @small_until: below this address pages are pinned one by one
 * @skip:	pages to be pinned so after the next look in vain; 0: as far as a leaf could begin
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
	u64 skip;
};

int stride_source_next(struct stride_source *source, struct stride_extent *out);

#endif
