// SPDX-License-Identifier: GPL-2.0
/*
 * The record: which extents become one, how it grows, how it is read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "core/record.h"
#include "plain.h"
#include "sim/sim.h"

#define PFN_END	(1ULL << 40)

static struct stride_extent extent(u64 pfn, u64 npages, enum stride_kind kind)
{
	return (struct stride_extent){ .pfn = pfn, .npages = npages, .kind = kind };
}

static int append(struct stride_record *record, struct stride_extent one)
{
	return stride_record_append(&plain_host, record, &one, 1) == 1 ? 0 : -ENOMEM;
}

static u64 count_extents(const struct stride_record *record)
{
	struct stride_cursor cursor = { 0 };
	u64 total = 0;
	u32 n;

	for (; stride_record_slice(record, &cursor, &n); cursor.index += n)
		total += n;
	return total;
}

/* How many extents do these two take? */
static u64 together(struct stride_extent a, struct stride_extent b)
{
	struct stride_record record = { 0 };
	u64 n;

	plain_reset();
	assert_int_equal(append(&record, a), 0);
	assert_int_equal(append(&record, b), 0);
	n = count_extents(&record);
	if (n == 1)
		assert_int_equal(record.first.extents[0].npages, (u64)a.npages + b.npages);
	stride_record_free(&plain_host, &record);
	return n;
}

static void test_merge(void **state)
{
	enum stride_kind kind;

	(void)state;
	for (kind = STRIDE_NOPIN; kind <= STRIDE_PUD; kind++) {
		u64 pin = stride_pin_pages(kind) ? stride_pin_pages(kind) : 1;

		assert_int_equal(together(extent(0, pin, kind), extent(pin, pin, kind)), 1);
		assert_int_equal(together(extent(pin, pin, kind), extent(0, pin, kind)), 2);
		assert_int_equal(together(extent(0, pin, kind), extent(2 * pin, pin, kind)), 2);
		assert_int_equal(together(extent(0, pin, kind),
					  extent(pin, pin, (kind + 1) % (STRIDE_PUD + 1))), 2);
	}
}

/* Two extents that hold a pin of the same leaf must stay two. */
static void test_merge_clipped(void **state)
{
	(void)state;
	assert_int_equal(together(extent(100, 412, STRIDE_PMD), extent(512, 3, STRIDE_PMD)), 1);
	assert_int_equal(together(extent(512, 100, STRIDE_PMD), extent(612, 412, STRIDE_PMD)), 2);
	assert_int_equal(together(extent(7, 505, STRIDE_PUD), extent(512, 512, STRIDE_PUD)), 2);
	assert_int_equal(together(extent(7, STRIDE_PUD_PAGES - 7, STRIDE_PUD),
				  extent(STRIDE_PUD_PAGES, 1, STRIDE_PUD)), 1);
	assert_int_equal(together(extent(7, 1, STRIDE_PAGE), extent(8, 1, STRIDE_PAGE)), 1);
	assert_int_equal(together(extent(7, 9, STRIDE_PAGE + 4), extent(16, 3, STRIDE_PAGE + 4)),
			 1);
	assert_int_equal(together(extent(7, 1, STRIDE_PAGE + 4), extent(8, 8, STRIDE_PAGE + 4)), 2);
}

/* A kind for each order: how many pages one pin covers; and an extent holds the most of all. */
static void test_kinds(void **state)
{
	struct stride_extent most = extent(PFN_END - 1, STRIDE_EXTENT_PAGES, STRIDE_PUD);
	u32 order;

	(void)state;
	assert_int_equal(stride_pin_pages(STRIDE_NOPIN), 0);
	assert_int_equal(stride_pin_pages(STRIDE_RESERVED), 1);
	for (order = 0; order <= STRIDE_PMD_ORDER; order++)
		assert_int_equal(stride_pin_pages(STRIDE_PAGE + order), 1ULL << order);
	assert_int_equal(stride_pin_pages(STRIDE_PMD), STRIDE_PMD_PAGES);
	assert_int_equal(stride_pin_pages(STRIDE_PUD), STRIDE_PUD_PAGES);
	assert_int_equal(sizeof(most), 8);
	assert_int_equal(most.pfn, PFN_END - 1);
	assert_int_equal(most.npages, STRIDE_EXTENT_PAGES);
	assert_int_equal(most.kind, STRIDE_PUD);
}

static void test_merge_extremes(void **state)
{
	const u64 most = STRIDE_EXTENT_PAGES;

	(void)state;
	assert_int_equal(together(extent(0, most - 1, STRIDE_NOPIN),
				  extent(most - 1, 1, STRIDE_NOPIN)), 1);
	assert_int_equal(together(extent(0, most, STRIDE_NOPIN), extent(most, 1, STRIDE_NOPIN)), 2);
	assert_int_equal(together(extent(0, most, STRIDE_NOPIN), extent(most, most, STRIDE_NOPIN)),
			 2);
	assert_int_equal(together(extent(PFN_END - 2, 1, STRIDE_NOPIN),
				  extent(PFN_END - 1, 1, STRIDE_NOPIN)), 1);
}

