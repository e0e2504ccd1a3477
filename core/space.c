// SPDX-License-Identifier: GPL-2.0
/*
 * A container's mappings, in the order of their IOVAs. The tree under them is the host's.
 */
#include "space.h"

/**
 * stride_space_init() - an empty space without domains
 * @space:	zeroed
 * @host:	the host's functions
 * @options:	constant from now on
 *
 * Return: 0 or -ENOMEM.
 */
int stride_space_init(struct stride_space *space, const struct stride_host *host,
		      struct stride_space_options options)
{
	space->batch = host->alloc(STRIDE_BATCH * sizeof(space->batch[0]));
	if (!space->batch)
		return -ENOMEM;
	space->host = host;
	space->v2 = options.v2;
	space->leaf_pins = options.leaf_pins;
	space->available = options.max_mappings;
	space->page_sizes = ~(STRIDE_PAGE_SIZE - 1);
	return 0;
}

/** stride_space_fini() - the end of a space that has neither mappings nor domains */
void stride_space_fini(struct stride_space *space)
{
	stride_ranges_free(space->host, &space->valid);
	space->host->free(space->batch);
}

/** stride_space_first() - the lowest mapping that touches [first, last], or NULL */
struct stride_mapping *stride_space_first(struct stride_space *space, u64 first, u64 last)
{
	return space->host->index_find(space, first, last);
}

/** stride_space_next() - the lowest one above @mapping that touches an IOVA up to @last, or NULL */
struct stride_mapping *stride_space_next(struct stride_space *space,
					 const struct stride_mapping *mapping, u64 last)
{
	if (mapping->last >= last)
		return NULL;
	return space->host->index_find(space, mapping->last + 1, last);
}

/** stride_space_fits() - would every mapping still be valid if just these IOVAs were? */
bool stride_space_fits(struct stride_space *space, const struct stride_ranges *valid)
{
	struct stride_mapping *m;

	stride_for_each_mapping(m, space, 0, ~0ULL)
		if (!stride_ranges_contain(valid, m->iova, m->last))
			return false;
	return true;
}

/**
 * stride_space_bisects() - does [first, last] cut a mapping in two at either end?
 * @space:	the container's
 * @lowest:	the lowest mapping that touches it, or NULL. Mostly it is all that is there, and
 *		then needs no other look.
 * @first:	first IOVA
 * @last:	last IOVA
 */
bool stride_space_bisects(struct stride_space *space, const struct stride_mapping *lowest,
			  u64 first, u64 last)
{
	const struct stride_mapping *highest = lowest;

	if (lowest && lowest->last < last)
		highest = stride_space_first(space, last, last);
	return (lowest && lowest->iova < first) || (highest && highest->last > last);
}
