/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of pfns out of a page table's entries.
 *
 * An entry is no number to reckon with: x86 stores the pfn of an entry that the hardware does not
 * see (PROT_NONE) inverted, so that entries which ascend may map pfns which descend. Only the host
 * can decode them. Inline, since decoding is a few instructions, and this is the one loop over
 * single pages that mapping a BAR has, or a folio that is mapped by pages.
 */
#ifndef STRIDE_ENTRIES_H
#define STRIDE_ENTRIES_H

#include "record.h"

/**
 * struct stride_entry - what one page-table entry says, decoded
 * @pfn:	where it leads
 * @flags:	all else, but for what the hardware sets
 * @present:	it maps something, for the process if not for the hardware
 * @writable:	the process may write through it
 */
struct stride_entry {
	u64 pfn;
	u64 flags;
	bool present;
	bool writable;
};

/* Entries compared with one branch for all of them, which costs half. */
#define STRIDE_ENTRIES_AT_ONCE	8

static __always_inline bool stride_entry_follows(struct stride_entry entry,
						 struct stride_entry first, u32 distance)
{
	return entry.pfn == first.pfn + distance && entry.flags == first.flags;
}

/* The bits in which so many entries differ from @value and what follows it at that step. */
static __always_inline u64 stride_entries_differ(const u64 *entries, u64 value, u64 step)
{
	u64 differ = 0;
	u32 i;

#pragma GCC unroll 8
	for (i = 0; i < STRIDE_ENTRIES_AT_ONCE; i++, value += step)
		differ |= READ_ONCE(entries[i]) ^ value;
	return differ;
}

/* How many entries before @end are @value and what follows it at that step. */
static __always_inline u32 stride_entries_equal(const u64 *entries, const u64 *end, u64 ignored,
						u64 value, u64 step)
{
	const u64 *entry = entries;

	while (end - entry >= STRIDE_ENTRIES_AT_ONCE &&
	       !(stride_entries_differ(entry, value, step) & ~ignored)) {
		entry += STRIDE_ENTRIES_AT_ONCE;
		value += STRIDE_ENTRIES_AT_ONCE * step;
	}
	for (; entry < end && !((READ_ONCE(*entry) ^ value) & ~ignored); entry++)
		value += step;
	return entry - entries;
}

/**
 * stride_entries_run() - entries whose pfns follow one another, all else being equal
 * @entries:	nobody frees their table meanwhile
 * @n:		how many, at least 1
 * @value:	what the first of them was read as
 * @ignored:	bits of flags that may differ, which @decode leaves out: the hardware sets them
 * @decode:	the host's
 *
 * The first two and the last are compared decoded. Those in between need not be: with equal flags
 * an encoded pfn is the pfn or its complement, so that entries which begin one pfn apart and go on
 * in the same step go on one pfn apart, unless the step ran into the flags, which the last entry
 * would show.
 *
 * Return: how many, at least 1.
 */
static __always_inline u32 stride_entries_run(const u64 *entries, u32 n, u64 value, u64 ignored,
					      struct stride_entry (*decode)(u64 entry))
{
	struct stride_entry first = decode(value);
	u64 second, step;
	u32 run;

	if (n < 2)
		return 1;
	value &= ~ignored;
	second = READ_ONCE(entries[1]) & ~ignored;
	if (!stride_entry_follows(decode(second), first, 1))
		return 1;
	step = second - value;
	run = 2 + stride_entries_equal(entries + 2, entries + n, ignored, second + step, step);
	return stride_entry_follows(decode(value + (run - 1) * step), first, run - 1) ? run : 1;
}

/**
 * stride_entries_fold() - extents of the pfns that a table's entries map
 * @entries:	the table's lock is held: nobody else changes them, but the hardware may set bits
 * @n:		how many, at most STRIDE_BATCH
 * @ignored:	bits of flags that may differ
 * @write:	they must be writable
 * @decode:	the host's
 * @out:	room for @n; of kind STRIDE_NOPIN
 *
 * Return: how many extents, up to the first entry that does not do; 0 if that is the first one.
 */
static __always_inline u32 stride_entries_fold(const u64 *entries, u32 n, u64 ignored, bool write,
					       struct stride_entry (*decode)(u64 entry),
					       struct stride_extent *out)
{
	u32 i, run, extents = 0;

	for (i = 0; i < n; i += run) {
		u64 value = READ_ONCE(entries[i]);
		struct stride_entry first = decode(value);

		if (!first.present || (write && !first.writable))
			break;
		run = stride_entries_run(entries + i, n - i, value, ignored, decode);
		out[extents++] = (struct stride_extent){
			.pfn = first.pfn, .npages = run, .kind = STRIDE_NOPIN,
		};
	}
	return extents;
}

#endif
