// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty pages: which are marked, and when they are forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "bitmap.h"

/* Reported once; but held pages each time, since they may be written to at any time. */
static void test_forgotten(void **state)
{
	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(0, 8, RW), 0);
	assert_int_equal(user_map_prot(8, 8, RW), 0);
	dirty_page(1);
	assert_int_equal(user_hold(4, 2), 0);
	assert_int_equal(user_hold(5, 3), 0);
	dirty_page(9);
	assert_int_equal(dirty_bits(0, 8), 0xf2);
	assert_int_equal(dirty_bits(0, 8), 0xf0);
	assert_int_equal(user_unhold(4, 2), 2);
	assert_int_equal(user_unhold(6, 1), 1);
	assert_int_equal(dirty_bits(0, 8), 0xf0);	/* until now they could be written to */
	assert_int_equal(dirty_bits(0, 8), 0xa0);
	assert_int_equal(dirty_bits(8, 8), 2);
	assert_int_equal(dirty_bits(8, 8), 0);
	user_end();
}

static void test_start_and_stop(void **state)
{
	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map_prot(0, 8, RW), 0);
	assert_int_equal(dirty_get(0, 8), -EINVAL);
	dirty_page(0);
	assert_int_equal(user_hold(3, 1), 0);
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	dirty_page(1);
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	assert_int_equal(user_map_prot(8, 8, RW), 0);
	assert_int_equal(dirty_bits(8, 8), 0);
	assert_int_equal(dirty_bits(0, 8), 0xa);
	dirty_page(1);
	stride_dirty_stop(&sim.space);
	assert_int_equal(dirty_get(0, 8), -EINVAL);
	dirty_page(2);
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	assert_int_equal(dirty_bits(0, 8), 8);
	stride_dirty_stop(&sim.space);
	stride_dirty_stop(&sim.space);
	user_end();
}

/* Each byte that was written counts, also where the rest of them could not be. */
static void test_writes(void **state)
{
	const u64 page = STRIDE_PAGE_SIZE;

	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(0, 300, RW), 0);
	assert_int_equal(user_write(page - 1, 2), 0);
	assert_int_equal(user_write(3 * page, page), 0);
	assert_int_equal(user_write(6 * page - 1, 2 * page), 0);
	assert_int_equal(user_write(10 * page, 0), 0);
	assert_int_equal(dirty_get(0, 300), 0);
	assert_int_equal(bitmap_words[0], 0xeb);	/* 0, 1, 3, 5, 6, 7 */
	assert_int_equal(user_write(30 * page, 200 * page), 0);
	assert_int_equal(dirty_get(0, 300), 0);
	assert_int_equal(bitmap_words[0], ~0ULL << 30);
	assert_int_equal(bitmap_words[1], ~0ULL);
	assert_int_equal(bitmap_words[3], (1ULL << 38) - 1);

	assert_int_equal(user_write(298 * page, 5 * page), -EINVAL);
	sim_zap(USER_VADDR + 101 * page, 1);
	assert_int_equal(user_write(100 * page + 1, 2 * page), -EFAULT);
	assert_int_equal(dirty_get(0, 300), 0);
	assert_int_equal(bitmap_words[1], 1ULL << 36);
	assert_int_equal(bitmap_words[4], 3ULL << 42);
	user_end();
}

/* A read marks nothing. */
static void test_reads(void **state)
{
	char buffer[10];

	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(0, 8, RW), 0);
	assert_int_equal(stride_access(&sim.space, 0, buffer, sizeof(buffer), false), 0);
	assert_int_equal(dirty_bits(0, 8), 0);
	user_end();
}

