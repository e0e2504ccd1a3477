// SPDX-License-Identifier: GPL-2.0
/*
 * The last page of all IOVAs, whose end is 2^64. AMD-Vi translates it; VT-d does not.
 *
 * The in-tree driver does not find what ends there again.
 */
#include "dirty.h"
#include "fixture.h"
#include "iommu.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define SIZE (4 * PAGE)
#define TOP (-PAGE)
#define FAR (1ull << 56)	/* where VT-d translates nothing either */

/* no mapping has to end there */
static void range_up_to_it_is_unmapped(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t unmapped;

	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(vfio_unmap(&f->container, IOVA, -IOVA, 0, &unmapped), 0);
	assert_int_equal(unmapped, vfio_in_tree() ? 0 : SIZE);
	assert_int_equal(judge_locked(), SIZE - unmapped);
}

static void it_is_beyond_the_aperture(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_int_equal(vfio_map(&f->container, TOP, m->at, PAGE, DEVICE_BOTH), -EINVAL);
	assert_int_equal(vfio_map(&f->container, -SIZE, m->at, SIZE, DEVICE_BOTH), -EINVAL);
	assert_int_equal(judge_locked(), 0);
}

static void map_twice_and_unmap(struct fixture *f, char *at)
{
	uint64_t unmapped;

	assert_map(&f->container, TOP, at, PAGE);
	assert_map(&f->container, TOP, at + PAGE, PAGE);
	assert_int_equal(vfio_unmap(&f->container, TOP, PAGE, 0, &unmapped), 0);
	assert_int_equal(unmapped, 0);
}

/* by a child, whose locked memory ends with it; the pages stay pinned for good */
static void assert_lost(struct fixture *f, char *at)
{
	if (!fixture_fork(f)) {
		map_twice_and_unmap(f, at);
		_exit(0);
	}
	assert_int_equal(fixture_wait(f), 0);
	edu_close(&f->edu);
	assert_int_equal(judge_pins(), 2);
	judge_begin();
}

static void it_is_a_page(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	if (vfio_in_tree()) {
		assert_lost(f, m->at);
		return;
	}
	assert_map(&f->container, TOP, m->at, PAGE);
	assert_int_equal(vfio_map(&f->container, TOP, m->at, PAGE, DEVICE_BOTH), -EEXIST);
	assert_reaches(&f->edu, UINT64_MAX - REACH + 1, m->at + PAGE - REACH, REACH);
	edu_open(&f->edu2, &f->container, EDU_SECOND);
	assert_reaches(&f->edu2, TOP, m->at, REACH);
	assert_unmap(&f->container, TOP, PAGE);
	assert_unreachable(&f->edu, TOP, m->at);
	assert_unreachable(&f->edu2, TOP, m->at);
}

/* of small and of huge pages, in a range of its own and in one with others */
static void it_ends_mappings(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);
	uint64_t size = THP_SIZE + 7 * PAGE, unmapped;

	assert_map(&f->container, -size, m->at + 2 * THP_SIZE - size, size);
	assert_int_equal(vfio_map(&f->container, -THP_SIZE, m->at, PAGE, DEVICE_BOTH), -EEXIST);
	assert_reaches(&f->edu, -THP_SIZE - REACH / 2, m->at + THP_SIZE - REACH / 2, REACH);
	assert_reaches(&f->edu, UINT64_MAX - REACH + 1, m->at + 2 * THP_SIZE - REACH, REACH);
	assert_int_equal(vfio_unmap(&f->container, TOP, PAGE, 0, NULL), -EINVAL);
	assert_unmap(&f->container, -size, size);
	assert_map(&f->container, -SIZE, m->at, SIZE);
	assert_map(&f->container, -2 * SIZE, m->at, SIZE);
	assert_int_equal(vfio_unmap(&f->container, FAR, -FAR, 0, &unmapped), 0);
	assert_int_equal(unmapped, 2 * SIZE);
	assert_unreachable(&f->edu, TOP, m->at + SIZE - PAGE);
}

/* as a range of GET has to end below 2^64, only an unmap shows it */
static void it_is_dirty(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t word = 0, unmapped;

	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_map(&f->container, -SIZE, m->at, SIZE);
	assert_int_equal(dirty_get(&f->container, -SIZE, SIZE, &word), -EINVAL);
	assert_int_equal(dirty_unmap(&f->container, -2 * SIZE, 2 * SIZE, &word, &unmapped), 0);
	assert_int_equal(unmapped, SIZE);
	assert_int_equal(word, 0xf0);
}

/* in-tree the joining group finds nothing to translate there */
static void group_joins_where_it_is_mapped(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);

	assert_map(&f->container, FAR, m->at, PAGE);
	assert_map(&f->container, TOP, m->at + PAGE, PAGE);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_reaches(&f->edu, FAR, m->at, REACH);
	if (vfio_in_tree()) {
		assert_held(1);
		assert_unreachable(&f->edu, TOP, m->at + PAGE);
	} else {
		assert_held(2);
		assert_reaches(&f->edu, TOP, m->at + PAGE, REACH);
	}
	edu_close(&f->edu);
	assert_held(0);
}

int main(void)
{
	const struct CMUnitTest beyond[] = {
		guest_test(range_up_to_it_is_unmapped),
		guest_test(it_is_beyond_the_aperture),
	}, within[] = {
		guest_test(range_up_to_it_is_unmapped),
		guest_test(it_is_a_page),
		guest_test_emulated(group_joins_where_it_is_mapped),
	}, more[] = {	/* in-tree all of this would be lost, as that one page */
		guest_test(it_ends_mappings),
		guest_test(it_is_dirty),
	};
	int failed;

	if (iommu_last() < UINT64_MAX)
		return cmocka_run_group_tests_name("last page", beyond, NULL, NULL);
	failed = cmocka_run_group_tests_name("last page", within, NULL, NULL);
	if (!vfio_in_tree())
		failed += cmocka_run_group_tests_name("last page more", more, NULL, NULL);
	return failed;
}
