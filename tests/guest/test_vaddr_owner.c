// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO_UPDATE_VADDR from another process: it becomes the mapping's owner, and is charged instead of
 * the old one.
 *
 * The memory is shared, so that each process has it. The program that is executed anew is this one.
 */
#define _GNU_SOURCE
#include "limit.h"
#include "other.h"
#include "vaddr.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define SIZE (16 * PAGE)

static int invalidate(struct fixture *f)
{
	return vaddr_invalidate(&f->container, IOVA, SIZE, NULL);
}

static int take_over(struct fixture *f, const struct memory *m)
{
	return vaddr_update(&f->container, IOVA, m->at, SIZE);
}

static struct memory *map_and_invalidate(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SHMEM, SIZE);

	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(invalidate(f), 0);
	assert_int_equal(judge_locked(), SIZE);
	return m;
}

static void child_takes_over_and_unmaps(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_invalidate(f);
	int64_t pins = judge_pins();

	if (!fixture_fork(f)) {
		assert_int_equal(judge_locked(), 0);
		assert_int_equal(take_over(f, m), 0);
		assert_int_equal(judge_locked(), SIZE);
		assert_int_equal(judge_locked_by(getppid()), 0);
		assert_int_equal(judge_pins(), pins);
		assert_int_equal(vaddr_join(f), 0);
		assert_unmap(&f->container, IOVA, SIZE);
		assert_int_equal(judge_locked(), 0);
		_exit(0);
	}
	assert_int_equal(fixture_wait(f), 0);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
}

static void child_takes_over_and_ends(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_invalidate(f);

	if (!fixture_fork(f))
		_exit(take_over(f, m) != 0);
	assert_int_equal(fixture_wait(f), 0);
	assert_int_equal(judge_locked(), 0);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_unmap(&f->container, IOVA, SIZE);
	assert_int_equal(judge_pins(), 0);
}

/* the other mapping stays with who made it */
static void child_takes_over_one_of_two(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_invalidate(f);

	assert_map(&f->container, IOVA + SIZE, m->at, 4 * PAGE);
	if (!fixture_fork(f)) {
		assert_int_equal(take_over(f, m), 0);
		assert_int_equal(judge_locked(), SIZE);
		assert_int_equal(judge_locked_by(getppid()), 4 * PAGE);
		assert_unmap(&f->container, IOVA + SIZE, 4 * PAGE);
		assert_int_equal(judge_locked(), SIZE);
		assert_int_equal(judge_locked_by(getppid()), 0);
		_exit(0);
	}
	assert_int_equal(fixture_wait(f), 0);
}

static void from_a_process_that_lives(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SHMEM, SIZE);

	other_maps(f, m, 0);
	assert_int_equal(invalidate(f), 0);
	assert_int_equal(judge_locked_by(f->child), SIZE);
	assert_int_equal(take_over(f, m), 0);
	assert_int_equal(judge_locked_by(f->child), 0);
	assert_int_equal(judge_locked(), SIZE);
	other_ends(f);
	assert_int_equal(judge_locked(), SIZE);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_unmap(&f->container, IOVA, SIZE);
	assert_int_equal(judge_locked(), 0);
}

static void from_a_process_that_has_ended(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SHMEM, SIZE);

	other_maps(f, m, 0);
	other_ends(f);
	assert_int_equal(invalidate(f), 0);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(take_over(f, m), 0);
	assert_int_equal(judge_locked(), SIZE);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_unmap(&f->container, IOVA, SIZE);
	assert_int_equal(judge_locked(), 0);
}

/* what is above the new owner's limit stays with the old one, and invalid */
static void limit_of_the_new_owner(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_invalidate(f);

	if (!fixture_fork(f)) {
		limit_begin(SIZE / PAGE - 1);
		assert_int_equal(take_over(f, m), -ENOMEM);
		assert_int_equal(judge_locked(), 0);
		assert_int_equal(judge_locked_by(getppid()), SIZE);
		assert_int_equal(vaddr_join(f), -EBUSY);
		limit_set(SIZE / PAGE);
		assert_int_equal(take_over(f, m), 0);
		assert_int_equal(judge_locked(), SIZE);
		assert_int_equal(judge_locked_by(getppid()), 0);
		_exit(0);
	}
	assert_int_equal(fixture_wait(f), 0);
}

static void capability_of_the_new_owner(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_invalidate(f);

	if (!fixture_fork(f)) {
		limit_begin(SIZE / PAGE - 1);
		limit_lift(true);
		_exit(take_over(f, m) || judge_locked() != SIZE);
	}
	assert_int_equal(fixture_wait(f), 0);
}

/* nothing is charged, so nothing is refused */
static void the_same_owner_has_no_limit(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_invalidate(f);
	int ret;

	limit_begin(0);
	ret = take_over(f, m);
	limit_end();
	assert_int_equal(ret, 0);
	assert_int_equal(judge_locked(), SIZE);
}

/* who executes a program is another process in this: its memory is new */
static void execute(int container, int memory)
{
	char containers[16], memories[16];
	char *arguments[] = { "test_vaddr_owner", containers, memories, NULL };

	snprintf(containers, sizeof(containers), "%d", container);
	snprintf(memories, sizeof(memories), "%d", memory);
	assert_int_equal(fcntl(container, F_SETFD, 0), 0);
	execv("/proc/self/exe", arguments);
	_exit(errno);
}

static int executed(char **arguments)
{
	struct vfio_container container = { .fd = atoi(arguments[1]) };
	void *at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, atoi(arguments[2]), 0);

	return at == MAP_FAILED || judge_locked() ||
	       vaddr_update(&container, IOVA, at, SIZE) || judge_locked() != SIZE ||
	       vaddr_invalidate(&container, IOVA, SIZE, NULL) ||
	       vaddr_update(&container, IOVA, at, SIZE) || judge_locked() != SIZE;
}

static void after_exec(void **state)
{
	struct fixture *f = *state;
	int memory = memfd_create("guest-test", 0);
	void *at;

	assert_int_equal(ftruncate(memory, SIZE), 0);
	at = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	if (!fixture_fork(f)) {
		assert_map(&f->container, IOVA, at, SIZE);
		assert_int_equal(judge_locked(), SIZE);
		assert_int_equal(invalidate(f), 0);
		execute(f->container.fd, memory);
	}
	assert_int_equal(fixture_wait(f), 0);
	assert_int_equal(judge_locked(), 0);
	assert_reaches(&f->edu, IOVA, at, REACH);
	assert_unmap(&f->container, IOVA, SIZE);
	munmap(at, SIZE);
	close(memory);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		guest_test(child_takes_over_and_unmaps),
		guest_test(child_takes_over_and_ends),
		guest_test(child_takes_over_one_of_two),
		guest_test(from_a_process_that_lives),
		guest_test(from_a_process_that_has_ended),
		guest_test(limit_of_the_new_owner),
		guest_test(capability_of_the_new_owner),
		guest_test(the_same_owner_has_no_limit),
		guest_test(after_exec),
	};

	if (argc > 1)
		return executed(argv);
	return cmocka_run_group_tests_name("vaddr owner", tests, NULL, NULL);
}
