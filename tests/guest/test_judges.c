// SPDX-License-Identifier: GPL-2.0
/*
 * The judges themselves: each must find what it is there to find.
 *
 * What must fail is done in a child, which ends at its first failed assertion (see fixture.c).
 */
#include "fixture.h"
#include "iommu.h"

#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void be_quiet(void)
{
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
}

#define assert_fails(f, what) \
	do { \
		int _status; \
		if (!fixture_fork(f)) { \
			be_quiet(); \
			what; \
			_exit(0); \
		} \
		_status = fixture_wait(f);\
		assert_true(WIFEXITED(_status) && WEXITSTATUS(_status) == FIXTURE_CHILD_FAILED); \
	} while (0)

static void reach_finds_what_is_reachable(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SHMEM, 4 * PAGE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_fails(f, assert_unreachable(&f->edu, IOVA, m->at));
	assert_fails(f, assert_not_written(&f->edu, IOVA, m->at));
	assert_fails(f, assert_reads_only(&f->edu, IOVA, m->at));
}

static void reach_finds_what_is_not(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SHMEM, 4 * PAGE);

	judge_expect_faults();
	reach_fill(m->at, m->size);
	assert_fails(f, assert_device_sees(&f->edu, IOVA, m->at, REACH));
	assert_fails(f, assert_reaches(&f->edu, IOVA, m->at, REACH));
	assert_fails(f, assert_reads_only(&f->edu, IOVA, m->at));
}

static void reach_finds_other_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SHMEM, 4 * PAGE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_fails(f, assert_reaches(&f->edu, IOVA, m->at + PAGE, REACH));
}

/* the kernel reports some faults in 5 seconds and then no more: go on until it does again */
static void fault_until_found(struct fixture *f)
{
	for (int i = 0; i < 80; i++) {
		judge_begin();
		edu_store(&f->edu, IOVA, REACH);
		judge_end();
	}
}

static void end_finds_an_unexpected_fault(void **state)
{
	struct fixture *f = *state;

	assert_fails(f, fault_until_found(f));
	judge_expect_faults();
}

static void end_finds_a_warning(void **state)
{
	static const char warning[] = "<4>WARNING: not really, a test of the tests\n";
	struct fixture *f = *state;
	int kmsg = open("/dev/kmsg", O_WRONLY);

	assert_int_equal(write(kmsg, warning, strlen(warning)), strlen(warning));
	close(kmsg);
	assert_fails(f, judge_end());
	judge_begin();
}

static void end_finds_pins(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_int_equal(judge_pins(), 1);
	assert_fails(f, judge_end());
}

static void end_finds_locked_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);

	assert_fails(f, mlock(m->at, PAGE); judge_end());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(reach_finds_what_is_reachable),
		guest_test(reach_finds_what_is_not),
		guest_test(reach_finds_other_memory),
		guest_test(end_finds_an_unexpected_fault),
		guest_test(end_finds_a_warning),
		guest_test(end_finds_pins),
		guest_test(end_finds_locked_memory),
	};

	if (iommu_is_amd())	/* of which QEMU tells no faults */
		cmocka_set_skip_filter("end_finds_an_unexpected_fault");
	return cmocka_run_group_tests_name("judges", tests, NULL, NULL);
}
