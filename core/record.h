/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Extents, and the record of them that each mapping keeps.
 */
#ifndef STRIDE_RECORD_H
#define STRIDE_RECORD_H

#include "host.h"

/** enum stride_kind - what one pin of an extent covers, and so how it is unpinned and charged */
enum stride_kind {
	STRIDE_NOPIN,		/* nothing is pinned: a BAR, the zero page; free of charge */
	STRIDE_RESERVED,	/* one pin per page, free of charge */
	STRIDE_PAGE,		/* one pin per page */
	/* STRIDE_PAGE + n: one pin per 2^n pages of a folio */
	STRIDE_PMD = STRIDE_PAGE + STRIDE_PMD_ORDER,	/* one pin per PMD leaf, or as much */
	STRIDE_PUD,		/* one pin per PUD leaf */
};

/**
 * struct stride_extent - a run of contiguous pfns of one kind, packed into 8 bytes
 * @pfn:	the first; 40 bits are all that a 52-bit physical address needs
 * @npages:	at least 1, at most STRIDE_EXTENT_PAGES
 * @kind:	enum stride_kind
 *
 * What pins cover may be clipped at either end: an extent of STRIDE_PMD holds one pin for each
 * aligned block of STRIDE_PMD_PAGES that it touches.
 */
struct stride_extent {
	u64 pfn : 40;
	u64 npages : 20;
	u64 kind : 4;
};

/* 2 GiB: a length that fits 32 bits, and whole leaves of any size. */
#define STRIDE_EXTENT_PAGES	(1ULL << 19)

/**
 * struct stride_chunk - a piece of a record; it never moves
 * @next:	the chunk after this one
 * @extents:	these
 * @count:	extents in use
 * @room:	extents that fit
 */
struct stride_chunk {
	struct stride_chunk *next;
	struct stride_extent *extents;
	u32 count;
	u32 room;
};

/* Most mappings are small or in one piece, and then need no memory but their own. */
#define STRIDE_RECORD_OWN	4

/**
 * struct stride_record - extents in the order of their IOVAs, in chunks that grow up to 4 KiB; all
 * zero is an empty one. It must not move.
 * @first:	the first chunk
 * @last:	the last one; NULL as long as nothing was appended
 * @own:	the first chunk's extents
 */
struct stride_record {
	struct stride_chunk first;
	struct stride_chunk *last;
	struct stride_extent own[STRIDE_RECORD_OWN];
};

/** struct stride_cursor - a place in a record; all zero is its beginning */
struct stride_cursor {
	const struct stride_chunk *chunk;
	u32 index;
};

/** stride_pin_pages() - pages that one pin of this kind covers; 0 if there is none */
static inline u64 stride_pin_pages(enum stride_kind kind)
{
	if (kind <= STRIDE_PAGE)
		return kind != STRIDE_NOPIN;
	return kind == STRIDE_PUD ? STRIDE_PUD_PAGES : 1ULL << (kind - STRIDE_PAGE);
}

/**
 * stride_charged_pages() - the pages of extents that count against RLIMIT_MEMLOCK
 * @extents:	one after the other
 * @n:		how many
 */
static inline u64 stride_charged_pages(const struct stride_extent *extents, u32 n)
{
	u64 npages = 0;

	for (; n--; extents++)
		if (extents->kind >= STRIDE_PAGE)
			npages += extents->npages;
	return npages;
}

/**
 * stride_extents_pages() - the pages of extents together
 * @extents:	one after the other
 * @n:		how many
 */
static inline u64 stride_extents_pages(const struct stride_extent *extents, u32 n)
{
	u64 npages = 0;

	for (; n--; extents++)
		npages += extents->npages;
	return npages;
}

u32 stride_record_append(const struct stride_host *host, struct stride_record *record,
			 const struct stride_extent *extents, u32 n);
const struct stride_extent *stride_record_slice(const struct stride_record *record,
						struct stride_cursor *cursor, u32 *n);
void stride_record_free(const struct stride_host *host, struct stride_record *record);

#endif
