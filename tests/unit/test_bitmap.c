// SPDX-License-Identifier: GPL-2.0
/*
 * The bitmap of dirty pages, bit by bit: what is reported, what stays as it was, and what fails.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "bitmap.h"

static bool is_set(u64 page)
{
	return bitmap_words[page / 64] >> page % 64 & 1;
}

/* One mapping of @npages, @shift pages into the range, some of them written to. */
struct one {
	u64 npages;
	u64 shift;
	bool written[USER_PAGES];
};

static bool is_due(const struct one *one, u64 page)
{
	u64 first = one->shift / 64, last = (one->shift + one->npages - 1) / 64, word = page / 64;
	bool before = PAST >> page % 64 & 1;

	if (word < first || word > last)
		return before;
	if (word == first && one->shift % 64 && before)
		return true;
	return page >= one->shift && page < one->shift + one->npages &&
	       one->written[page - one->shift];
}

static void one_mapping(u64 npages, u64 shift)
{
	struct one one = { .npages = npages, .shift = shift };
	u64 i, page;

	sim_run_begin(npages * 64 + shift);
	assert_int_equal(user_map_prot(1000 + shift, npages, RW), 0);
	for (i = 0; i < 1 + npages / 3; i++) {
		page = i == 0 ? npages - 1 : sim_below(npages);
		one.written[page] = true;
		dirty_page(1000 + shift + page);
	}
	assert_int_equal(dirty_get(1000, shift + npages + 70), 0);
	for (i = 0; i < 64 * BITMAP_WORDS; i++)
		assert_int_equal(is_set(i), is_due(&one, i));
	assert_int_equal(user_unmap(1000 + shift, npages), npages);
}

/* Sizes around a word's, and around what is copied at a time. */
static void test_words(void **state)
{
	static const u64 sizes[] = { 1, 2, 63, 64, 65, 128, 129, 4031, 4032, 4033, 4095, 4096 };
	static const u64 shifts[] = { 0, 1, 37, 63, 64, 65, 128 };
	u32 i, k;

	(void)state;
	dirty_begin();
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (k = 0; k < sizeof(shifts) / sizeof(shifts[0]); k++)
			one_mapping(sizes[i], shifts[k]);
	user_end();
}

/* Longer than what is copied at a time, and shifted: each word takes bits from the one before. */
static void test_long(void **state)
{
	u64 i;

	(void)state;
	dirty_begin();
	sim_set_leaves((struct sim_leaves){ USER_VADDR, 9000, 0, 0x100000, 1, SIM_RW, SIM_MEMORY });
	assert_int_equal(user_map_prot(1003, 9000, RW), 0);
	for (i = 0; i < 9000; i += 61)
		dirty_page(1003 + i);
	assert_int_equal(dirty_get(1000, 9003), 0);
	for (i = 61; i < 9000; i++)
		assert_int_equal(is_set(3 + i), i % 61 == 0);
	user_end();
}

/* Mappings at pages 3 to 9, 10 to 12 and 60 to 70 of the range. */
static void test_shared_words(void **state)
{
	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(3, 7, RW), 0);
	assert_int_equal(user_map_prot(10, 3, RW), 0);
	assert_int_equal(user_map_prot(60, 11, RW), 0);
	dirty_page(9);
	dirty_page(12);
	dirty_page(60);
	dirty_page(70);
	assert_int_equal(dirty_get(0, 192), 0);
	assert_int_equal(bitmap_words[0], PAST | 1ULL << 9 | 1ULL << 12 | 1ULL << 60);
	assert_int_equal(bitmap_words[1], 1ULL << 6);
	assert_int_equal(bitmap_words[2], PAST);

	/* From the first one's beginning on, nothing of what was there stays. */
	dirty_page(9);
	dirty_page(60);
	assert_int_equal(dirty_get(3, 192), 0);
	assert_int_equal(bitmap_words[0], 1ULL << 6 | 1ULL << 57);
	assert_int_equal(bitmap_words[1], 0);
	assert_int_equal(bitmap_words[2], PAST);

	assert_int_equal(dirty_get(60, 11), 0);
	assert_int_equal(bitmap_words[0], 0);
	assert_int_equal(dirty_get(100, 100), 0);
	assert_int_equal(bitmap_words[0], PAST);
	user_end();
}

/* A bitmap that cannot be written, in its second mapping: nothing is forgotten, of either. */
static void test_fault(void **state)
{
	struct stride_bitmap bitmap;
	struct sim_state before;

	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(0, 64, RW), 0);
	assert_int_equal(user_map_prot(64, 64, RW), 0);
	dirty_page(3);
	dirty_page(67);
	before = sim_state();
	bitmap = bitmap_of(16);
	sim_user.fault_at = 15;
	assert_int_equal(stride_dirty_get(&sim.space, 0, 128 * STRIDE_PAGE_SIZE, &bitmap), -EFAULT);
	sim_check_same(&before);
	assert_int_equal(dirty_get(0, 128), 0);
	assert_int_equal(bitmap_words[0], 8);
	assert_int_equal(bitmap_words[1], 8);
	user_end();
}

