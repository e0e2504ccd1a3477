// SPDX-License-Identifier: GPL-2.0
/*
 * Where in a dirty bitmap the pages are that emulated devices' drivers wrote, of several mappings
 * that share its words; and how large a mapping can be.
 */
#include "dirty.h"
#include "fixture.h"
#include "info.h"

#include <errno.h>

/* the largest mapping that can be tracked */
#define LARGEST (((1ull << 31) - 1) * PAGE)

#define PAGES 448ull		/* from IOVA on */
#define WORDS (PAGES / 64)

static const struct pages {
	uint64_t first, count;
} mappings[] = { { 5, 10 }, { 15, 49 }, { 70, 3 }, { 130, 200 }, { 333, 1 }, { 335, 50 } };

/* ranges begin there, and end with the last page */
static const uint64_t range_starts[] = { 0, 1, 5, 15, 65, 74, 130 };

static void map_all(struct fixture *f, const struct memory *m)
{
	for (unsigned int i = 0; i < guest_rows(mappings); i++)
		assert_map(&f->container, IOVA + mappings[i].first * PAGE,
			   m->at + mappings[i].first * PAGE, mappings[i].count * PAGE);
}

/* the driver writes a byte to each third page; their bits, from page first on */
static void write_some(struct fixture *f, unsigned int round, uint64_t first, uint64_t *bits)
{
	for (unsigned int i = 0; i < guest_rows(mappings); i++) {
		const struct pages *m = &mappings[i];

		for (uint64_t page = m->first; page < m->first + m->count; page++) {
			uint64_t iova = IOVA + page * PAGE + page, bit = page - first;

			if ((page * page + round) % 3)
				continue;
			assert_int_equal(emulated_rw(&f->emulated, iova, "", 1, true, false), 0);
			if (page >= first)
				bits[bit / 64] |= 1ull << bit % 64;
		}
	}
}

static void start_anew(struct fixture *f)
{
	assert_int_equal(dirty_switch(&f->container, DIRTY_STOP), 0);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
}

/* started anew each time: see test_dirty_bitmap.c, nothing_is_left_behind_a_mapping() */
static void several_mappings(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGES * PAGE);

	for (unsigned int i = 0; i < guest_rows(range_starts); i++) {
		uint64_t first = range_starts[i], iova = IOVA + first * PAGE;
		uint64_t expected[WORDS] = { 0 }, bits[WORDS] = { 0 }, unused[WORDS] = { 0 };

		map_all(f, m);
		start_anew(f);
		write_some(f, i, first, expected);
		assert_int_equal(dirty_get(&f->container, iova, (PAGES - first) * PAGE, bits), 0);
		assert_memory_equal(bits, expected, sizeof(bits));
		start_anew(f);
		write_some(f, i, first, unused);
		for (unsigned int word = 0; word < WORDS; word++)
			bits[word] = 0;
		assert_int_equal(dirty_unmap(&f->container, iova, (PAGES - first) * PAGE, bits,
					     NULL), 0);
		assert_memory_equal(bits, expected, sizeof(bits));
		assert_int_equal(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL), 0);
	}
}

/* in-tree shows a page of the next mapping, which nobody wrote */
static void pages_of_the_next_mapping(void **state)
{
	struct fixture *f = *state;

	map_all(f, memory_get(MEMORY_SMALL, PAGES * PAGE));
	start_anew(f);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + 14 * PAGE, 1, DEVICE_BOTH), 1);
	emulated_unpin(&f->emulated, IOVA + 14 * PAGE, 1);
	assert_int_equal(dirty_word(&f->container, IOVA), 1ull << 14);
	assert_int_equal(dirty_word(&f->container, IOVA), vfio_in_tree() ? 1ull << 19 : 0);
}

/* in-tree has moved the bits by then */
static void bitmap_that_cannot_be_written(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGES * PAGE);

	map_all(f, m);
	start_anew(f);
	assert_int_equal(emulated_rw(&f->emulated, IOVA + 5 * PAGE, "", 1, true, false), 0);
	assert_int_equal(dirty_get(&f->container, IOVA, 64 * PAGE, m->at + m->size), -EFAULT);
	assert_int_equal(dirty_word(&f->container, IOVA + 5 * PAGE), vfio_in_tree() ? 1 << 5 : 1);
}

static void mappings_that_are_too_large(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);
	uint32_t left = info_entries_left(&f->container);
	uint64_t word;

	assert_map(&f->container, IOVA, m->at, PAGE);
	assert_map(&f->container, 2 * LARGEST, m->at, LARGEST + PAGE);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), -EINVAL);
	assert_int_equal(dirty_get(&f->container, IOVA, PAGE, &word), -EINVAL);
	assert_unmap(&f->container, 2 * LARGEST, LARGEST + PAGE);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_int_equal(vfio_map(&f->container, 2 * LARGEST, m->at, LARGEST + PAGE, DEVICE_BOTH),
			 -EINVAL);
	assert_int_equal(info_entries_left(&f->container), left - 1);
}

/* it may be asked for; only that there is no memory for the bitmap */
static void the_largest_mapping(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);
	void *nowhere = m->at + m->size;

	assert_map(&f->container, IOVA, m->at, LARGEST);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_int_equal(dirty_get(&f->container, IOVA, LARGEST, nowhere), -EFAULT);
	assert_int_equal(dirty_get(&f->container, IOVA - PAGE, LARGEST + PAGE, nowhere), -EFAULT);
	assert_int_equal(dirty_get(&f->container, IOVA - PAGE, LARGEST + 2 * PAGE, nowhere),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(several_mappings),
		guest_test_emulated(pages_of_the_next_mapping),
		guest_test_emulated(bitmap_that_cannot_be_written),
		guest_test_emulated(mappings_that_are_too_large),
		guest_test_emulated(the_largest_mapping),
	};

	return cmocka_run_group_tests_name("emulated bitmap", tests, NULL, NULL);
}
