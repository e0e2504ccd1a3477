// SPDX-License-Identifier: GPL-2.0
/*
 * Devices in groups of their own that join and leave containers, and containers that are left as
 * they are.
 *
 * Whether a device that no container has still reaches memory is tried without vfio, through sysfs.
 */
#include "fixture.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE (THP_SIZE + 16 * PAGE)

static void two_groups_reach_the_same_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	edu_open(&f->edu2, &f->container, EDU_SECOND);
	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(judge_locked(), SIZE);
	assert_reaches(&f->edu, IOVA + THP_SIZE, m->at + THP_SIZE, REACH);
	assert_reaches(&f->edu2, IOVA + THP_SIZE, m->at + THP_SIZE, REACH);
	assert_unmap(&f->container, IOVA, SIZE);
	assert_unreachable(&f->edu, IOVA + THP_SIZE, m->at + THP_SIZE);
	assert_unreachable(&f->edu2, IOVA + THP_SIZE, m->at + THP_SIZE);
}

static void late_group_sees_earlier_mappings(void **state)
{
	struct fixture *f = *state;
	struct memory *huge = memory_get(MEMORY_THP, 2 * THP_SIZE);
	struct memory *small = memory_get(MEMORY_SMALL, 16 * PAGE);
	int64_t pins;

	assert_map(&f->container, IOVA + 5 * PAGE, huge->at + 5 * PAGE, SIZE);
	assert_int_equal(vfio_map(&f->container, 0, small->at, small->size, DEVICE_READ), 0);
	pins = judge_pins();
	edu_open(&f->edu2, &f->container, EDU_SECOND);
	assert_int_equal(judge_pins(), pins);
	assert_int_equal(judge_locked(), SIZE + small->size);
	assert_reaches(&f->edu2, IOVA + THP_SIZE, huge->at + THP_SIZE, REACH);
	assert_reads_only(&f->edu2, 3 * PAGE, small->at + 3 * PAGE);
	assert_reaches(&f->edu, IOVA + THP_SIZE, huge->at + THP_SIZE, REACH);
}

/* in no container */
static void assert_bare_cannot_write(struct edu *edu, const char *bdf, uint64_t iova, void *at)
{
	edu_open_bare(edu, bdf);
	assert_not_written(edu, iova, at);
	edu_load(edu, iova, REACH);
	edu_close(edu);
}

static void leaving_group_loses_the_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 16 * PAGE);
	char loaded[REACH];

	edu_open(&f->edu2, &f->container, EDU_SECOND);
	assert_map(&f->container, IOVA, m->at, m->size);
	assert_reaches(&f->edu2, IOVA, m->at, REACH);
	edu_close(&f->edu2);

	assert_bare_cannot_write(&f->edu2, EDU_SECOND, IOVA, m->at);
	assert_int_equal(judge_locked(), m->size);
	edu_open(&f->edu2, &f->container, EDU_SECOND);
	edu_buffer(&f->edu2, loaded, REACH);
	assert_memory_not_equal(loaded, m->at, REACH);

	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_reaches(&f->edu2, IOVA, m->at, REACH);
}

static void containers_are_apart(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);

	vfio_container_open(&f->container2, VFIO_TYPE1v2_IOMMU);
	edu_open(&f->edu2, &f->container2, EDU_SECOND);
	assert_map(&f->container, IOVA, m->at, PAGE);
	assert_unreachable(&f->edu2, IOVA, m->at);
	assert_map(&f->container2, IOVA, m->at + PAGE, PAGE);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_reaches(&f->edu2, IOVA, m->at + PAGE, REACH);
	assert_unmap(&f->container, IOVA, PAGE);
	assert_reaches(&f->edu2, IOVA, m->at + PAGE, REACH);
}

static void last_group_takes_the_mappings_with_it(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_map(&f->container, IOVA, m->at, SIZE);
	edu_close(&f->edu);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
	assert_bare_cannot_write(&f->edu, EDU_FIRST, IOVA, m->at);

	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_unreachable(&f->edu, IOVA, m->at);
	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
}

/* the group still holds the container, and with it all mappings */
static void container_closed_before_its_group(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_map(&f->container, IOVA, m->at, SIZE);
	vfio_container_close(&f->container);
	assert_int_equal(judge_locked(), SIZE);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	edu_close(&f->edu);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
	assert_bare_cannot_write(&f->edu, EDU_FIRST, IOVA, m->at);
}

static void closed_without_unmap_by_many_mappings(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	for (uint64_t i = 0; i < 500; i++)
		assert_map(&f->container, IOVA + 4 * i * PAGE, m->at + 2 * i * PAGE, 3 * PAGE);
	assert_int_equal(judge_locked(), 1500 * PAGE);
	edu_close(&f->edu);
	vfio_container_close(&f->container);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
}

static void process_ends_without_unmap(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	edu_close(&f->edu);
	vfio_container_close(&f->container);
	if (!fixture_fork(f)) {
		vfio_container_open(&f->container, VFIO_TYPE1v2_IOMMU);
		edu_open(&f->edu, &f->container, EDU_FIRST);
		_exit(vfio_map(&f->container, IOVA, m->at, SIZE, DEVICE_BOTH) || !judge_pins());
	}
	assert_int_equal(fixture_wait(f), 0);
	assert_int_equal(judge_pins(), 0);
	assert_bare_cannot_write(&f->edu, EDU_FIRST, IOVA, m->at);
}

/* forked with the container open: the child maps its own memory, and is charged for it */
static void child_maps_into_the_parents_container(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SHMEM, 16 * PAGE);

	if (!fixture_fork(f))
		_exit(vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_BOTH) ||
		      judge_locked() != m->size);
	assert_int_equal(fixture_wait(f), 0);
	assert_int_equal(judge_locked(), 0);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_unmap(&f->container, IOVA, m->size);
	assert_int_equal(judge_pins(), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(two_groups_reach_the_same_memory),
		guest_test(late_group_sees_earlier_mappings),
		guest_test(leaving_group_loses_the_memory),
		guest_test(containers_are_apart),
		guest_test(last_group_takes_the_mappings_with_it),
		guest_test(container_closed_before_its_group),
		guest_test(closed_without_unmap_by_many_mappings),
		guest_test(process_ends_without_unmap),
		guest_test(child_maps_into_the_parents_container),
	};

	return cmocka_run_group_tests_name("groups", tests, NULL, NULL);
}
