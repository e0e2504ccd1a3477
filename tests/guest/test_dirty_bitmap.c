// SPDX-License-Identifier: GPL-2.0
/*
 * Where in a dirty bitmap a mapping's pages are, and what is left as it was. With devices that
 * write by themselves all that is mapped counts as dirty.
 *
 * Page numbers here count from IOVA. A bitmap ends where its memory ends, so that a write behind it
 * would be EFAULT, and what lies before it is compared as well.
 */
#include "dirty.h"
#include "fixture.h"

#include <errno.h>
#include <string.h>

#define PAGES 1024ull		/* of memory, and of IOVAs, to choose from */

struct pages {
	uint64_t first, count;
};

struct layout {
	const char *title;
	struct pages range;
	struct pages mappings[5];
};

static const struct layout layouts[] = {
	{ "a single page", { 0, 1 }, { { 0, 1 } } },
	{ "less than a word", { 0, 10 }, { { 0, 10 } } },
	{ "a whole word", { 0, 64 }, { { 0, 64 } } },
	{ "a word and a page", { 0, 65 }, { { 0, 65 } } },
	{ "many words", { 0, 1024 }, { { 0, 1000 } } },
	{ "within a word", { 0, 64 }, { { 5, 10 } } },
	{ "across a word's end", { 0, 128 }, { { 60, 10 } } },
	{ "two words and a bit, shifted", { 0, 256 }, { { 63, 130 } } },
	{ "up to a word's end", { 0, 128 }, { { 1, 63 } } },
	{ "not in the first word", { 0, 192 }, { { 70, 3 } } },
	{ "several in a word", { 0, 64 }, { { 1, 1 }, { 3, 2 }, { 5, 20 }, { 40, 24 } } },
	{ "neighbours", { 0, 192 }, { { 0, 30 }, { 30, 50 }, { 80, 48 }, { 128, 64 } } },
	{ "several, far apart", { 0, 1024 }, { { 0, 3 }, { 130, 200 }, { 400, 1 }, { 1023, 1 } } },
	{ "a range of its own alignment", { 37, 100 }, { { 37, 1 }, { 100, 20 }, { 130, 7 } } },
	{ "some of them", { 4, 4 }, { { 0, 4 }, { 4, 4 }, { 8, 4 } } },
	{ "nothing but a hole", { 100, 200 }, { { 0, 100 }, { 300, 1 } } },
	{ "nothing at all", { 0, 128 }, { { 0 } } },
};

static const int fills[] = { 0, 0xa5, 0xff };

#define for_each_mapping(m, layout) \
	for (const struct pages *m = (layout)->mappings; m->count; m++)

static bool is_in(const struct pages *m, const struct pages *range)
{
	return m->first >= range->first && m->first < range->first + range->count;
}

static void map_pages(struct fixture *f, const struct memory *m, struct pages pages)
{
	uint64_t offset = pages.first * PAGE;

	assert_map(&f->container, IOVA + offset, m->at + offset, pages.count * PAGE);
}

static void map_all(struct fixture *f, const struct layout *layout, const struct memory *m)
{
	for_each_mapping(pages, layout)
		map_pages(f, m, *pages);
}

/*
 * Words that no mapping begins in are as the mapping has them, up to its end; in a word where one
 * begins that is not the word's first page, what was there stays.
 */
static void expect_mapping(uint64_t *bitmap, uint64_t first, uint64_t count)
{
	uint64_t last = first + count - 1;

	for (uint64_t word = (first + 63) / 64; word <= last / 64; word++)
		bitmap[word] = 0;
	for (uint64_t bit = first; bit <= last; bit++)
		bitmap[bit / 64] |= 1ull << bit % 64;
}

/* what a GET makes of a bitmap; the size of the mappings in the range, in bytes */
static uint64_t expect_layout(uint64_t *bitmap, const struct layout *layout)
{
	uint64_t size = 0;

	for_each_mapping(m, layout) {
		if (!is_in(m, &layout->range))
			continue;
		expect_mapping(bitmap, m->first - layout->range.first, m->count);
		size += m->count * PAGE;
	}
	return size;
}

/* a bitmap that ends with its page, both filled alike, and what the page is to hold then */
struct bitmap {
	char *page;
	uint64_t *bits;
	char expected[PAGE];
	uint64_t *expected_bits;
};

static struct bitmap *make_bitmap(uint64_t npages)
{
	static struct bitmap b;

	b.page = memory_get(MEMORY_SMALL, PAGE)->at;
	b.bits = (uint64_t *)(b.page + PAGE - DIRTY_BYTES(npages));
	b.expected_bits = (uint64_t *)(b.expected + PAGE - DIRTY_BYTES(npages));
	return &b;
}

