// SPDX-License-Identifier: GPL-2.0
/*
 * Which mappings an unmap takes, by the rules of both container types.
 *
 * The map of these tests, in pages: [0, 4) and [4, 8) side by side, a hole, [16, 20). Each mapping
 * has memory of its own at the same offset of one area.
 */
#include "fixture.h"

#include <errno.h>

#define END (1ull << 63)

static char *map_three(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SMALL, 20 * PAGE);

	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_map(&f->container, IOVA + 4 * PAGE, m->at + 4 * PAGE, 4 * PAGE);
	assert_map(&f->container, IOVA + 16 * PAGE, m->at + 16 * PAGE, 4 * PAGE);
	assert_int_equal(judge_locked(), 12 * PAGE);
	return m->at;
}

/* an unmap of pages [first, first + count) succeeds and takes that many */
static void assert_takes(struct fixture *f, uint64_t first, uint64_t count, uint64_t taken)
{
	uint64_t before = judge_locked(), written;

	assert_int_equal(vfio_unmap(&f->container, IOVA + first * PAGE, count * PAGE, 0, &written),
			 0);
	assert_int_equal(written, taken * PAGE);
	assert_int_equal(judge_locked(), before - taken * PAGE);
}

static void assert_refuses(struct fixture *f, uint64_t first, uint64_t count)
{
	uint64_t before = judge_locked(), written;

	assert_int_equal(vfio_unmap(&f->container, IOVA + first * PAGE, count * PAGE, 0, &written),
			 -EINVAL);
	assert_int_equal(written, count * PAGE);
	assert_int_equal(judge_locked(), before);
}

static void v2_exact_unmap_leaves_the_others(void **state)
{
	struct fixture *f = *state;
	char *at = map_three(f);

	assert_takes(f, 4, 4, 4);
	assert_reaches(&f->edu, IOVA + 3 * PAGE, at + 3 * PAGE, REACH);
	assert_unreachable(&f->edu, IOVA + 4 * PAGE, at + 4 * PAGE);
	assert_reaches(&f->edu, IOVA + 16 * PAGE, at + 16 * PAGE, REACH);
}

static void v2_unmap_takes_several_and_holes(void **state)
{
	struct fixture *f = *state;
	char *at = map_three(f);

	assert_takes(f, 4, 20, 8);
	assert_reaches(&f->edu, IOVA, at, REACH);
	assert_unreachable(&f->edu, IOVA + 16 * PAGE, at + 16 * PAGE);
}

static void v2_unmap_of_nothing_is_a_success(void **state)
{
	struct fixture *f = *state;

	map_three(f);
	assert_takes(f, 8, 8, 0);
	assert_takes(f, 9, 2, 0);
	assert_takes(f, 100, 1000, 0);
}

static void v2_bisecting_unmap_changes_nothing(void **state)
{
	struct fixture *f = *state;
	char *at = map_three(f);

	assert_refuses(f, 0, 6);
	assert_refuses(f, 2, 6);
	assert_refuses(f, 0, 18);
	assert_refuses(f, 18, 10);
	assert_refuses(f, 5, 1);
	assert_reaches(&f->edu, IOVA + 4 * PAGE - REACH / 2, at + 4 * PAGE - REACH / 2, REACH);
	assert_takes(f, 0, 8, 8);
	assert_takes(f, 0, 100, 4);
}

static void assert_takes_all(struct fixture *f, uint64_t taken)
{
	uint64_t written;

	assert_int_equal(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, &written), 0);
	assert_int_equal(written, taken * PAGE);
	assert_int_equal(judge_locked(), 0);
}

static void unmap_all_takes_all(void **state)
{
	struct fixture *f = *state;
	char *at = map_three(f);

	assert_takes_all(f, 12);
	assert_unreachable(&f->edu, IOVA + 16 * PAGE, at + 16 * PAGE);
	assert_takes_all(f, 0);
}

/*
 * The end of such a range is 2^64, which drivers have tripped over: QEMU splits it when it is
 * refused. Whatever the answer, it has to be what was done.
 */
static void unmap_up_to_the_last_iova_says_what_it_does(void **state)
{
	struct fixture *f = *state;
	uint64_t written, left;
	int ret;

	map_three(f);
	ret = vfio_unmap(&f->container, PAGE, -PAGE, 0, &written);
	left = judge_locked();
	if (ret) {
		assert_int_equal(ret, -EINVAL);
		assert_int_equal(written, -PAGE);
		assert_int_equal(left, 12 * PAGE);
	} else {
		assert_int_equal(left + written, 12 * PAGE);
	}
	assert_takes_all(f, left / PAGE);
}

static void unmap_of_half_the_iovas_takes_all_in_it(void **state)
{
	struct fixture *f = *state;
	uint64_t written;

	map_three(f);
	assert_int_equal(vfio_unmap(&f->container, 0, END, 0, &written), 0);
	assert_int_equal(written, 12 * PAGE);
	assert_int_equal(vfio_unmap(&f->container, END, END - PAGE, 0, &written), 0);
	assert_int_equal(written, 0);
}

static void v1_unmap_of_a_head_takes_the_whole_mapping(void **state)
{
	struct fixture *f = *state;
	char *at = map_three(f);

	assert_takes(f, 0, 1, 4);
	assert_unreachable(&f->edu, IOVA + 3 * PAGE, at + 3 * PAGE);
	assert_reaches(&f->edu, IOVA + 4 * PAGE, at + 4 * PAGE, REACH);
	assert_takes(f, 14, 3, 4);
	assert_takes(f, 4, 4, 4);
}

static void v1_unmap_beyond_a_head_takes_nothing(void **state)
{
	struct fixture *f = *state;
	char *at = map_three(f);

	assert_takes(f, 1, 3, 0);
	assert_takes(f, 3, 1, 0);
	assert_takes(f, 2, 16, 0);
	assert_takes(f, 17, 100, 0);
	assert_takes(f, 8, 8, 0);
	assert_reaches(&f->edu, IOVA + 2 * PAGE, at + 2 * PAGE, REACH);
}

static void v1_unmap_takes_several_by_their_heads(void **state)
{
	struct fixture *f = *state;

	map_three(f);
	assert_takes(f, 0, 17, 12);
}

/* pages 0, 3, 6 and so on, but for the first and the last, by one call that begins in a hole */
static void one_unmap_takes_very_many(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);
	uint64_t many = 2000;

	for (uint64_t i = 0; i < many; i++)
		assert_map(&f->container, IOVA + 3 * i * PAGE, m->at, PAGE);
	assert_takes(f, 1, 3 * (many - 1) - 1, many - 2);
	assert_not_written(&f->edu, IOVA + 3 * (many - 2) * PAGE, m->at);
	assert_takes_all(f, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(v2_exact_unmap_leaves_the_others),
		guest_test(v2_unmap_takes_several_and_holes),
		guest_test(v2_unmap_of_nothing_is_a_success),
		guest_test(v2_bisecting_unmap_changes_nothing),
		guest_test(unmap_all_takes_all),
		guest_test_v1(unmap_all_takes_all),
		guest_test(unmap_up_to_the_last_iova_says_what_it_does),
		guest_test(unmap_of_half_the_iovas_takes_all_in_it),
		guest_test(one_unmap_takes_very_many),
		guest_test_v1(one_unmap_takes_very_many),
		guest_test_v1(v1_unmap_of_a_head_takes_the_whole_mapping),
		guest_test_v1(v1_unmap_beyond_a_head_takes_nothing),
		guest_test_v1(v1_unmap_takes_several_by_their_heads),
	};

	return cmocka_run_group_tests_name("unmap", tests, NULL, NULL);
}
