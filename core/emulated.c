// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated devices: what their drivers do to memory in the devices' place. A driver holds single
 * pages by their IOVAs, each with a pin of its own, or has bytes copied.
 *
 * A page costs its owner locked memory once, whoever needs it: all pages of a populated mapping are
 * charged with it, and those of another one as long as they are held.
 */
#include "dirty.h"
#include "stride.h"
#include "release.h"
#include "source.h"

/* One page into @page, pinned and, where nothing else needs it, charged. */
static int pin_page(struct stride_space *space, struct stride_mapping *mapping, u64 iova,
		    struct stride_extent *page)
{
	const struct stride_host *host = space->host;
	struct stride_source source = {
		.space = space,
		.mapping = mapping,
		.vaddr = mapping->vaddr + (iova - mapping->iova),
		.left = 1,
	};
	u64 cost;
	int err;

	err = stride_source_next(&source, space->batch);
	if (err < 0)
		return err;
	*page = space->batch[0];
	cost = mapping->populated ? 0 : stride_charged_pages(page, 1);
	err = host->pfn_valid(page->pfn) ? 0 : -EINVAL;
	if (!err && cost)
		err = host->charge(mapping, cost);
	if (err)
		host->unpin(page, 1, false);
	else
		mapping->charged += cost;
	return err;
}

static int hold_new(struct stride_space *space, struct stride_mapping *mapping, u64 iova,
		    struct stride_hold **out)
{
	struct stride_hold *hold = space->host->hold_add(space, iova);
	int err;

	if (!hold)
		return -ENOMEM;
	hold->count = 1;
	err = pin_page(space, mapping, iova, &hold->page);
	if (err) {
		space->host->hold_del(space, hold);
		return err;
	}
	mapping->held += stride_charged_pages(&hold->page, 1);
	if (space->tracking)
		stride_dirty_mark(space, mapping, iova, iova);
	*out = hold;
	return 0;
}

static bool is_being_unmapped(const struct stride_space *space, u64 iova)
{
	const struct stride_unmapping *range;

	for (range = space->unmappings; range; range = range->next)
		if (iova >= range->first && iova <= range->last)
			return true;
	return false;
}

static int hold_page(struct stride_space *space, u64 iova, u32 prot, u64 *pfn)
{
	struct stride_mapping *mapping = stride_space_first(space, iova, iova);
	struct stride_hold *hold;
	int err;

	if (!mapping || is_being_unmapped(space, iova))
		return -EINVAL;
	if (prot & ~mapping->prot)
		return -EPERM;
	hold = space->host->hold_find(space, iova, iova);
	if (hold) {
		hold->count++;
	} else {
		err = hold_new(space, mapping, iova, &hold);
		if (err)
			return err;
	}
	*pfn = hold->page.pfn;
	return 0;
}

static u64 page_at(u64 iova)
{
	return iova & ~(STRIDE_PAGE_SIZE - 1);
}

/* Page @i from @first on; false if IOVAs end before it. */
static bool nth_page(u64 first, u32 i, u64 *page)
{
	*page = first + ((u64)i << STRIDE_PAGE_SHIFT);
	return *page >= first;
}

/**
 * stride_hold() - pin single pages for the driver of an emulated device
 * @space:	the container's
 * @iova:	in the first page
 * @npages:	how many
 * @prot:	what the driver will do: STRIDE_READ, STRIDE_WRITE
 * @pfns:	where they are; room for @npages
 *
 * A page can be held several times. It stays pinned until stride_unhold() was called as often.
 *
 * Return: 0; or a negative errno, and nothing is held: -EACCES if not TYPE1v2, -EBUSY while a user
 * address is gone, -EINVAL without a driver that can be asked to let go, or where there is no
 * mapping, one that is about to go, or no page, -EPERM for more than the user allowed, -ENOMEM past
 * the memory-lock limit, -ENODEV if the owner is gone, or what pinning said.
 */
int stride_hold(struct stride_space *space, u64 iova, u32 npages, u32 prot, u64 *pfns)
{
	u64 first = page_at(iova), page;
	u32 i;
	int err;

	if (!space->v2)
		return -EACCES;
	if (space->vaddr_invalid_count)
		return -EBUSY;
	if (!space->dma_unmap_devices || !npages)
		return -EINVAL;
	for (i = 0; i < npages; i++) {
		err = nth_page(first, i, &page) ? hold_page(space, page, prot, &pfns[i]) : -EINVAL;
		if (err)
			goto undo;
	}
	return 0;

undo:
	stride_unhold(space, iova, i);
	return err;
}

/**
 * stride_unhold() - let go of pages that stride_hold() gave
 * @space:	the container's
 * @iova:	in the first page
 * @npages:	how many. A page that is mapped but not held is passed over.
 *
 * Return: how many of them are mapped, up to the first one that is not.
 */
u32 stride_unhold(struct stride_space *space, u64 iova, u32 npages)
{
	u64 first = page_at(iova), page;
	struct stride_mapping *mapping;
	struct stride_hold *hold;
	u32 i;

	for (i = 0; i < npages && nth_page(first, i, &page); i++) {
		mapping = stride_space_first(space, page, page);
		if (!mapping)
			break;
		hold = space->host->hold_find(space, page, page);
		if (hold && !--hold->count)
			stride_drop_hold(space, mapping, hold);
	}
	return i;
}

/* Up to @bytes of one mapping; returns how many. */
static long access_mapping(struct stride_space *space, u64 iova, void *buffer, u64 bytes,
			   bool write)
{
	struct stride_mapping *mapping = stride_space_first(space, iova, iova);
	u64 offset, left;
	long done;

	if (!mapping)
		return -EINVAL;
	if (!(mapping->prot & STRIDE_READ) || (write && !(mapping->prot & STRIDE_WRITE)))
		return -EPERM;
	offset = iova - mapping->iova;
	left = mapping->last - iova;
	if (bytes - 1 > left)
		bytes = left + 1;
	done = space->host->access(mapping, mapping->vaddr + offset, buffer, bytes, write);
	if (done > 0 && write && space->tracking)
		stride_dirty_mark(space, mapping, iova, iova + done - 1);
	return done >= 0 && (u64)done < bytes ? -EFAULT : done;
}

/**
 * stride_access() - read or write memory for the driver of an emulated device
 * @space:	the container's
 * @iova:	where, bytes
 * @buffer:	the driver's
 * @bytes:	how many
 * @write:	from the buffer to memory
 *
 * Return: 0; or a negative errno, and some of it may be done: -EBUSY while a user address is gone,
 * -EINVAL where nothing is mapped, -EPERM if it must not be read, or written, or the owner is gone;
 * -EFAULT.
 */
int stride_access(struct stride_space *space, u64 iova, void *buffer, u64 bytes, bool write)
{
	long done;
	u64 last;

	if (space->vaddr_invalid_count)
		return -EBUSY;
	if (bytes && !stride_last(iova, bytes, &last))
		return -EINVAL;
	while (bytes) {
		done = access_mapping(space, iova, buffer, bytes, write);
		if (done < 0)
			return done;
		iova += done;
		buffer = (char *)buffer + done;
		bytes -= done;
	}
	return 0;
}
