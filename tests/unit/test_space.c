// SPDX-License-Identifier: GPL-2.0
/*
 * A container's mappings: walks, overlaps, limits, and what MAP_DMA refuses.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "user.h"

#define TOP	(1ULL << 52)	/* the page after the last IOVA */
#define END	(~0ULL)

/* Walks [first, last], in pages, and compares with the first pages of the mappings due. */
static void check_walk(u64 first, u64 last, const u64 *due, u32 n)
{
	struct stride_mapping *m;
	u32 i = 0;

	last = (last << STRIDE_PAGE_SHIFT) + (STRIDE_PAGE_SIZE - 1);
	stride_for_each_mapping(m, &sim.space, first << STRIDE_PAGE_SHIFT, last) {
		assert_in_range(i, 0, n - 1);
		assert_int_equal(m->iova >> STRIDE_PAGE_SHIFT, due[i++]);
	}
	assert_int_equal(i, n);
}

static void test_walk(void **state)
{
	const u64 all[] = { 0, 10, 20, TOP - 2 };

	(void)state;
	user_begin(true, 100);
	check_walk(0, TOP - 1, NULL, 0);
	assert_int_equal(user_map(20, 5), 0);
	assert_int_equal(user_map(0, 1), 0);
	assert_int_equal(user_map(TOP - 2, 2), 0);
	assert_int_equal(user_map(10, 10), 0);

	check_walk(0, TOP - 1, all, 4);
	check_walk(0, 0, all, 1);
	check_walk(1, 9, NULL, 0);
	check_walk(0, 10, all, 2);
	check_walk(19, 20, all + 1, 2);
	check_walk(24, 24, all + 2, 1);
	check_walk(25, TOP - 3, NULL, 0);
	check_walk(TOP - 1, TOP - 1, all + 3, 1);
	user_end();
}

static void test_overlap(void **state)
{
	(void)state;
	user_begin(true, 100);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(user_map(10, 10), -EEXIST);
	assert_int_equal(user_map(9, 2), -EEXIST);
	assert_int_equal(user_map(19, 1), -EEXIST);
	assert_int_equal(user_map(0, 100), -EEXIST);
	assert_int_equal(user_map(12, 2), -EEXIST);
	assert_int_equal(user_map(9, 1), 0);
	assert_int_equal(user_map(20, 1), 0);
	user_end();
}

static void test_top(void **state)
{
	(void)state;
	user_begin(true, 100);
	assert_int_equal(user_map(TOP - 1, 1), 0);
	assert_int_equal(user_map(TOP - 1, 1), -EEXIST);
	assert_int_equal(user_map(TOP - 3, 3), -EEXIST);
	assert_int_equal(user_map(TOP - 1, 2), -EINVAL);
	assert_int_equal(user_map(TOP - 2, 1), 0);
	assert_int_equal(user_unmap(TOP - 2, 2), 2);
	assert_int_equal(user_map(TOP - 4096, 4096), 0);
	assert_int_equal(user_unmap(0, TOP - 1), -EINVAL);
	assert_int_equal(user_unmap(1, TOP - 1), 4096);
	user_end();
}

static void test_entry_limit(void **state)
{
	(void)state;
	user_begin(true, 2);
	assert_int_equal(user_map(0, 1), 0);
	assert_int_equal(user_map(1, 1), 0);
	assert_int_equal(user_map(2, 1), -ENOSPC);
	assert_int_equal(user_map(1, 1), -EEXIST);
	assert_int_equal(user_unmap(0, 1), 1);
	assert_int_equal(user_map(2, USER_PAGES + 1), -EFAULT);
	assert_int_equal(user_map(2, 1), 0);
	assert_int_equal(user_map(3, 1), -ENOSPC);
	assert_int_equal(user_unmap_all(), 2);
	assert_int_equal(sim.space.available, 2);
	user_end();
}

static int map_bytes(u64 iova, u64 vaddr, u64 size)
{
	struct stride_map_request request = { iova, vaddr, size, STRIDE_READ };

	return stride_map(&sim.space, &request);
}