static void fill(struct bitmap *b, int byte)
{
	memset(b->page, byte, PAGE);
	memset(b->expected, byte, PAGE);
}

static void get_shows(struct fixture *f, const struct layout *layout, struct bitmap *b)
{
	expect_layout(b->expected_bits, layout);
	assert_int_equal(dirty_get(&f->container, IOVA + layout->range.first * PAGE,
				   layout->range.count * PAGE, b->bits), 0);
	assert_memory_equal(b->page, b->expected, PAGE);
}

static void unmap_shows(struct fixture *f, const struct layout *layout, struct bitmap *b)
{
	uint64_t before = judge_locked(), size, written;

	size = expect_layout(b->expected_bits, layout);
	assert_int_equal(dirty_unmap(&f->container, IOVA + layout->range.first * PAGE,
				     layout->range.count * PAGE, b->bits, &written), 0);
	assert_memory_equal(b->page, b->expected, PAGE);
	assert_int_equal(written, size);
	assert_int_equal(judge_locked(), before - size);
}

/* started afresh each time: see nothing_is_left_behind_a_mapping() */
static void get_and_unmap_show_the_same(void **state)
{
	struct fixture *f = *state;
	const struct layout *layout = f->variant;
	struct bitmap *b = make_bitmap(layout->range.count);
	struct memory *m = memory_get(MEMORY_SMALL, PAGES * PAGE);

	for (unsigned int i = 0; i < guest_rows(fills); i++) {
		map_all(f, layout, m);
		assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
		fill(b, fills[i]);
		get_shows(f, layout, b);
		assert_int_equal(dirty_switch(&f->container, DIRTY_STOP), 0);
		assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
		fill(b, fills[i]);
		unmap_shows(f, layout, b);
		assert_int_equal(dirty_switch(&f->container, DIRTY_STOP), 0);
		assert_int_equal(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL), 0);
	}
}

/* also what the device cannot write, and what is not memory */
static void any_kind_of_mapping_is_dirty(void **state)
{
	struct fixture *f = *state;
	struct memory *small = memory_get(MEMORY_SMALL, 2 * PAGE);
	struct memory *huge = memory_get(MEMORY_THP, 2 * THP_SIZE);
	struct bitmap *b = make_bitmap(1024);

	assert_int_equal(vfio_map(&f->container, IOVA, small->at, 2 * PAGE, DEVICE_READ), 0);
	assert_map(&f->container, IOVA + 2 * PAGE, (void *)f->edu.bar, f->edu.bar_size);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_map(&f->container, IOVA + 300 * PAGE, huge->at, THP_SIZE + 3 * PAGE);
	fill(b, 0);
	expect_mapping(b->expected_bits, 0, 2 + f->edu.bar_size / PAGE);
	expect_mapping(b->expected_bits, 300, 515);
	assert_int_equal(dirty_get(&f->container, IOVA, 1024 * PAGE, b->bits), 0);
	assert_memory_equal(b->page, b->expected, PAGE);
}

/*
 * The in-tree driver keeps bits behind a mapping's end after it has shifted them for the user, and
 * shows them the next time.
 */
static void nothing_is_left_behind_a_mapping(void **state)
{
	struct fixture *f = *state;
	uint64_t left = vfio_in_tree(), word = 0;

	map_pages(f, memory_get(MEMORY_SMALL, PAGES * PAGE), (struct pages){ 5, 10 });
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_int_equal(dirty_get(&f->container, IOVA, 64 * PAGE, &word), 0);
	assert_int_equal(word, 0x3ffull << 5);
	assert_int_equal(dirty_get(&f->container, IOVA, 64 * PAGE, &word), 0);
	assert_int_equal(word, 0x3ffull << 5 | left * 0x1f << 15);
	word = 0;
	assert_int_equal(dirty_get(&f->container, IOVA + 5 * PAGE, 10 * PAGE, &word), 0);
	assert_int_equal(word, 0x3ff | left * 0x3ff << 10);
}

int main(void)
{
	const struct CMUnitTest single[] = {
		guest_test(any_kind_of_mapping_is_dirty),
		guest_test(nothing_is_left_behind_a_mapping),
	};
	struct CMUnitTest tests[guest_rows(layouts) + guest_rows(single)];
	struct CMUnitTest *test = tests;

	guest_add_rows(test, layouts, get_and_unmap_show_the_same);
	memcpy(test, single, sizeof(single));

	return cmocka_run_group_tests_name("dirty bitmap", tests, NULL, NULL);
}
