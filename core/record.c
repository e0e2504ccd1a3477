// SPDX-License-Identifier: GPL-2.0
/*
 * The record of what a mapping holds: extents in a list of chunks.
 *
 * Unmap, undo and replay read it, so that nothing ever asks an IOMMU or a page table what was
 * mapped. A new chunk is four times the last, from 64 bytes to 4 KiB: a mapping of one extent stays
 * small, and growing never copies.
 */
#include "record.h"

#define CHUNK_BYTES_MIN	128
#define CHUNK_BYTES_MAX	4096

static size_t chunk_bytes(const struct stride_chunk *chunk)
{
	return sizeof(*chunk) + chunk->room * sizeof(chunk->extents[0]);
}

static struct stride_chunk *last_chunk(struct stride_record *record)
{
	if (!record->last) {
		record->first.extents = record->own;
		record->first.room = STRIDE_RECORD_OWN;
		record->last = &record->first;
	}
	return record->last;
}

static struct stride_chunk *add_chunk(const struct stride_host *host, struct stride_record *record)
{
	struct stride_chunk *last = record->last, *chunk;
	size_t bytes = last == &record->first ? CHUNK_BYTES_MIN : 4 * chunk_bytes(last);

	if (bytes > CHUNK_BYTES_MAX)
		bytes = CHUNK_BYTES_MAX;
	chunk = host->alloc(bytes);
	if (!chunk)
		return NULL;

	chunk->next = NULL;
	chunk->extents = (struct stride_extent *)(chunk + 1);
	chunk->count = 0;
	chunk->room = (bytes - sizeof(*chunk)) / sizeof(chunk->extents[0]);
	last->next = chunk;
	record->last = chunk;
	return chunk;
}

/*
 * Only where a pin ends may two extents become one: a leaf or a folio that both of them held would
 * lose one of its two pins when it is unpinned.
 */
static bool merge_extent(struct stride_extent *into, struct stride_extent extent)
{
	u64 npages = into->npages, pin_pages;

	/* Without the cast the sum would have no more bits than a pfn, and wrap. */
	if ((u64)into->pfn + npages != extent.pfn || into->kind != extent.kind)
		return false;
	npages += extent.npages;
	if (npages > STRIDE_EXTENT_PAGES)
		return false;
	pin_pages = stride_pin_pages(extent.kind);
	if (pin_pages > 1 && extent.pfn & (pin_pages - 1))
		return false;
	into->npages = npages;
	return true;
}

/**
 * stride_record_append() - remember more extents, each merged with the one before where that loses
 * nothing
 * @host:	gives the memory
 * @record:	takes over their pins
 * @extents:	what follows the last one
 * @n:		how many
 *
 * Return: how many it remembers now; fewer than @n where there was no memory.
 */
u32 stride_record_append(const struct stride_host *host, struct stride_record *record,
			 const struct stride_extent *extents, u32 n)
{
	struct stride_chunk *chunk = last_chunk(record);
	u32 i;

	for (i = 0; i < n; i++) {
		if (chunk->count && merge_extent(&chunk->extents[chunk->count - 1], extents[i]))
			continue;
		if (chunk->count == chunk->room)
			chunk = add_chunk(host, record);
		if (!chunk)
			break;
		chunk->extents[chunk->count++] = extents[i];
	}
	return i;
}

/**
 * stride_record_slice() - the extents at the cursor that lie side by side in memory
 * @record:	the record
 * @cursor:	moved to the next chunk where this one is used up; the caller moves it within
 * @n:		how many extents
 *
 * Return: the first of them, NULL at the record's end.
 */
const struct stride_extent *stride_record_slice(const struct stride_record *record,
						struct stride_cursor *cursor, u32 *n)
{
	if (!cursor->chunk)
		cursor->chunk = &record->first;
	if (cursor->index == cursor->chunk->count && cursor->chunk->next) {
		cursor->chunk = cursor->chunk->next;
		cursor->index = 0;
	}
	*n = cursor->chunk->count - cursor->index;
	return *n ? cursor->chunk->extents + cursor->index : NULL;
}

/**
 * stride_record_free() - forget all extents; their pins are the caller's business
 * @host:	takes the memory back
 * @record:	empty afterwards
 */
void stride_record_free(const struct stride_host *host, struct stride_record *record)
{
	struct stride_chunk *chunk = record->first.next, *next;

	for (; chunk; chunk = next) {
		next = chunk->next;
		host->free(chunk);
		host->resched();
	}
	record->first.next = NULL;
	record->first.count = 0;
	record->last = NULL;
}
