// SPDX-License-Identifier: GPL-2.0
/*
 * Unmap: clear whatever the range holds in every domain, sync each domain once, then unpin.
 *
 * Before that, drivers of emulated devices are asked to let go of what they hold there.
 */
#include "dirty.h"
#include "stride.h"
#include "release.h"

/*
 * Times that drivers are asked for the same mapping: as often as the in-tree driver does before it
 * gives up.
 */
#define NOTIFIES_MAX	11

/* The user API's rules for UNMAP_DMA's arguments. */
static int check_request(struct stride_space *space, const struct stride_unmap_request *request)
{
	u64 mask = stride_space_page_size(space) - 1, last;

	if (request->vaddr_only && space->emulated)
		return -EBUSY;
	if (request->all)
		return request->iova || request->size ? -EINVAL : 0;
	if ((request->iova | request->size) & mask ||
	    !stride_last(request->iova, request->size, &last))
		return -EINVAL;
	if (request->dirty && stride_dirty_check(space, request->size, request->dirty))
		return -EINVAL;
	return 0;
}

static u64 last_of(const struct stride_unmap_request *request)
{
	return request->all ? ~0ULL : request->iova + request->size - 1;
}

/*
 * Check the request, and find the first mapping to go, or NULL. Where the range begins within a
 * mapping, TYPE1 unmaps nothing at all.
 */
static int find_first(struct stride_space *space, const struct stride_unmap_request *request,
		      struct stride_mapping **first)
{
	u64 last = last_of(request);
	struct stride_mapping *m;
	int err;

	err = check_request(space, request);
	if (err)
		return err;
	m = stride_space_first(space, request->iova, last);
	if (space->v2 && stride_space_bisects(space, m, request->iova, last))
		return -EINVAL;
	*first = m && m->iova >= request->iova ? m : NULL;
	return 0;
}

/*
 * A driver that has closed its devices and still holds pages has forgotten them: they go with their
 * mapping.
 */
static bool can_notify(const struct stride_space *space)
{
	return space->dma_unmap_devices;
}

/* Ask until no driver holds anything in the range; each time all is checked and found anew. */
static int notify_drivers(struct stride_space *space, const struct stride_unmap_request *request,
			  struct stride_mapping **first)
{
	const struct stride_host *host = space->host;
	u64 last = last_of(request);
	struct stride_mapping *mapping;
	struct stride_hold *hold;
	u64 asked_for = 0;
	u32 asked = 0;
	int err = 0;

	while (!err && can_notify(space) &&
	       (hold = host->hold_find(space, request->iova, last))) {
		mapping = stride_space_first(space, hold->iova, hold->iova);
		if (mapping->iova != asked_for)
			asked = 0;
		if (asked++ == NOTIFIES_MAX)
			return -EBUSY;
		asked_for = mapping->iova;
		host->notify_dma_unmap(space, mapping->iova, mapping->last - mapping->iova + 1);
		host->resched();
		err = host->killed() ? -EINTR : find_first(space, request, first);
	}
	return err;
}

static void remove_unmapping(struct stride_space *space, struct stride_unmapping *unmapping)
{
	struct stride_unmapping **link = &space->unmappings;

	while (*link != unmapping)
		link = &(*link)->next;
	*link = unmapping->next;
}

/*
 * Have drivers let go of all that they hold in the range. Each time that they are asked the space
 * is not locked, so that everything may have changed; and a driver that pinned again what it let go
 * would keep us here for ever, so that none may, until no unmap of that page is under way.
 */
static int revoke_holds(struct stride_space *space, const struct stride_unmap_request *request,
			struct stride_mapping **first)
{
	struct stride_unmapping unmapping = {
		.first = request->iova,
		.last = last_of(request),
		.next = space->unmappings,
	};
	int err;

	space->unmappings = &unmapping;
	err = notify_drivers(space, request, first);
	remove_unmapping(space, &unmapping);
	return err;
}

/*
 * All mappings from @m on that begin at or before @last: cleared, synced, unpinned; returns bytes.
 */
static u64 unmap_from(struct stride_space *space, struct stride_mapping *m, u64 last)
{
	struct stride_mapping *unpin_list = NULL, *next;
	u64 bytes = 0;

	for (; m; m = next) {
		next = stride_space_next(space, m, last);
		bytes += m->last - m->iova + 1;
		space->host->index_del(space, m);
		stride_clear(space, m);
		m->unpin_next = unpin_list;
		unpin_list = m;
		space->host->resched();
	}
	if (unpin_list)
		stride_sync(space);
	for (; unpin_list; unpin_list = next) {
		next = unpin_list->unpin_next;
		stride_drop_mapping(space, unpin_list);
		space->host->resched();
	}
	return bytes;
}

/* Of all mappings from @first on, or of none if that of one is invalid already. */
static int invalidate_vaddrs(struct stride_space *space, struct stride_mapping *first, u64 last,
			     u64 *bytes)
{
	struct stride_mapping *m;

	for (m = first; m; m = stride_space_next(space, m, last))
		if (m->vaddr_invalid)
			return -EINVAL;
	*bytes = 0;
	for (m = first; m; m = stride_space_next(space, m, last)) {
		m->vaddr_invalid = true;
		space->vaddr_invalid_count++;
		*bytes += m->last - m->iova + 1;
	}
	return 0;
}

/**
 * stride_unmap() - unmap all mappings in a range
 * @space:	the container's
 * @request:	nothing in it has been checked
 * @unmapped:	bytes unmapped, also beyond the range where TYPE1's rules unmap a whole mapping for
 *		its first IOVA; 0 if there was nothing. Written only on success.
 *
 * While drivers of emulated devices let go of pages, the space is not locked.
 *
 * Return: 0; or a negative errno, and no mapping has changed, though drivers may have let go of
 * pages: -EINVAL for a bad range, one that cuts a TYPE1v2 mapping, or an address that is invalid
 * already; -EBUSY for addresses while there are emulated devices, or if a driver does not let go;
 * -EINTR if the caller is being killed meanwhile; -EFAULT if dirty pages could not be told.
 */
int stride_unmap(struct stride_space *space, const struct stride_unmap_request *request,
		 u64 *unmapped)
{
	u64 last = last_of(request);
	struct stride_mapping *first;
	int err;

	err = find_first(space, request, &first);
	if (err)
		return err;
	if (request->vaddr_only)
		return invalidate_vaddrs(space, first, last, unmapped);

	if (can_notify(space) && space->host->hold_find(space, request->iova, last))
		err = revoke_holds(space, request, &first);
	if (!err && request->dirty)
		err = stride_dirty_report(space, request->iova, request->size, request->dirty);
	if (!err)
		*unmapped = unmap_from(space, first, last);
	return err;
}

/** stride_unmap_all() - unmap everything there is; no emulated device is open */
void stride_unmap_all(struct stride_space *space)
{
	unmap_from(space, stride_space_first(space, 0, ~0ULL), ~0ULL);
}
