// SPDX-License-Identifier: GPL-2.0
/*
 * Valid IOVAs against a naive model: 64 pieces of the address space, each valid or not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "core/ranges.h"
#include "plain.h"
#include "sim/sim.h"

#define PIECES	64
#define PIECE	(1ULL << 58)
#define END	(~0ULL)

/* The pieces from a to b, whole or less than whole. */
static u64 first_of(u64 a)
{
	return a * PIECE;
}

static u64 last_of(u64 b)
{
	return b * PIECE + (PIECE - 1);
}

static bool naive_contain(const bool *valid, u64 a, u64 b)
{
	for (; a <= b; a++)
		if (!valid[a])
			return false;
	return true;
}

static void compare_all(const struct stride_ranges *ranges, const bool *valid)
{
	u64 a, b;

	for (a = 0; a < PIECES; a++)
		for (b = a; b < PIECES; b++) {
			bool contained = naive_contain(valid, a, b);
			u64 first = first_of(a), last = last_of(b);

			assert_int_equal(stride_ranges_contain(ranges, first, last), contained);
			assert_int_equal(stride_ranges_contain(ranges, first + 1, last - 1),
					 contained);
		}
}

static u32 count_valid(const bool *valid)
{
	u32 i, n = 0;

	for (i = 0; i < PIECES; i++)
		n += valid[i];
	return n;
}

static void one_round(void)
{
	struct stride_ranges ranges = { 0 };
	bool valid[PIECES];
	u64 a, b, i;
	int err;

	assert_int_equal(stride_ranges_init(&plain_host, &ranges, 0, END), 0);
	for (i = 0; i < PIECES; i++)
		valid[i] = true;
	for (;;) {
		compare_all(&ranges, valid);
		a = sim_below(PIECES);
		b = a + sim_below(PIECES - a) / (1 + sim_below(8));
		plain_room = sim_below(8) ? END : 0;
		err = stride_ranges_exclude(&plain_host, &ranges, first_of(a), last_of(b));
		if (!plain_room) {
			assert_int_equal(err, -ENOMEM);
			compare_all(&ranges, valid);
			continue;
		}
		for (i = a; !err && i <= b; i++)
			valid[i] = false;
		if (err)
			break;
	}
	/* Excluding the last valid piece was refused, and changed nothing. */
	assert_int_equal(err, -EINVAL);
	compare_all(&ranges, valid);
	for (i = a; i <= b; i++)
		valid[i] = false;
	assert_int_equal(count_valid(valid), 0);
	stride_ranges_free(&plain_host, &ranges);
}

static void test_random(void **state)
{
	int i;

	(void)state;
	plain_reset();
	sim_run_begin(1);
	for (i = 0; i < 50; i++)
		one_round();
}

/* None at all: everything may be mapped. */
static void test_none(void **state)
{
	struct stride_ranges ranges = { 0 };

	(void)state;
	assert_true(stride_ranges_contain(&ranges, 0, END));
	assert_int_equal(stride_ranges_init(&plain_host, &ranges, 2, 1), -EINVAL);
	plain_room = 0;
	assert_int_equal(stride_ranges_init(&plain_host, &ranges, 0, 1), -ENOMEM);
	plain_reset();
}

static void test_edges(void **state)
{
	struct stride_ranges ranges = { 0 };

	(void)state;
	plain_reset();
	assert_int_equal(stride_ranges_init(&plain_host, &ranges, 0, END), 0);
	assert_int_equal(stride_ranges_exclude(&plain_host, &ranges, 0, 0), 0);
	assert_int_equal(stride_ranges_exclude(&plain_host, &ranges, END, END), 0);
	assert_int_equal(stride_ranges_exclude(&plain_host, &ranges, 7, 7), 0);
	assert_false(stride_ranges_contain(&ranges, 0, 0));
	assert_false(stride_ranges_contain(&ranges, END, END));
	assert_false(stride_ranges_contain(&ranges, 1, 7));
	assert_false(stride_ranges_contain(&ranges, 7, 7));
	assert_true(stride_ranges_contain(&ranges, 1, 6));
	assert_true(stride_ranges_contain(&ranges, 8, END - 1));
	assert_int_equal(stride_ranges_exclude(&plain_host, &ranges, 1, END), -EINVAL);
	assert_true(stride_ranges_contain(&ranges, 1, 6));
	stride_ranges_free(&plain_host, &ranges);
	assert_int_equal(ranges.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_none),
		cmocka_unit_test(test_edges),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
