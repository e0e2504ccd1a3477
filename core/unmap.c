// SPDX-License-Identifier: GPL-2.0
/*
 * Unmap: clear whatever the range holds in every domain, sync each domain once, then unpin.
 */
#include "map.h"
#include "release.h"

/* Does the range cut a mapping in two at either end? */
static bool bisects(struct stride_space *space, u64 first, u64 last)
{
	struct stride_mapping *m;

	m = stride_space_first(space, first, first);
	if (m && m->iova != first)
		return true;
	m = stride_space_first(space, last, last);
	return m && m->last != last;
}

/* The user API's rules for UNMAP_DMA's arguments. */
static int check(struct stride_space *space, const struct stride_unmap_request *request)
{
	u64 mask = stride_space_page_size(space) - 1;

	if (request->all)
		return request->iova || request->size ? -EINVAL : 0;
	if (!request->size || (request->iova | request->size) & mask)
		return -EINVAL;
	if (request->iova + request->size - 1 < request->iova)
		return -EINVAL;
	if (space->v2 && bisects(space, request->iova, request->iova + request->size - 1))
		return -EINVAL;
	return 0;
}

/* All mappings from @m on that begin at or before @last: cleared, synced, unpinned; returns bytes. */
static u64 unmap_from(struct stride_space *space, struct stride_mapping *m, u64 last)
{
	struct stride_mapping *doomed = NULL, *next;
	u64 bytes = 0;

	for (; m; m = next) {
		next = stride_space_next(space, m, last);
		bytes += m->last - m->iova + 1;
		space->host->index_del(space, m);
		stride_clear(space, m);
		m->doomed = doomed;
		doomed = m;
	}
	if (doomed)
		stride_sync(space);
	for (; doomed; doomed = next) {
		next = doomed->doomed;
		stride_unpin(space, doomed);
	}
	return bytes;
}

/**
 * stride_unmap() - unmap all mappings in a range
 * @space:	the container's
 * @request:	nothing in it has been checked
 * @unmapped:	bytes unmapped, also beyond the range where TYPE1's rules unmap a whole mapping for its
 *		first IOVA; 0 if there was nothing. Written only on success.
 *
 * Return: 0; -EINVAL for a bad range, or one that cuts a TYPE1v2 mapping; then nothing has changed.
 */
int stride_unmap(struct stride_space *space, const struct stride_unmap_request *request,
		 u64 *unmapped)
{
	u64 first = request->iova, last = request->iova + request->size - 1;
	struct stride_mapping *m;
	int err;

	err = check(space, request);
	if (err)
		return err;
	if (request->all)
		last = ~0ULL;

	m = stride_space_first(space, first, last);
	/* TYPE1 unmaps nothing at all where the range begins within a mapping. */
	if (m && m->iova < first)
		m = NULL;
	*unmapped = unmap_from(space, m, last);
	return 0;
}

/** stride_unmap_all() - unmap everything there is */
void stride_unmap_all(struct stride_space *space)
{
	unmap_from(space, stride_space_first(space, 0, ~0ULL), ~0ULL);
}
