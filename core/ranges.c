// SPDX-License-Identifier: GPL-2.0
/*
 * Which IOVAs may be mapped: what every domain's aperture spans, less what any group's device has
 * reserved. The list is made afresh whenever a group comes or goes, and is a handful of ranges
 * long.
 */
#include "ranges.h"

/**
 * stride_ranges_init() - start with one range
 * @host:	gives the memory
 * @valid:	must be empty
 * @first:	lowest IOVA
 * @last:	highest IOVA
 *
 * Return: 0; -EINVAL if that is no range; -ENOMEM.
 */
int stride_ranges_init(const struct stride_host *host, struct stride_ranges *valid, u64 first,
		       u64 last)
{
	if (first > last)
		return -EINVAL;
	valid->ranges = host->alloc(sizeof(valid->ranges[0]));
	if (!valid->ranges)
		return -ENOMEM;
	valid->ranges[0] = (struct stride_range){ first, last };
	valid->count = 1;
	return 0;
}

/* What is left of @range on either side of [first, last]; returns how many pieces that is. */
static u32 cut_range(struct stride_range range, u64 first, u64 last, struct stride_range *out)
{
	u32 n = 0;

	if (range.first > last || range.last < first) {
		out[n++] = range;
		return n;
	}
	if (range.first < first)
		out[n++] = (struct stride_range){ range.first, first - 1 };
	if (range.last > last)
		out[n++] = (struct stride_range){ last + 1, range.last };
	return n;
}

/**
 * stride_ranges_exclude() - take [first, last] out of the valid IOVAs
 * @host:	gives the memory
 * @valid:	not empty
 * @first:	lowest IOVA that is not valid
 * @last:	highest of them
 *
 * Return: 0; -ENOMEM, and nothing has changed; -EINVAL if nothing would be left, and nothing has
 * changed.
 */
int stride_ranges_exclude(const struct stride_host *host, struct stride_ranges *valid, u64 first,
			  u64 last)
{
	struct stride_range *left;
	u32 i, n = 0;

	left = host->alloc((valid->count + 1) * sizeof(left[0]));
	if (!left)
		return -ENOMEM;
	for (i = 0; i < valid->count; i++)
		n += cut_range(valid->ranges[i], first, last, left + n);
	if (!n) {
		host->free(left);
		return -EINVAL;
	}
	host->free(valid->ranges);
	valid->ranges = left;
	valid->count = n;
	return 0;
}

/** stride_ranges_contain() - may all of [first, last] be mapped? Without ranges, anything may. */
bool stride_ranges_contain(const struct stride_ranges *valid, u64 first, u64 last)
{
	u32 i;

	for (i = 0; i < valid->count; i++)
		if (first >= valid->ranges[i].first && last <= valid->ranges[i].last)
			return true;
	return !valid->count;
}

/** stride_ranges_free() - forget all ranges */
void stride_ranges_free(const struct stride_host *host, struct stride_ranges *valid)
{
	host->free(valid->ranges);
	valid->ranges = NULL;
	valid->count = 0;
}