static int unmap_and_get(u64 ipn, u64 npages, u64 fault_at)
{
	struct stride_bitmap bitmap = bitmap_of((npages + 63) / 64 * 8);
	struct stride_unmap_request request = {
		.iova = ipn << STRIDE_PAGE_SHIFT,
		.size = npages << STRIDE_PAGE_SHIFT,
		.dirty = &bitmap,
	};
	u64 unmapped = ~0ULL;
	int err;

	sim_user.fault_at = fault_at;
	err = stride_unmap(&sim.space, &request, &unmapped);
	sim_check();
	return err ? err : (int)(unmapped >> STRIDE_PAGE_SHIFT);
}

/* Dirty pages are reported before an unmap; if they cannot be, nothing is unmapped. */
static void test_unmap(void **state)
{
	struct sim_state before;

	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map_prot(0, 64, RW), 0);
	assert_int_equal(user_map_prot(64, 64, RW), 0);
	assert_int_equal(unmap_and_get(0, 64, ~0ULL), -EINVAL);		/* nothing is tracked */
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	dirty_page(3);
	dirty_page(67);
	before = sim_state();
	assert_int_equal(unmap_and_get(0, 128, 15), -EFAULT);
	sim_check_same(&before);
	assert_int_equal(unmap_and_get(0, 128, ~0ULL), 128);
	assert_int_equal(bitmap_words[0], 8);
	assert_int_equal(bitmap_words[1], 8);
	assert_int_equal(bitmap_words[2], PAST);
	assert_int_equal(unmap_and_get(0, 128, ~0ULL), 0);
	assert_int_equal(bitmap_words[0], PAST);
	user_end();
}

static int get_bytes(u64 iova, u64 size, u64 bytes, u64 page_size)
{
	struct stride_bitmap bitmap = bitmap_of(bytes);

	bitmap.page_size = page_size;
	return stride_dirty_get(&sim.space, iova, size, &bitmap);
}

static void test_arguments(void **state)
{
	const u64 page = STRIDE_PAGE_SIZE;
	const u64 most = 1ULL << 28;		/* bytes of a bitmap */

	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(10, 10, RW), 0);
	assert_int_equal(get_bytes(0, 0, 8, page), -EINVAL);
	assert_int_equal(get_bytes(1, 20 * page, 8, page), -EINVAL);
	assert_int_equal(get_bytes(0, 20 * page - 1, 8, page), -EINVAL);
	assert_int_equal(get_bytes(0, 20 * page, 7, page), -EINVAL);
	assert_int_equal(get_bytes(0, 20 * page, 8, 2 * page), -EINVAL);
	assert_int_equal(get_bytes(0, 20 * page, 8, 0), -EINVAL);
	assert_int_equal(get_bytes(-page, page, 8, page), -EINVAL);
	assert_int_equal(get_bytes(-page, 2 * page, 8, page), -EINVAL);
	assert_int_equal(get_bytes(0, 19 * page, 8, page), -EINVAL);
	assert_int_equal(get_bytes(11 * page, 20 * page, 8, page), -EINVAL);
	assert_int_equal(get_bytes(-2 * page, page, 8, page), 0);
	assert_int_equal(get_bytes(0, 20 * page, 8, page), 0);
	assert_int_equal(get_bytes(0, 20 * page, most, page), 0);
	assert_int_equal(get_bytes(0, 20 * page, most + 1, page), -EINVAL);

	assert_int_equal(get_bytes(page << 31, page << 31, most, page), 0);
	assert_int_equal(get_bytes(page << 31, page << 31, most - 1, page), -EINVAL);
	assert_int_equal(get_bytes(page << 31, (page << 31) + 64 * page, most + 8, page), -EINVAL);
	user_end();
}

/* At the end of the address space, where dirty pages are reported only by an unmap. */
static void test_top(void **state)
{
	const u64 top = (1ULL << 52) - 4;

	(void)state;
	dirty_begin();
	assert_int_equal(user_map_prot(top, 4, RW), 0);
	assert_int_equal(user_hold(top + 3, 1), 0);
	assert_int_equal(dirty_get(top, 4), -EINVAL);
	stride_dirty_stop(&sim.space);
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	dirty_page(top);
	assert_int_equal(unmap_and_get(top, 4, ~0ULL), -EBUSY);
	assert_int_equal(user_unhold(top + 3, 1), 1);
	assert_int_equal(unmap_and_get(top, 4, ~0ULL), 4);
	assert_int_equal(bitmap_words[0], 9);
	user_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_words),
		cmocka_unit_test(test_long),
		cmocka_unit_test(test_shared_words),
		cmocka_unit_test(test_fault),
		cmocka_unit_test(test_unmap),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
