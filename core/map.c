// SPDX-License-Identifier: GPL-2.0
/*
 * Map one range: pin, charge, map into every domain.
 *
 * The mapping's record always holds exactly what is pinned for it, and its counters how far charging and
 * mapping have come. Whatever goes wrong, the way back is the same as an unmap's.
 *
 * Work goes in windows: a window of memory is pinned, then charged at once, then mapped. Windows double,
 * so that a caller at its limit has never pinned much more than it was charged for. The last extent may
 * still grow; it is mapped when it no longer can.
 */
#include "map.h"
#include "release.h"
#include "source.h"

#define WINDOW_PAGES_MIN	512ULL
#define WINDOW_PAGES_MAX	(1ULL << 15)

/* The user API's rules for MAP_DMA, in the order in which the in-tree driver applies them. */
static int check(struct stride_space *space, const struct stride_map_request *request)
{
	u64 mask = stride_space_page_size(space) - 1;
	u64 last = request->iova + request->size - 1;

	if (!request->size || (request->iova | request->vaddr | request->size) & mask)
		return -EINVAL;
	if (last < request->iova || request->vaddr + request->size - 1 < request->vaddr)
		return -EINVAL;
	if (stride_space_first(space, request->iova, last))
		return -EEXIST;
	if (!space->available)
		return -ENOSPC;
	if (!stride_ranges_contain(&space->valid, request->iova, last))
		return -EINVAL;
	return 0;
}

/* Enter freshly pinned extents into the record. */
static int keep(struct stride_space *space, struct stride_mapping *mapping, u32 n)
{
	const struct stride_extent *batch = space->batch;
	u32 kept = stride_record_append(space->host, &mapping->record, batch, n);

	mapping->pinned += stride_extents_pages(batch, kept);
	mapping->owed += stride_charged_pages(batch, kept);
	if (kept == n)
		return 0;
	space->host->unpin(batch + kept, n - kept, false);
	return -ENOMEM;
}

static int pin_window(struct stride_space *space, struct stride_mapping *mapping,
		      struct stride_source *source, u64 npages)
{
	u64 until = mapping->pinned + npages;
	int n, err;

	while (source->left && mapping->pinned < until) {
		err = space->host->relax();
		if (err)
			return err;
		n = stride_source_next(source, space->batch);
		if (n < 0)
			return n;
		err = keep(space, mapping, n);
		if (err)
			return err;
	}
	return 0;
}

static int charge_window(struct stride_space *space, struct stride_mapping *mapping)
{
	int err;

	if (!mapping->owed)
		return 0;
	err = space->host->charge(mapping, mapping->owed);
	if (err)
		return err;
	mapping->charged += mapping->owed;
	mapping->owed = 0;
	return 0;
}

/* Into every domain or none. The way back needs no sync of its own: release ends with one. */
static int map_extents(struct stride_space *space, struct stride_mapping *mapping,
		       const struct stride_extent *extents, u32 n)
{
	u64 bytes = stride_extents_pages(extents, n) << STRIDE_PAGE_SHIFT;
	u64 iova = mapping->iova + mapping->mapped;
	struct stride_domain *domain, *done;
	int err;

	for (domain = space->domains; domain; domain = domain->next) {
		err = space->host->map(domain, iova, extents, n, mapping->prot);
		if (err)
			goto clear;
	}
	mapping->mapped += bytes;
	return 0;

clear:
	for (done = space->domains; done != domain; done = done->next)
		if (!stride_clear_domain(space, done, iova, bytes))
			mapping->stuck = true;
	return err;
}

static int map_window(struct stride_space *space, struct stride_mapping *mapping,
		      struct stride_cursor *cursor, bool final)
{
	const struct stride_extent *extents;
	u32 n;
	int err;

	while ((extents = stride_record_slice(&mapping->record, cursor, &n))) {
		if (cursor->chunk == mapping->record.last && !final)
			n--;
		if (!n)
			break;
		err = map_extents(space, mapping, extents, n);
		if (err)
			return err;
		cursor->index += n;
		space->host->relax();
	}
	return 0;
}

/*
 * Pages are charged before an error about the pages after them is told: who asks for too much and for
 * what is not there hears of whichever comes first.
 */
static int populate(struct stride_space *space, struct stride_mapping *mapping,
		    struct stride_source *source)
{
	struct stride_cursor cursor = { 0 };
	u64 window = WINDOW_PAGES_MIN;
	int err, pin_err;

	while (source->left) {
		pin_err = pin_window(space, mapping, source, window);
		err = charge_window(space, mapping);
		if (!err)
			err = pin_err;
		if (!err)
			err = map_window(space, mapping, &cursor, !source->left);
		if (err)
			return err;
		if (window < WINDOW_PAGES_MAX)
			window *= 2;
	}
	return 0;
}

/**
 * stride_map() - pin a range of the caller's memory, or take its raw pfns, and map it into every domain
 * @space:	the container's
 * @request:	nothing in it has been checked, but @prot is not 0
 *
 * Return: 0; or a negative errno, and everything is as it was: -EINVAL, -EEXIST, -ENOSPC for the request
 * itself, -ENOMEM past the memory-lock limit, -EFAULT for memory that cannot be had, -EINTR if the
 * caller is being killed, or what pinning or mapping said.
 */
int stride_map(struct stride_space *space, const struct stride_map_request *request)
{
	struct stride_source source = {
		.space = space,
		.vaddr = request->vaddr,
		.left = request->size >> STRIDE_PAGE_SHIFT,
		.write = request->prot & STRIDE_WRITE,
		.leaves = request->leaves,
	};
	struct stride_mapping *mapping;
	int err;

	err = check(space, request);
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

	err = populate(space, mapping, &source);
	if (err)
		goto undo;
	space->host->index_add(space, mapping);
	return 0;

undo:
	stride_clear(space, mapping);
	stride_sync(space);
	stride_unpin(space, mapping);
	return err;
}
