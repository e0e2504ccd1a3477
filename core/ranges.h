/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which IOVAs may be mapped.
 */
#ifndef STRIDE_RANGES_H
#define STRIDE_RANGES_H

#include "host.h"

/** struct stride_range - IOVAs from @first to @last, both of them included */
struct stride_range {
	u64 first;
	u64 last;
};

/** struct stride_ranges - disjoint ranges in order; none at all means that every IOVA is valid */
struct stride_ranges {
	struct stride_range *ranges;
	u32 count;
};

int stride_ranges_init(const struct stride_host *host, struct stride_ranges *valid, u64 first,
		       u64 last);
int stride_ranges_exclude(const struct stride_host *host, struct stride_ranges *valid, u64 first,
			  u64 last);
bool stride_ranges_contain(const struct stride_ranges *valid, u64 first, u64 last);
void stride_ranges_free(const struct stride_host *host, struct stride_ranges *valid);

#endif
