// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is mapped stays the parent's own when it forks, and memory that was shared by a fork
 * before becomes its own when it is mapped.
 *
 * The child lives on while the parent writes: that is when a page that both still share would be
 * copied away from under the device.
 */
#define _GNU_SOURCE
#include "fixture.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static int wait_for_byte(int fd)
{
	char byte;

	return read(fd, &byte, 1) == 1;
}

/* a child that overwrites its memory, unless it only has to exist, and stays */
static void fork_child(struct fixture *f, const struct memory *m, bool writes)
{
	int done[2];

	assert_int_equal(pipe(done), 0);
	if (!fixture_fork(f)) {
		if (writes)
			memset(m->at, 0xcc, m->size);
		_exit(write(done[1], "", 1) == 1 && pause());
	}
	close(done[1]);
	assert_true(wait_for_byte(done[0]));
	close(done[0]);
}

static void assert_reaches_all_over(struct fixture *f, const struct memory *m)
{
	uint64_t half = m->size / 2, last = m->size - REACH;

	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_reaches(&f->edu, IOVA + half, m->at + half, REACH);
	assert_reaches(&f->edu, IOVA + last, m->at + last, REACH);
}

static void assert_survives_fork(struct fixture *f, struct memory *m)
{
	assert_map(&f->container, IOVA, m->at, m->size);
	fork_child(f, m, true);
	assert_reaches_all_over(f, m);
}

static void single_pages_stay_the_parents(void **state)
{
	assert_survives_fork(*state, memory_get(MEMORY_SMALL, 16 * PAGE));
}

static void huge_pages_stay_the_parents(void **state)
{
	assert_survives_fork(*state, memory_get(MEMORY_THP, 2 * THP_SIZE));
}

static void hugetlb_pages_stay_the_parents(void **state)
{
	struct memory *spare = memory_get(MEMORY_HUGETLB_2M, 2 * THP_SIZE);
	struct memory *m = memory_get(MEMORY_HUGETLB_2M, 2 * THP_SIZE);

	assert_int_equal(munmap(spare->at, spare->size), 0);	/* for the child's copies */
	assert_survives_fork(*state, m);
}

/* one pin for all pages of a folio, each of which a fork looks at alone */
static void huge_pages_split_before_stay_the_parents(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	memory_split(m);
	assert_survives_fork(*state, m);
}

/* mapped by a huge leaf, by single ones when it forks: each is still pinned */
static void split_huge_pages_stay_the_parents(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_map(&f->container, IOVA, m->at, m->size);
	memory_split(m);
	fork_child(f, m, true);
	assert_reaches_all_over(f, m);
}

static void assert_unshared(struct fixture *f, struct memory *m)
{
	fork_child(f, m, false);
	assert_map(&f->container, IOVA, m->at, m->size);
	assert_reaches_all_over(f, m);
}

static void shared_single_pages_become_its_own(void **state)
{
	assert_unshared(*state, memory_get(MEMORY_SMALL, 16 * PAGE));
}

static void shared_huge_pages_become_its_own(void **state)
{
	assert_unshared(*state, memory_get(MEMORY_THP, 2 * THP_SIZE));
}

/* also for a device that only reads: it must see what the process writes afterwards */
static void assert_unshared_for_reading(struct fixture *f, struct memory *m)
{
	uint64_t places[] = { 0, m->size / 2, m->size - PAGE };

	fork_child(f, m, false);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_READ), 0);
	for (unsigned int i = 0; i < sizeof(places) / sizeof(*places); i++) {
		reach_fill(m->at + places[i], REACH);
		assert_device_sees(&f->edu, IOVA + places[i], m->at + places[i], REACH);
	}
}

static void shared_split_huge_pages_become_its_own(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	memory_split(m);
	assert_unshared(*state, m);
}

static void shared_single_pages_are_read_as_its_own(void **state)
{
	assert_unshared_for_reading(*state, memory_get(MEMORY_SMALL, 16 * PAGE));
}

static void shared_huge_pages_are_read_as_its_own(void **state)
{
	assert_unshared_for_reading(*state, memory_get(MEMORY_THP, 2 * THP_SIZE));
}

static void shared_split_huge_pages_are_read_as_its_own(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	memory_split(m);
	assert_unshared_for_reading(*state, m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(single_pages_stay_the_parents),
		guest_test(huge_pages_stay_the_parents),
		guest_test(hugetlb_pages_stay_the_parents),
		guest_test(huge_pages_split_before_stay_the_parents),
		guest_test(split_huge_pages_stay_the_parents),
		guest_test(shared_single_pages_become_its_own),
		guest_test(shared_huge_pages_become_its_own),
		guest_test(shared_split_huge_pages_become_its_own),
		guest_test(shared_single_pages_are_read_as_its_own),
		guest_test(shared_huge_pages_are_read_as_its_own),
		guest_test(shared_split_huge_pages_are_read_as_its_own),
	};

	return cmocka_run_group_tests_name("fork", tests, NULL, NULL);
}
