// SPDX-License-Identifier: GPL-2.0
/*
 * Runs of pfns out of a page table's entries, against each entry decoded on its own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "sim/sim.h"

#define COUNT	STRIDE_PMD_PAGES
#define SEEN	(SIM_ENTRY_PRESENT | SIM_ENTRY_WRITABLE)
#define HIDDEN	SIM_ENTRY_NONE		/* inverted, since the processor does not see it */

static u64 entries[COUNT];
static struct stride_extent out[COUNT];

static u64 encode(u64 pfn, u64 flags)
{
	pfn <<= STRIDE_PAGE_SHIFT;
	return flags | ((flags & SIM_ENTRY_PRESENT ? pfn : ~pfn) & SIM_ENTRY_PFN);
}

/* A table of @count pages from @pfn on, each @step after the one before. */
static void fill_table(u64 count, u64 pfn, long long step, u64 flags)
{
	u64 i;

	for (i = 0; i < COUNT; i++)
		entries[i] = i < count ? encode(pfn + i * step, flags) : 0;
}

static u32 naive_length(u32 n, bool write)
{
	struct stride_entry decoded;
	u32 i;

	for (i = 0; i < n; i++) {
		decoded = sim_entry_decode(entries[i]);
		if (!decoded.present || (write && !decoded.writable))
			break;
	}
	return i;
}

/* Fewest extents that @n entries can make. */
static u32 naive_extents(u32 n)
{
	struct stride_entry before, now = { 0 };
	u32 i, extents = 0;

	for (i = 0; i < n; i++) {
		before = now;
		now = sim_entry_decode(entries[i]);
		extents += !i || now.pfn != before.pfn + 1 || now.flags != before.flags;
	}
	return extents;
}

/* Each page is the one that its entry maps; returns how many extents they take. */
static u32 fold_table(u32 n, bool write)
{
	u32 i, done = 0, extents;
	u64 page;

	extents = stride_entries_fold(entries, n, SIM_ENTRY_USED, write, sim_entry_decode, out);
	for (i = 0; i < extents; i++) {
		assert_int_equal(out[i].kind, STRIDE_NOPIN);
		for (page = 0; page < out[i].npages; page++)
			assert_int_equal(out[i].pfn + page, sim_entry_decode(entries[done++]).pfn);
	}
	assert_int_equal(done, naive_length(n, write));
	return extents;
}

static void test_orders(void **state)
{
	static const u64 flags[] = { SEEN, HIDDEN };
	u32 i;

	(void)state;
	for (i = 0; i < 2; i++) {
		fill_table(COUNT, 1000, 1, flags[i]);
		assert_int_equal(fold_table(COUNT, false), 1);
		assert_int_equal(fold_table(1, false), 1);
		assert_int_equal(fold_table(2, false), 1);
		fill_table(COUNT, 1000, -1, flags[i]);
		assert_int_equal(fold_table(COUNT, false), COUNT);
		fill_table(COUNT, 1000, 2, flags[i]);
		assert_int_equal(fold_table(COUNT, false), COUNT);
		fill_table(COUNT, 1000, 0, flags[i]);
		assert_int_equal(fold_table(COUNT, false), COUNT);
	}
}

static void test_end(void **state)
{
	(void)state;
	fill_table(0, 0, 0, 0);
	assert_int_equal(fold_table(COUNT, false), 0);
	fill_table(300, 1000, 1, HIDDEN);
	assert_int_equal(fold_table(COUNT, false), 1);
	assert_int_equal(fold_table(COUNT, true), 0);
	entries[100] = encode(1100, SEEN);
	assert_int_equal(fold_table(COUNT, false), 3);
	fill_table(300, 1000, 1, SEEN);
	entries[200] &= ~SIM_ENTRY_WRITABLE;
	assert_int_equal(fold_table(COUNT, true), 1);
	assert_int_equal(fold_table(COUNT, false), 3);
}

/* One step past the last pfn, or below an inverted one, changes the flags. */
static void test_carry(void **state)
{
	u32 i;

	(void)state;
	fill_table(COUNT, SIM_PFN_END - 4, 1, SEEN);
	for (i = 4; i < COUNT; i++)
		entries[i] = entries[i - 1] + STRIDE_PAGE_SIZE;
	assert_in_range(fold_table(COUNT, false), 2, COUNT);
	fill_table(COUNT, SIM_PFN_END - 4, 1, HIDDEN | 1ULL << 60);
	for (i = 4; i < COUNT; i++)
		entries[i] = entries[i - 1] - STRIDE_PAGE_SIZE;
	assert_in_range(fold_table(COUNT, false), 2, COUNT);
}

/* Whether the processor has used a page is no difference; what the process may do is. */
static void test_used(void **state)
{
	u32 i;

	(void)state;
	fill_table(COUNT, 1000, 1, SEEN);
	for (i = 0; i < COUNT; i += 3)
		entries[i] |= SIM_ENTRY_USED;
	assert_int_equal(fold_table(COUNT, true), 1);
	for (i = 1; i < COUNT; i++) {
		entries[i] ^= 1ULL << 9;
		assert_int_equal(fold_table(COUNT, true), i == COUNT - 1 ? 2 : 3);
		entries[i] ^= 1ULL << 9;
	}
}

static u64 random_entry(void)
{
	static const u64 pfns[] = { 0, 1000, 1ULL << 36, SIM_PFN_END - 40 };
	u64 flags = sim_below(2) ? SEEN : HIDDEN;

	if (!sim_below(8))
		flags ^= 1ULL << sim_below(11);
	if (!sim_below(8))
		flags ^= 1ULL << (52 + sim_below(12));
	return encode(pfns[sim_below(4)] + sim_below(40), flags);
}

/* Runs of encoded values, at one step each, which carry into the flags where they come to that. */
static bool fill_random(void)
{
	static const u64 steps[] = { STRIDE_PAGE_SIZE, -STRIDE_PAGE_SIZE, 0, 2 * STRIDE_PAGE_SIZE };
	u64 i, changes = 1 + sim_below(40), step = 0;
	bool carried = false;

	for (i = 0; i < COUNT; i++) {
		if (!i || !sim_below(changes)) {
			entries[i] = random_entry();
			step = steps[sim_below(4)];
			continue;
		}
		entries[i] = entries[i - 1] + step;
		carried |= (entries[i] ^ entries[i - 1]) & ~SIM_ENTRY_PFN;
	}
	return carried;
}

static void test_random(void **state)
{
	u32 i, n, length, extents;
	bool write, carried;

	(void)state;
	sim_run_begin(1);
	for (i = 0; i < 20000; i++) {
		carried = fill_random();
		n = 1 + sim_below(COUNT);
		write = sim_below(2);
		length = naive_length(n, write);
		extents = fold_table(n, write);
		assert_in_range(extents, naive_extents(length),
				carried ? length : naive_extents(length));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_orders),
		cmocka_unit_test(test_end),
		cmocka_unit_test(test_carry),
		cmocka_unit_test(test_used),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
