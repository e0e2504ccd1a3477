// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that nobody has touched, which several threads may fault in: the answer, what is pinned,
 * charged and touched are those of one thread, whatever goes wrong.
 *
 * Each test does the same on one, two and four processors, as far as there are so many.
 */
#define _GNU_SOURCE
#include "fixture.h"
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE (264 * MIB)	/* enough for a helper to be worth it */
#define HALF (SIZE / 2)

/* one thread's answer, with which those of more are compared */
struct answer {
	int64_t pins;
	uint64_t touched;
};

struct row {
	const char *title;
	enum memory_kind kind;
	/* what becomes of it before it is mapped, and what a map must answer */
	void (*spoil)(struct memory *m);
	int due;
	uint64_t limit;		/* pages, if any */
};

static cpu_set_t all_processors;
static bool limited;

static int setup(void **state)
{
	assert_int_equal(sched_getaffinity(0, sizeof(all_processors), &all_processors), 0);
	return fixture_setup(state);
}

static void limit(uint64_t pages)
{
	if (limited)
		limit_end();
	limited = pages;
	if (limited)
		limit_begin(pages);
}

static int teardown(void **state)
{
	limit(0);
	sched_setaffinity(0, sizeof(all_processors), &all_processors);
	if (!vfio_in_tree())
		vfio_parameter_set("fault_threads", "16", NULL);
	return fixture_teardown(state);
}

/* the first ones */
static void run_on(int processors)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (int i = 0; i < processors; i++)
		CPU_SET(i, &set);
	assert_int_equal(sched_setaffinity(0, sizeof(set), &set), 0);
}

/* as at first */
static void forget(struct memory *m)
{
	assert_int_equal(madvise(m->at, m->size, m->kind == MEMORY_MEMFD ? MADV_REMOVE :
							    MADV_DONTNEED), 0);
}

/* bytes, but for the rest of 2 MiB with a hole */
static uint64_t touched(const struct memory *m)
{
	unsigned char present[THP_SIZE / PAGE];
	uint64_t pages = 0;

	for (uint64_t at = 0; at < m->size; at += THP_SIZE) {
		if (mincore(m->at + at, THP_SIZE, present))
			continue;
		for (unsigned int i = 0; i < guest_rows(present); i++)
			pages += present[i] & 1;
	}
	return pages * PAGE;
}

static void close_one(struct memory *m)
{
	assert_int_equal(mprotect(m->at + HALF, PAGE, PROT_NONE), 0);
}

static void cut_in_the_middle(struct memory *m)
{
	assert_int_equal(munmap(m->at + HALF, PAGE), 0);
}

/* the second half is beyond the end of the file */
static void end_the_file(struct memory *m)
{
	int fd = memfd_create("guest-test", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, HALF), 0);
	assert_ptr_equal(mmap(m->at, m->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd,
			      0), m->at);
	close(fd);
}

/* Who handles the faults may be waiting for the same container. */
static void leave_to_a_fault_handler(struct memory *m)
{
	struct uffdio_register range = { .range = { (uintptr_t)m->at + HALF, PAGE },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, UFFDIO_API, &api), 0);
	assert_int_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
}

static void map_refused(struct fixture *f, const struct memory *m)
{
	assert_int_equal(judge_pins(), 0);
	assert_int_equal(judge_locked(), 0);
	assert_unreachable(&f->edu, IOVA, m->at);
}

static void map_done(struct fixture *f, const struct memory *m)
{
	assert_int_equal(judge_locked(), m->size);
	assert_int_equal(touched(m), m->size);
	for (uint64_t at = 0; at < m->size; at += 37 * MIB + 5 * PAGE)
		assert_reaches(&f->edu, IOVA + at, m->at + at, REACH);
	assert_reaches(&f->edu, IOVA + m->size - REACH, m->at + m->size - REACH, REACH);
}

static struct answer map_once(struct fixture *f, const struct row *row)
{
	struct memory *m = memory_get(row->kind, SIZE);
	struct answer answer;
	int err;

	forget(m);
	if (row->spoil)
		row->spoil(m);
	limit(row->limit);
	alarm(100);
	err = vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_BOTH);
	alarm(0);
	limit(0);
	answer.touched = touched(m);
	answer.pins = judge_pins();
	assert_int_equal(err, row->due);
	if (err) {
		map_refused(f, m);
	} else {
		map_done(f, m);
		assert_unmap(&f->container, IOVA, m->size);
	}
	memory_put_all();
	return answer;
}

/* One thread, and as many as there may be on so many processors. */
static void same_for_all(void **state)
{
	struct fixture *f = *state;
	struct answer one, many;

	if (!vfio_in_tree())
		vfio_parameter_set("fault_threads", "1", NULL);
	one = map_once(f, f->variant);
	if (!vfio_in_tree())
		vfio_parameter_set("fault_threads", "16", NULL);
	for (int processors = 2; processors <= CPU_COUNT(&all_processors); processors *= 2) {
		run_on(processors);
		many = map_once(f, f->variant);
		assert_int_equal(many.pins, one.pins);
		assert_in_range(many.touched, 0, one.touched + processors * THP_SIZE);
	}
}