/* No memory for a mapping's bitmap: all of it is reported, once. */
static void test_no_memory(void **state)
{
	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(0, 8, RW), 0);
	assert_int_equal(user_map_prot(8, 8, RW), 0);
	sim_inject(SIM_CALL_ALLOC, 1, 0);
	dirty_page(2);
	assert_int_equal(sim_calls.hits, 1);
	sim_inject_none();
	dirty_page(3);
	dirty_page(10);
	assert_int_equal(dirty_bits(0, 8), 0xff);
	assert_int_equal(dirty_bits(0, 8), 0);
	assert_int_equal(dirty_bits(8, 8), 4);

	stride_dirty_stop(&sim.space);
	assert_int_equal(user_hold(9, 1), 0);
	sim_inject(SIM_CALL_ALLOC, 1, 0);
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	sim_inject_none();
	assert_int_equal(dirty_bits(8, 8), 0xff);
	assert_int_equal(dirty_bits(8, 8), 2);
	user_end();
}

/* Real groups that never called pin_pages() may dirty any page, until they leave and once after. */
static void test_non_pinned_groups(void **state)
{
	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(0, 8, RW), 0);
	stride_non_pinned_attach(&sim.space);
	assert_int_equal(dirty_bits(0, 8), 0);	/* its domain is still to come */
	assert_int_equal(user_attach(), 0);
	assert_int_equal(dirty_bits(0, 8), 0xff);
	assert_int_equal(dirty_bits(0, 8), 0xff);
	stride_non_pinned_end(&sim.space);
	assert_int_equal(dirty_bits(0, 8), 0);
	stride_non_pinned_attach(&sim.space);
	stride_non_pinned_attach(&sim.space);
	stride_non_pinned_detach(&sim.space);
	assert_int_equal(dirty_bits(0, 8), 0xff);
	user_detach();
	stride_non_pinned_detach(&sim.space);
	assert_int_equal(sim.space.num_non_pinned_groups, 0);
	assert_int_equal(dirty_bits(0, 8), 0xff);
	assert_int_equal(dirty_bits(0, 8), 0);
	stride_dirty_stop(&sim.space);
	stride_non_pinned_attach(&sim.space);
	stride_non_pinned_detach(&sim.space);
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	assert_int_equal(dirty_bits(0, 8), 0);
	user_end();
}

/* A bit stands for another number of pages from now on. */
static void test_page_size(void **state)
{
	struct stride_bitmap bitmap;

	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(0, 64, RW), 0);
	dirty_page(9);
	stride_set_page_sizes(&sim.space, -2 * STRIDE_PAGE_SIZE & ~(1ULL << 21));
	assert_int_equal(dirty_get(0, 64), -EINVAL);
	bitmap = bitmap_of(8);
	bitmap.page_size = 2 * STRIDE_PAGE_SIZE;
	assert_int_equal(stride_dirty_get(&sim.space, 0, 64 * STRIDE_PAGE_SIZE, &bitmap), 0);
	assert_int_equal(bitmap_words[0], 0xffffffff);
	dirty_page(9);
	stride_set_page_sizes(&sim.space, -2 * STRIDE_PAGE_SIZE);	/* the smallest stays */
	assert_int_equal(stride_dirty_get(&sim.space, 0, 64 * STRIDE_PAGE_SIZE, &bitmap), 0);
	assert_int_equal(bitmap_words[0], 1 << 4);

	stride_dirty_stop(&sim.space);
	stride_set_page_sizes(&sim.space, -STRIDE_PAGE_SIZE);
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	assert_int_equal(dirty_bits(0, 64), 0);
	user_end();
}

/* A mapping has at most 2^31 - 1 pages while they are tracked. */
static void test_limits(void **state)
{
	const u64 most = (1ULL << 31) - 1;

	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(0, most + 1), 0);
	assert_int_equal(user_map(most + 1, 10), 0);
	assert_int_equal(user_hold(most + 1, 1), 0);
	assert_int_equal(stride_dirty_start(&sim.space), -EINVAL);
	sim_check();
	assert_false(sim.space.tracking);
	assert_int_equal(user_unmap(0, most + 1), most + 1);
	assert_int_equal(user_map(0, most), 0);
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	assert_int_equal(user_map(1ULL << 32, most), 0);
	assert_int_equal(user_map(1ULL << 33, most + 1), -EINVAL);
	user_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_start_and_stop),
		cmocka_unit_test(test_writes),
		cmocka_unit_test(test_reads),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_non_pinned_groups),
		cmocka_unit_test(test_page_size),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
