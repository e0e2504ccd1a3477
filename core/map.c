// SPDX-License-Identifier: GPL-2.0
/*
 * Map one range, or give a mapping that lost its user address a new one.
 *
 * Without a domain nothing is pinned: a mapping is populated when the first domain joins.
 */
#include "dirty.h"
#include "stride.h"
#include "populate.h"
#include "release.h"

/* The user API's rules for MAP_DMA, in the order in which the in-tree driver applies them. */
static int check_request(struct stride_space *space, const struct stride_map_request *request)
{
	u64 mask = stride_space_page_size(space) - 1, last;

	if ((request->iova | request->vaddr | request->size) & mask)
		return -EINVAL;
	if (!stride_last(request->iova, request->size, &last) ||
	    !stride_last(request->vaddr, request->size, &last))
		return -EINVAL;
	return 0;
}

static int check_new(struct stride_space *space, const struct stride_map_request *request)
{
	u64 last = request->iova + request->size - 1;

	if (stride_space_first(space, request->iova, last))
		return -EEXIST;
	if (!space->available)
		return -ENOSPC;
	if (!stride_ranges_contain(&space->valid, request->iova, last))
		return -EINVAL;
	return 0;
}

static int map_new(struct stride_space *space, const struct stride_map_request *request)
{
	struct stride_mapping *mapping;
	int err;

	err = check_new(space, request);
	if (err)
		return err;
	mapping = space->host->mapping_new(space);
	if (!mapping)
		return -ENOMEM;
	mapping->iova = request->iova;
	mapping->last = request->iova + request->size - 1;
	mapping->vaddr = request->vaddr;
	mapping->prot = request->prot;
	space->available--;

	if (space->domains)
		err = stride_populate(space, mapping);
	if (!err && space->tracking && !stride_dirty_fits(space, request->size))
		err = -EINVAL;
	if (err)
		goto undo;
	space->host->index_add(space, mapping);
	return 0;

undo:
	stride_clear(space, mapping);
	stride_sync(space);
	stride_drop_mapping(space, mapping);
	return err;
}

/*
 * Nothing but the address changes: the memory behind it must be the same, which is the user's to
 * see to.
 */
static int map_vaddr(struct stride_space *space, const struct stride_map_request *request)
{
	u64 last = request->iova + request->size - 1;
	struct stride_mapping *mapping = stride_space_first(space, request->iova, last);
	int err;

	if (!mapping)
		return -ENOENT;
	if (!mapping->vaddr_invalid || mapping->iova != request->iova || mapping->last != last)
		return -EINVAL;
	err = space->host->change_owner(mapping);
	if (err)
		return err;
	mapping->vaddr = request->vaddr;
	mapping->vaddr_invalid = false;
	space->vaddr_invalid_count--;
	return 0;
}

/**
 * stride_map() - pin a range of the caller's memory, or take its raw pfns, and map it into every
 * domain
 * @space:	the container's
 * @request:	nothing in it has been checked
 *
 * Return: 0; or a negative errno, and everything is as it was: -EINVAL, -EEXIST, -ENOSPC, -ENOENT
 * for the request itself, -ENOMEM past the memory-lock limit, -EFAULT for memory that cannot be
 * had, -EINTR if the caller is being killed, or what pinning or mapping said.
 */
int stride_map(struct stride_space *space, const struct stride_map_request *request)
{
	int err;

	err = check_request(space, request);
	if (err)
		return err;
	if (!request->prot)
		return map_vaddr(space, request);
	return map_new(space, request);
}