static long faults(void)
{
	struct rusage usage;

	assert_int_equal(getrusage(RUSAGE_THREAD, &usage), 0);
	return usage.ru_minflt;
}

/* How many faults a map costs this thread. */
static long faults_of_map(struct fixture *f, const char *threads)
{
	struct memory *m = memory_get(MEMORY_SMALL_FRESH, SIZE);
	long before, after;

	vfio_parameter_set("fault_threads", threads, NULL);
	before = faults();
	assert_map(&f->container, IOVA, m->at, m->size);
	after = faults();
	assert_unmap(&f->container, IOVA, m->size);
	memory_put_all();
	return after - before;
}

/* Others take some of it, unless they are kept from running for as long: then they try again. */
static void helpers_take_their_share(void **state)
{
	struct fixture *f = *state;
	int tries = 20;

	assert_in_range(faults_of_map(f, "1"), SIZE / PAGE, 2 * SIZE / PAGE);
	while (faults_of_map(f, "16") > (long)(SIZE / PAGE) * 3 / 4)
		assert_true(tries--);
}

struct changes {
	struct memory *m;
	volatile bool stop;
};

/* other threads' doings: whatever takes memory or its VMA away, or has the page table copied */
static void *change(void *data)
{
	struct changes *changes = data;
	struct memory *m = changes->m;

	for (unsigned int i = 0; !changes->stop; i++) {
		char *at = m->at + i * 7919 % (m->size / PAGE - 2000) * PAGE;
		pid_t child;

		madvise(at, 1000 * PAGE, m->kind == MEMORY_MEMFD ? MADV_REMOVE : MADV_DONTNEED);
		if (i % 8 == 1)
			mprotect(at, PAGE, PROT_READ);
		if (i % 8 == 2)
			mprotect(m->at, m->size, PROT_READ | PROT_WRITE);
		if (i % 16 == 5)
			mmap(at, PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
		if (i % 16 == 7) {
			child = fork();
			if (!child)
				_exit(0);
			waitpid(child, NULL, 0);
		}
	}
	return NULL;
}

/* The map succeeds or fails as a whole, and leaves nothing behind in either case. */
static void while_others_change_it(struct fixture *f, enum memory_kind kind)
{
	struct changes changes = { 0 };
	pthread_t thread;
	int err;

	for (int round = 0; round < 4; round++) {
		changes = (struct changes){ .m = memory_get(kind, SIZE) };
		forget(changes.m);
		assert_int_equal(pthread_create(&thread, NULL, change, &changes), 0);
		err = vfio_map(&f->container, IOVA, changes.m->at, SIZE, DEVICE_BOTH);
		changes.stop = true;
		assert_int_equal(pthread_join(thread, NULL), 0);
		if (err)
			assert_int_equal(err, -EFAULT);
		else
			assert_unmap(&f->container, IOVA, SIZE);
		assert_int_equal(judge_pins(), 0);
		assert_int_equal(judge_locked(), 0);
		memory_put_all();
	}
}

static void huge_pages_that_others_change(void **state)
{
	while_others_change_it(*state, MEMORY_THP_FRESH);
}

static void a_memfd_that_others_change(void **state)
{
	while_others_change_it(*state, MEMORY_MEMFD);
}

static const struct row rows[] = {
	{ .title = "huge_pages", .kind = MEMORY_THP_FRESH },
	{ .title = "single_pages", .kind = MEMORY_SMALL_FRESH },
	{ .title = "hugetlb_pages", .kind = MEMORY_HUGETLB_2M },
	{ .title = "pages_of_a_memfd", .kind = MEMORY_MEMFD },
	{ .title = "huge_pages_beyond_the_limit", .kind = MEMORY_THP_FRESH,
	  .limit = HALF / PAGE, .due = -ENOMEM },
	{ .title = "huge_pages_and_one_closed", .kind = MEMORY_THP_FRESH,
	  .spoil = close_one, .due = -EFAULT },
	{ .title = "huge_pages_and_a_hole", .kind = MEMORY_THP_FRESH,
	  .spoil = cut_in_the_middle, .due = -EFAULT },
	{ .title = "beyond_the_end_of_a_file", .kind = MEMORY_SMALL_FRESH,
	  .spoil = end_the_file, .due = -EFAULT },
	{ .title = "to_be_filled_by_a_fault_handler", .kind = MEMORY_THP_FRESH,
	  .spoil = leave_to_a_fault_handler, .due = -EFAULT },
};

int main(void)
{
	const struct CMUnitTest alone[] = {
		guest_test_with(huge_pages_that_others_change, setup, teardown),
		guest_test_with(a_memfd_that_others_change, setup, teardown),
		guest_test_with(helpers_take_their_share, setup, teardown),
	};
	struct CMUnitTest tests[guest_rows(rows) + guest_rows(alone)], *test = tests;
	bool helpers = !vfio_in_tree() && sysconf(_SC_NPROCESSORS_ONLN) > 1;

	guest_add_rows_with(test, rows, same_for_all, setup, teardown);
	memcpy(test, alone, sizeof(alone));
	return _cmocka_run_group_tests("untouched", tests, guest_rows(tests) - !helpers, NULL,
				       NULL);
}
