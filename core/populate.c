// SPDX-License-Identifier: GPL-2.0
/*
 * The one way by which pins and translations come: pin, charge, map into every domain.
 *
 * The mapping's record always holds exactly what is pinned for it, and its counters how far
 * charging and mapping have come. Whatever goes wrong, the way back is the same as an unmap's.
 *
 * Work goes in windows: a window of memory is pinned, then charged at once, then mapped. Windows
 * double, as far as the owner's limit has room, so that no more than one batch, or one leaf, is
 * ever pinned beyond it. Nor is more than that faulted in, though the host may do so far ahead of
 * the pins. The last extent may still grow; it is mapped when it no longer can.
 */
#include "populate.h"
#include "release.h"
#include "source.h"

#define WINDOW_PAGES_MIN	512ULL
#define WINDOW_PAGES_MAX	(1ULL << 15)

/* Enter freshly pinned extents into the record. */
static int record_batch(struct stride_space *space, struct stride_mapping *mapping, u32 n)
{
	const struct stride_extent *batch = space->batch;
	u32 kept = stride_record_append(space->host, &mapping->record, batch, n);

	mapping->chargeable += stride_charged_pages(batch, kept);
	if (kept == n)
		return 0;
	space->host->unpin(batch + kept, n - kept, false);
	return -ENOMEM;
}

/*
 * What costs nothing may be pinned at the limit, too, and what cannot be pinned has an error of its
 * own: so at least one batch is tried.
 */
static int pin_window(struct stride_space *space, struct stride_mapping *mapping,
		      struct stride_source *source, u64 npages)
{
	u64 until = source->left > npages ? source->left - npages : 0;
	int n, err;

	do {
		space->host->resched();
		if (space->host->killed())
			return -EINTR;
		n = stride_source_next(source, space->batch);
		if (n < 0)
			return n;
		err = record_batch(space, mapping, n);
		if (err)
			return err;
	} while (source->left > until);
	return 0;
}

/* One batch, and so all of a small mapping, need not ask for room. */
static u64 room_for(struct stride_space *space, const struct stride_mapping *mapping,
		    const struct stride_source *source)
{
	if (source->left <= STRIDE_BATCH)
		return source->left;
	return space->host->charge_room(mapping);
}

/* What drivers hold is charged already. */
static int charge_window(struct stride_space *space, struct stride_mapping *mapping)
{
	int err;

	if (mapping->chargeable <= mapping->charged)
		return 0;
	err = space->host->charge(mapping, mapping->chargeable - mapping->charged);
	if (!err)
		mapping->charged = mapping->chargeable;
	return err;
}

/* Into every domain or none. The way back needs no sync of its own: release ends with one. */
static int map_extents(struct stride_space *space, struct stride_mapping *mapping,
		       const struct stride_extent *extents, u32 n)
{
	u64 bytes = stride_extents_pages(extents, n) << STRIDE_PAGE_SHIFT;
	u64 iova = mapping->iova + mapping->mapped;
	struct stride_domain *domain, *done;
	bool left = false;
	int err;

	for (domain = space->domains; domain; domain = domain->next) {
		err = space->host->map(domain, iova, extents, n, mapping->prot, &left);
		if (err)
			goto clear;
	}
	mapping->mapped += bytes;
	return 0;

clear:
	if (left)
		mapping->unmap_failed = true;
	for (done = space->domains; done != domain; done = done->next)
		if (!stride_clear_domain(space, done, iova, bytes))
			mapping->unmap_failed = true;
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
		if (cursor->chunk != &mapping->record.first)
			space->host->resched();
		err = map_extents(space, mapping, extents, n);
		if (err)
			return err;
		cursor->index += n;
	}
	return 0;
}

/**
 * stride_populate() - pin a mapping's memory, or take its raw pfns, and map it into every domain
 * @space:	the mapping's, with at least one domain
 * @mapping:	not populated
 *
 * What was pinned is charged before a pin error is returned, so that a caller past RLIMIT_MEMLOCK
 * before the bad page gets -ENOMEM, as from the in-tree driver.
 *
 * Return: 0; or a negative errno, and the mapping is to be cleared, synced and depopulated.
 */
int stride_populate(struct stride_space *space, struct stride_mapping *mapping)
{
	struct stride_source source = {
		.space = space,
		.mapping = mapping,
		.vaddr = mapping->vaddr,
		.left = (mapping->last - mapping->iova + 1) >> STRIDE_PAGE_SHIFT,
		.leaves = space->leaf_pins,
	};
	struct stride_cursor cursor = { 0 };
	u64 window = WINDOW_PAGES_MIN;
	int err, pin_err;

	while (source.left) {
		source.ahead = room_for(space, mapping, &source);
		pin_err = pin_window(space, mapping, &source,
				     source.ahead < window ? source.ahead : window);
		err = charge_window(space, mapping);
		if (!err)
			err = pin_err;
		if (!err)
			err = map_window(space, mapping, &cursor, !source.left);
		if (err)
			return err;
		if (window < WINDOW_PAGES_MAX)
			window *= 2;
	}
	mapping->populated = true;
	return 0;
}
