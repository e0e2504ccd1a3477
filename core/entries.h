/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of pfns out of a page table's entries.
 *
 * An entry is no number to reckon with: x86 stores the pfn of an entry that the hardware does not
 * see (PROT_NONE) inverted, so that entries which ascend may map pfns which descend. Only the host
 * can decode them. Inline, since decoding is a few instructions, and this is the one loop over
 * single pages that mapping a BAR has.
 */
#ifndef STRIDE_ENTRIES_H
#define STRIDE_ENTRIES_H

#include "record.h"

/**
 * struct stride_entry - what one page-table entry says, decoded
 * @pfn:	where it leads
 * @flags:	all else
 * @present:	it maps something, for the process if not for the hardware
 * @writable:	the process may write through it
 */
struct stride_entry {
	u64 pfn;
	u64 flags;
	bool present;
	bool writable;
};

static __always_inline bool stride_entry_follows(struct stride_entry entry,
						 struct stride_entry first, u32 distance)
{
	return entry.pfn == first.pfn + distance && entry.flags == first.flags;
}

/*
 * Entries from @entries on whose pfns follow one another, all else being equal. The first two and
 * the last are compared decoded. Those in between need not be: with equal flags an encoded pfn
 * is the pfn or its complement, so that entries which begin one pfn apart and go on in the same
 * step go on one pfn apart, unless the step ran into the flags, which the last entry would show.
 */
static __always_inline u32 stride_entries_run(const u64 *entries, u32 n,
					      struct stride_entry (*decode)(u64 entry))
{
	u64 value = READ_ONCE(entries[0]), second, step;
	struct stride_entry first = decode(value);
	u32 run = 2;

	if (n < 2)
		return 1;
	second = READ_ONCE(entries[1]);
	if (!stride_entry_follows(decode(second), first, 1))
		return 1;
	step = second - value;
	for (value = second + step; run < n && READ_ONCE(entries[run]) == value; run++)
		value += step;
	return stride_entry_follows(decode(value - step), first, run - 1) ? run : 1;
}

/**
 * stride_entries_fold() - extents of the pfns that a table's entries map
 * @entries:	the table's lock is held: nobody else changes them, but the hardware may set bits
 * @n:		how many, at most STRIDE_BATCH
 * @write:	they must be writable
 * @decode:	the host's
 * @out:	room for @n; of kind STRIDE_NOPIN
 *
 * Return: how many extents, up to the first entry that does not do; 0 if that is the first one.
 */
static __always_inline u32 stride_entries_fold(const u64 *entries, u32 n, bool write,
					       struct stride_entry (*decode)(u64 entry),
					       struct stride_extent *out)
{
	u32 i, run, extents = 0;

	for (i = 0; i < n; i += run) {
		struct stride_entry first = decode(READ_ONCE(entries[i]));

		if (!first.present || (write && !first.writable))
			break;
		run = stride_entries_run(entries + i, n - i, decode);
		out[extents++] = (struct stride_extent){
			.pfn = first.pfn, .npages = run, .kind = STRIDE_NOPIN,
		};
	}
	return extents;
}

#endif