static void test_arguments(void **state)
{
	const u64 page = STRIDE_PAGE_SIZE;

	(void)state;
	user_begin(true, 100);
	assert_int_equal(map_bytes(0, USER_VADDR, 0), -EINVAL);
	assert_int_equal(map_bytes(1, USER_VADDR, page), -EINVAL);
	assert_int_equal(map_bytes(0, USER_VADDR + 1, page), -EINVAL);
	assert_int_equal(map_bytes(0, USER_VADDR, page - 1), -EINVAL);
	assert_int_equal(map_bytes(page, USER_VADDR, -page), -EINVAL);
	assert_int_equal(map_bytes(0, -page, 2 * page), -EINVAL);
	assert_int_equal(map_bytes(0, -page, page), -EFAULT);
	assert_int_equal(map_bytes(0, USER_VADDR - page, page), -EFAULT);

	/* Every domain must be able to map the size: 64 KiB here. */
	stride_set_page_sizes(&sim.space, -(16 * page));
	assert_int_equal(stride_space_page_size(&sim.space), 16 * page);
	assert_int_equal(map_bytes(0, USER_VADDR, page), -EINVAL);
	assert_int_equal(map_bytes(8 * page, USER_VADDR, 16 * page), -EINVAL);
	assert_int_equal(map_bytes(16 * page, USER_VADDR, 16 * page), 0);
	user_end();
}

static void test_valid_iovas(void **state)
{
	struct stride_ranges valid = { 0 }, narrow = { 0 };

	(void)state;
	user_begin(true, 100);
	assert_int_equal(stride_ranges_init(&sim_host, &valid, 0, END), 0);
	assert_int_equal(stride_ranges_exclude(&sim_host, &valid, 0xfee00000, 0xfeefffff), 0);
	stride_set_valid_ranges(&sim.space, valid);
	assert_int_equal(user_map(0xfee00, 1), -EINVAL);
	assert_int_equal(user_map(0xfedff, 2), -EINVAL);
	assert_int_equal(user_map(0xfedff, 1), 0);
	assert_int_equal(user_map(0xfef00, 1), 0);

	/* What a group that comes later leaves must still have room for both. */
	assert_int_equal(stride_ranges_init(&sim_host, &narrow, 0xfedff000, 0xfef00fff), 0);
	assert_true(stride_space_fits(&sim.space, &narrow));
	assert_int_equal(stride_ranges_exclude(&sim_host, &narrow, 0xfef00fff, END), 0);
	assert_false(stride_space_fits(&sim.space, &narrow));
	stride_ranges_free(&sim_host, &narrow);
	assert_true(stride_space_fits(&sim.space, &narrow));
	user_end();
}

/* A pin for each leaf, or for each page if the host wants that. */
static void test_leaves(void **state)
{
	const struct sim_leaves leaves = {
		.vaddr = USER_VADDR,
		.count = 2,
		.order = STRIDE_PMD_ORDER,
		.pfn = sim_zone_pfn(SIM_HUGE),
		.step = STRIDE_PMD_PAGES,
	};

	(void)state;
	user_begin(true, 100);
	sim_set_leaves(leaves);
	assert_int_equal(user_map(0, 2 * STRIDE_PMD_PAGES), 0);
	assert_int_equal(sim_memory.pins, 2);
	assert_int_equal(user_unmap_all(), 2 * STRIDE_PMD_PAGES);
	user_end();

	sim_begin(1, (struct stride_space_options){ .v2 = true, .max_mappings = 100 });
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	sim_set_leaves(leaves);
	assert_int_equal(user_map(0, 2 * STRIDE_PMD_PAGES), 0);
	assert_int_equal(sim_memory.pins, 2 * STRIDE_PMD_PAGES);
	user_end();
}

static void test_no_memory_for_a_space(void **state)
{
	struct stride_space space = { 0 };

	(void)state;
	user_begin(true, 1);
	sim_inject(SIM_CALL_ALLOC, 1, 0);
	assert_int_equal(stride_space_init(&space, &sim_host, SIM_OPTIONS), -ENOMEM);
	sim_inject_none();
	user_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walk),
		cmocka_unit_test(test_overlap),
		cmocka_unit_test(test_top),
		cmocka_unit_test(test_entry_limit),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_valid_iovas),
		cmocka_unit_test(test_leaves),
		cmocka_unit_test(test_no_memory_for_a_space),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
