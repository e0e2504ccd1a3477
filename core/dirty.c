// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty pages: which ones were written to since the user last asked.
 *
 * A device behind an IOMMU writes, and nobody learns of it: as long as there is one, every page
 * that it can reach is dirty, and there is nothing to keep. Only what the drivers of emulated
 * devices do is kept, in a bit for each page: pages that they hold, also while they are asked
 * about, and pages that they wrote to. A mapping has no bits until the first such page; without
 * memory for them, all of its pages count as dirty.
 *
 * Reporting has two steps, so that a user whose bitmap cannot be written has lost nothing: first
 * all bits are copied, then they are forgotten.
 */
#include "dirty.h"

#define WORD_BITS	64
#define WORDS		64	/* copied at a time */
#define ZEROED		(1ULL << 15)	/* words zeroed at a time */

/* Bits of one mapping, as many as the in-tree driver can count. */
#define BITS_MAX	((1ULL << 31) - 1)

static u64 words_for(u64 nbits)
{
	return nbits / WORD_BITS + !!(nbits % WORD_BITS);
}

static u64 bits_of(const struct stride_space *space, const struct stride_mapping *mapping)
{
	return (mapping->last - mapping->iova) / stride_space_page_size(space) + 1;
}

/** stride_dirty_fits() - can dirty pages of a mapping of this size, in bytes, be tracked? */
bool stride_dirty_fits(const struct stride_space *space, u64 size)
{
	return size / stride_space_page_size(space) <= BITS_MAX;
}

static void zero_words(const struct stride_host *host, u64 *bits, u64 words)
{
	u64 i;

	for (i = 0; i < words; i++) {
		bits[i] = 0;
		if (i % ZEROED == ZEROED - 1)
			host->resched();
	}
}

static u64 *bits_new(struct stride_space *space, const struct stride_mapping *mapping)
{
	u64 words = words_for(bits_of(space, mapping));
	u64 *bits = space->host->alloc(words * sizeof(bits[0]));

	if (bits)
		zero_words(space->host, bits, words);
	return bits;
}

/**
 * stride_dirty_mark() - pages of a mapping were written to, or may be from now on
 * @space:	which tracks dirty pages
 * @mapping:	the pages'
 * @first:	an IOVA in the first of them
 * @last:	one in the last of them
 */
void stride_dirty_mark(struct stride_space *space, struct stride_mapping *mapping, u64 first,
		       u64 last)
{
	u64 page_size = stride_space_page_size(space);
	u64 bit = (first - mapping->iova) / page_size, end = (last - mapping->iova) / page_size;

	if (!mapping->dirty && !mapping->all_dirty) {
		mapping->dirty = bits_new(space, mapping);
		mapping->all_dirty = !mapping->dirty;
	}
	if (mapping->all_dirty)
		return;
	for (; bit <= end; bit++)
		mapping->dirty[bit / WORD_BITS] |= 1ULL << bit % WORD_BITS;
}

static void drop_bits(struct stride_space *space, struct stride_mapping *mapping)
{
	space->host->free(mapping->dirty);
	mapping->dirty = NULL;
	mapping->all_dirty = false;
}

/** stride_dirty_mark_all() - any page of any mapping may have been written to: nothing is known */
void stride_dirty_mark_all(struct stride_space *space)
{
	struct stride_mapping *m;

	stride_for_each_mapping(m, space, 0, ~0ULL) {
		drop_bits(space, m);
		m->all_dirty = true;
	}
}

/*
 * Nothing is dirty but what drivers hold, and so may write to at any time. An existing bitmap is
 * reused: a failed allocation would make the whole mapping dirty.
 */
static void begin_tracking(struct stride_space *space, struct stride_mapping *mapping)
{
	const struct stride_host *host = space->host;
	struct stride_hold *hold;
	u64 iova = mapping->iova;

	if (mapping->dirty && host->hold_find(space, iova, mapping->last))
		zero_words(host, mapping->dirty, words_for(bits_of(space, mapping)));
	else
		drop_bits(space, mapping);
	mapping->all_dirty = false;
	while ((hold = host->hold_find(space, iova, mapping->last))) {
		stride_dirty_mark(space, mapping, hold->iova, hold->iova);
		host->resched();
		iova = hold->iova + STRIDE_PAGE_SIZE;
		if (iova - 1 == mapping->last)
			break;
	}
}

/**
 * stride_dirty_start() - track dirty pages from now on, if that is not done already
 * @space:	the container's
 *
 * Return: 0; -EINVAL if a mapping has too many pages, and nothing has changed.
 */
int stride_dirty_start(struct stride_space *space)
{
	struct stride_mapping *m;

	if (space->tracking)
		return 0;
	stride_for_each_mapping(m, space, 0, ~0ULL)
		if (!stride_dirty_fits(space, m->last - m->iova + 1))
			return -EINVAL;
	stride_for_each_mapping(m, space, 0, ~0ULL)
		begin_tracking(space, m);
	space->tracking = true;
	return 0;
}

/** stride_dirty_stop() - the end of tracking, if there was any */
void stride_dirty_stop(struct stride_space *space)
{
	struct stride_mapping *m;

	stride_for_each_mapping(m, space, 0, ~0ULL)
		drop_bits(space, m);
	space->tracking = false;
}

