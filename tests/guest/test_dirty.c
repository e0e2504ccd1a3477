// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty tracking with devices that write by themselves: while it is on, all that is mapped counts
 * as dirty, each time again.
 */
#include "dirty.h"
#include "fixture.h"

#include <errno.h>

#define SIZE (8 * PAGE)

static void all_is_dirty_each_time(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(dirty_word(&f->container, IOVA), 0xff);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
}

static void starts_and_stops(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t word = 0;

	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(dirty_switch(&f->container, DIRTY_STOP), 0);
	assert_int_equal(dirty_get(&f->container, IOVA, SIZE, &word), -EINVAL);
	for (int i = 0; i < 3; i++) {
		assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
		assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
		assert_int_equal(dirty_word(&f->container, IOVA), 0xff);
		assert_int_equal(dirty_switch(&f->container, DIRTY_STOP), 0);
		assert_int_equal(dirty_switch(&f->container, DIRTY_STOP), 0);
		assert_int_equal(dirty_get(&f->container, IOVA, SIZE, &word), -EINVAL);
		assert_int_equal(dirty_unmap(&f->container, IOVA, SIZE, &word, NULL), -EINVAL);
	}
	assert_int_equal(word, 0);
	assert_int_equal(judge_locked(), SIZE);
}

static void assert_words(struct fixture *f, uint64_t first, uint64_t second)
{
	uint64_t words[2] = { 0 };

	assert_int_equal(dirty_get(&f->container, IOVA, 128 * PAGE, words), 0);
	assert_int_equal(words[0], first);
	assert_int_equal(words[1], second);
}

static void mappings_come_and_go(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t other = IOVA + 66 * PAGE;

	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_words(f, 0, 0);
	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_words(f, 0xf, 0);
	assert_map(&f->container, IOVA + 64 * PAGE, m->at, 2 * PAGE);
	assert_words(f, 0xf, 3);
	assert_unmap(&f->container, IOVA, 4 * PAGE);
	assert_words(f, 0, 3);
	assert_map(&f->container, IOVA, m->at, PAGE);
	assert_words(f, 1, 3);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, PAGE, DEVICE_BOTH), -EEXIST);
	assert_int_equal(vfio_map(&f->container, other, m->at - PAGE, PAGE, DEVICE_BOTH), -EFAULT);
	assert_words(f, 1, 3);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL), 0);
	assert_words(f, 0, 0);
}

static void groups_come_and_go(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t word = 0;

	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	edu_open(&f->edu2, &f->container, EDU_SECOND);
	assert_int_equal(dirty_word(&f->container, IOVA), 0xf);
	edu_close(&f->edu);
	assert_int_equal(dirty_word(&f->container, IOVA), 0xf);
	edu_close(&f->edu2);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_equal(dirty_get(&f->container, IOVA, 64 * PAGE, &word), -EINVAL);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_int_equal(dirty_word(&f->container, IOVA), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(all_is_dirty_each_time),
		guest_test(starts_and_stops),
		guest_test(mappings_come_and_go),
		guest_test(groups_come_and_go),
	};

	return cmocka_run_group_tests_name("dirty", tests, NULL, NULL);
}
