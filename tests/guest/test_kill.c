// SPDX-License-Identifier: GPL-2.0
/*
 * kill -9 at the worst moments: the process ends at once, and nothing of what it took is left.
 */
#define _GNU_SOURCE
#include "file.h"
#include "fixture.h"

#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LIMIT_SECONDS 60

/* what the child tells while it lives */
struct report {
	volatile unsigned int maps, unmaps;
	volatile bool failed;
};

static struct report *report;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

/* waits for what may take a while, but not forever */
#define wait_until(condition) \
	do { \
		double _end = now() + LIMIT_SECONDS; \
		while (!(condition)) { \
			if (now() > _end) \
				fail_msg("waited %d s in vain for " #condition, LIMIT_SECONDS); \
			sched_yield(); \
		} \
	} while (0)

static int setup(void **state)
{
	fixture_setup_closed(state);
	report = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(report, MAP_FAILED);
	return 0;
}

static int teardown(void **state)
{
	munmap(report, PAGE);
	return fixture_teardown(state);
}

/* in the child: maps and unmaps for ever */
static void map_and_unmap(struct fixture *f, const struct memory *m)
{
	vfio_container_open(&f->container, VFIO_TYPE1v2_IOMMU);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	while (!report->failed) {
		report->failed = vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_BOTH);
		report->maps++;
		report->failed |= vfio_unmap(&f->container, IOVA, m->size, 0, NULL);
		report->unmaps++;
	}
	_exit(1);
}

static void kill_child(struct fixture *f)
{
	int status;

	assert_false(report->failed);
	assert_int_equal(kill(f->child, SIGKILL), 0);
	status = fixture_wait(f);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	wait_until(judge_pins() == 0);
}

/* the device and its group are free again, and work */
static void assert_next_client_works(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SMALL, 16 * PAGE);

	vfio_container_open(&f->container, VFIO_TYPE1v2_IOMMU);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_unreachable(&f->edu, IOVA, m->at);
	assert_map(&f->container, IOVA, m->at, m->size);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
}

/* how much of its memory a process really has, in bytes: how far a map of fresh memory has come */
static uint64_t resident(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	return file_number(path, "%*u %llu") * PAGE;
}

static void kill_in_a_map_of(struct fixture *f, enum memory_kind kind, uint64_t size,
			     uint64_t after)
{
	struct memory *m = memory_get(kind, size);
	double start;

	if (!fixture_fork(f))
		map_and_unmap(f, m);
	wait_until(report->failed || (judge_pins() && resident(f->child) >= after));
	assert_int_equal(report->maps, 0);
	start = now();
	kill_child(f);
	print_message("# dead and clean %.2f s after the kill\n", now() - start);
	assert_int_equal(report->maps, 0);
	assert_next_client_works(f);
}

static void at_the_start_of_a_map(void **state)
{
	kill_in_a_map_of(*state, MEMORY_THP_FRESH, 3 * GIB, 0);
}

static void in_the_middle_of_a_map(void **state)
{
	kill_in_a_map_of(*state, MEMORY_THP_FRESH, 3 * GIB, 256 * MIB);
}

static void in_the_middle_of_a_map_of_single_pages(void **state)
{
	kill_in_a_map_of(*state, MEMORY_SMALL_FRESH, GIB, 64 * MIB);
}

/* wherever it happens to be: in either call, or between them */
static void in_a_loop_of_maps_and_unmaps(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 8 * MIB);

	for (unsigned int round = 1; round <= 6; round++) {
		memset(report, 0, sizeof(*report));
		if (!fixture_fork(f))
			map_and_unmap(f, m);
		if (round % 2)
			wait_until(report->failed || report->maps >= round);
		else
			wait_until(report->failed || report->unmaps >= round);
		kill_child(f);
	}
	assert_next_client_works(f);
}

#define kill_test(f) guest_test_with(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		kill_test(at_the_start_of_a_map),
		kill_test(in_the_middle_of_a_map),
		kill_test(in_the_middle_of_a_map_of_single_pages),
		kill_test(in_a_loop_of_maps_and_unmaps),
	};

	return cmocka_run_group_tests_name("kill", tests, NULL, NULL);
}