/**
 * stride_dirty_check() - may dirty pages be asked for, into this bitmap?
 * @space:	the container's
 * @size:	of the range that is asked about, bytes
 * @bitmap:	nothing in it has been checked
 *
 * Return: 0; -EINVAL.
 */
int stride_dirty_check(const struct stride_space *space, u64 size,
		       const struct stride_bitmap *bitmap)
{
	u64 page_size = stride_space_page_size(space);
	u64 bytes = words_for(size / page_size) * sizeof(u64);

	if (!space->tracking || bitmap->page_size != page_size)
		return -EINVAL;
	if (!bytes || bitmap->bytes < bytes || bitmap->bytes > STRIDE_BITMAP_BYTES_MAX)
		return -EINVAL;
	return 0;
}

/* A mapping's bits as the user shall see them: @all of them, or those in @words, or none. */
struct marks {
	const u64 *words;
	u64 nbits;
	bool all;
};

static struct marks marks_of(const struct stride_space *space, const struct stride_mapping *mapping)
{
	return (struct marks){
		.words = mapping->dirty,
		.nbits = bits_of(space, mapping),
		.all = mapping->all_dirty || (mapping->populated && space->num_non_pinned_groups),
	};
}

/* Bits 64 * @i and up; none are set past the last one. */
static u64 word_of(const struct marks *marks, u64 i)
{
	u64 first = i * WORD_BITS, word;

	if (first >= marks->nbits)
		return 0;
	word = marks->all ? ~0ULL : marks->words ? marks->words[i] : 0;
	if (marks->nbits - first < WORD_BITS)
		word &= (1ULL << (marks->nbits - first)) - 1;
	return word;
}

/* The same, all bits being moved up by @shift. */
static u64 shifted_word(const struct marks *marks, u64 i, u32 shift)
{
	u64 word = word_of(marks, i) << shift;

	if (i && shift)
		word |= word_of(marks, i - 1) >> (WORD_BITS - shift);
	return word;
}

/*
 * A word that the mapping shares with what lies before it keeps what the user has there, which may
 * be an earlier mapping's bits.
 */
static int report_mapping(struct stride_space *space, const struct stride_mapping *mapping,
			  u64 base, u64 vaddr)
{
	const struct stride_host *host = space->host;
	struct marks marks = marks_of(space, mapping);
	u64 bit = (mapping->iova - base) / stride_space_page_size(space);
	u32 shift = bit % WORD_BITS;
	u64 words = words_for(marks.nbits + shift);
	u64 done, n, i, out[WORDS], shared = 0;
	int err;

	vaddr += bit / WORD_BITS * sizeof(u64);
	if (shift) {
		err = host->copy_in(&shared, vaddr, sizeof(shared));
		if (err)
			return err;
	}
	for (done = 0; done < words; done += n) {
		n = words - done < WORDS ? words - done : WORDS;
		for (i = 0; i < n; i++)
			out[i] = shifted_word(&marks, done + i, shift);
		if (!done)
			out[0] |= shared;
		err = host->copy_out(vaddr + done * sizeof(u64), out, n * sizeof(u64));
		if (err)
			return err;
		host->resched();
	}
	return 0;
}

/**
 * stride_dirty_report() - tell the user the dirty pages of a range, which stay dirty
 * @space:	the container's
 * @iova:	the range's first, bytes; the bitmap's first bit
 * @size:	of the range, bytes
 * @bitmap:	passed stride_dirty_check(). Words in which no mapping has a bit are not written.
 *
 * Return: 0; -EFAULT.
 */
int stride_dirty_report(struct stride_space *space, u64 iova, u64 size,
			const struct stride_bitmap *bitmap)
{
	u64 last = iova + size - 1;
	struct stride_mapping *m;
	int err;

	stride_for_each_mapping(m, space, iova, last) {
		err = report_mapping(space, m, iova, bitmap->vaddr);
		if (err)
			return err;
	}
	return 0;
}

/**
 * stride_dirty_get() - tell the user the dirty pages of a range, and start anew with them
 * @space:	the container's
 * @iova:	the range's first, bytes; the bitmap's first bit
 * @size:	of the range, bytes
 * @bitmap:	nothing in it has been checked
 *
 * Return: 0; -EINVAL for a bad range or bitmap, or a range that cuts a mapping; -EFAULT. After an
 * error, what was dirty still is.
 */
int stride_dirty_get(struct stride_space *space, u64 iova, u64 size,
		     const struct stride_bitmap *bitmap)
{
	u64 mask = stride_space_page_size(space) - 1, last;
	struct stride_mapping *m;
	int err;

	if ((iova | size) & mask || !stride_last(iova, size, &last) || last == ~0ULL)
		return -EINVAL;
	err = stride_dirty_check(space, size, bitmap);
	if (err)
		return err;
	m = stride_space_first(space, iova, last);
	if (stride_space_bisects(space, m, iova, last))
		return -EINVAL;
	err = stride_dirty_report(space, iova, size, bitmap);
	if (err)
		return err;
	stride_for_each_mapping(m, space, iova, last)
		begin_tracking(space, m);
	return 0;
}