/* The last pfn has no successor. */
static void test_merge_past_the_last_pfn(void **state)
{
	(void)state;
	assert_int_equal(together(extent(PFN_END - 1, 1, STRIDE_NOPIN), extent(0, 1, STRIDE_NOPIN)),
			 2);
}

/* Growing moves nothing, takes bounded pieces, and wastes little. */
static void test_growth(void **state)
{
	struct stride_record record = { 0 };
	const struct stride_extent *early;
	struct stride_cursor cursor = { 0 };
	u64 i, n = 1 << 19;
	u32 slice;

	(void)state;
	plain_reset();
	assert_int_equal(append(&record, extent(0, 1, STRIDE_PAGE)), 0);
	early = stride_record_slice(&record, &cursor, &slice);
	for (i = 1; i < n; i++) {
		assert_int_equal(append(&record, extent(2 * i, 1, STRIDE_PAGE)), 0);
		if (i == STRIDE_RECORD_OWN - 1)
			assert_int_equal(plain_bytes, 0);
	}
	assert_int_equal(count_extents(&record), n);
	assert_in_range(plain_largest, 1, 4096);
	assert_in_range(plain_bytes, 8 * n, 8 * n + n / 8);

	cursor = (struct stride_cursor){ 0 };
	assert_ptr_equal(stride_record_slice(&record, &cursor, &slice), early);
	assert_int_equal(early->npages, 1);
	stride_record_free(&plain_host, &record);
	assert_int_equal(count_extents(&record), 0);
}

/* Without memory the record stays as it was; later it goes on. */
static void test_no_memory(void **state)
{
	struct stride_record record = { 0 };
	u64 i, n = 0, err;

	(void)state;
	plain_reset();
	for (i = 0; i < 2000; i++) {
		plain_room = 0;
		err = append(&record, extent(2 * i, 1, STRIDE_PAGE));
		assert_int_equal(count_extents(&record), err ? n : n + 1);
		plain_room = 1;
		if (err)
			assert_int_equal(append(&record, extent(2 * i, 1, STRIDE_PAGE)), 0);
		assert_int_equal(count_extents(&record), ++n);
	}
	stride_record_free(&plain_host, &record);
}

/* A cursor at the end goes on with what is appended later, as map's does. */
static void test_cursor_goes_on(void **state)
{
	struct stride_record record = { 0 };
	struct stride_cursor cursor = { 0 };
	const struct stride_extent *extents;
	u64 i;
	u32 n;

	(void)state;
	plain_reset();
	assert_null(stride_record_slice(&record, &cursor, &n));
	for (i = 0; i < 2000; i++) {
		append(&record, extent(2 * i, 1, STRIDE_PAGE));
		extents = stride_record_slice(&record, &cursor, &n);
		assert_non_null(extents);
		assert_int_equal(n, 1);
		assert_int_equal(extents->pfn, 2 * i);
		cursor.index++;
		assert_null(stride_record_slice(&record, &cursor, &n));
	}
	stride_record_free(&plain_host, &record);
}

static struct stride_extent random_extent(const struct stride_extent *before)
{
	enum stride_kind kind = sim_below(3) ? before->kind : sim_below(STRIDE_PUD + 1);
	u64 pfn = sim_below(3) ? (u64)before->pfn + before->npages : sim_below(1 << 20);

	return extent(pfn, 1 + sim_below(sim_below(2) ? 4 : 2000), kind);
}

/* Pages and pins are the same as without any merging. */
static void test_random(void **state)
{
	struct stride_record record = { 0 };
	struct stride_cursor cursor = { 0 };
	struct stride_extent *naive = calloc(3000, sizeof(*naive));
	const struct stride_extent *extents;
	u64 i, n = 3000, done = 0, offset;
	u32 slice;

	(void)state;
	plain_reset();
	sim_run_begin(1);
	for (i = 0; i < n; i++) {
		naive[i] = random_extent(i ? naive + i - 1 : naive);
		assert_int_equal(append(&record, naive[i]), 0);
	}
	for (i = 0; (extents = stride_record_slice(&record, &cursor, &slice)); cursor.index++)
		for (offset = 0; offset < extents->npages; offset += done) {
			done = naive[i].npages;
			assert_int_equal(extents->kind, naive[i].kind);
			assert_int_equal(extents->pfn + offset, naive[i++].pfn);
		}
	assert_int_equal(i, n);
	assert_true(count_extents(&record) < n);
	stride_record_free(&plain_host, &record);
	free(naive);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_merge),
		cmocka_unit_test(test_merge_clipped),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_merge_extremes),
		cmocka_unit_test(test_merge_past_the_last_pfn),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_no_memory),
		cmocka_unit_test(test_cursor_goes_on),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
