// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that cannot be had: the map fails as a whole, and nothing of it is left.
 */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

/* the map fails, and neither a charge, nor a pin, nor a mapping is left of it */
static void assert_fails_whole(struct fixture *f, const void *at, uint64_t size)
{
	uint64_t written;

	assert_int_equal(vfio_map(&f->container, IOVA, at, size, DEVICE_BOTH), -EFAULT);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
	assert_int_equal(vfio_unmap(&f->container, IOVA, size, 0, &written), 0);
	assert_int_equal(written, 0);
}

/* what could be had of it is not with the device either; once all can be had, it is */
static void assert_fails_until_mended(struct fixture *f, struct memory *m, char *hole,
				      uint64_t size)
{
	assert_int_equal(mprotect(hole, size, PROT_NONE), 0);
	assert_fails_whole(f, m->at, m->size);
	assert_unreachable(&f->edu, IOVA, m->at);
	assert_int_equal(mprotect(hole, size, PROT_READ | PROT_WRITE), 0);
	assert_map(&f->container, IOVA, m->at, m->size);
	assert_reaches(&f->edu, IOVA + (hole - m->at), hole, REACH);
}

static void hole_without_access(void **state)
{
	struct memory *m = memory_get(MEMORY_SMALL, 64 * PAGE);

	assert_fails_until_mended(*state, m, m->at + 40 * PAGE, PAGE);
}

static void hole_without_access_beyond_many_pages(void **state)
{
	struct memory *m = memory_get(MEMORY_SMALL, 2048 * PAGE);

	assert_fails_until_mended(*state, m, m->at + 2000 * PAGE, 8 * PAGE);
}

static void hole_in_huge_pages(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, 4 * THP_SIZE);

	assert_fails_until_mended(*state, m, m->at + 2 * THP_SIZE + 7 * PAGE, PAGE);
}

static void hole_of_a_whole_huge_page(void **state)
{
	struct memory *m = memory_get(MEMORY_HUGETLB_2M, 4 * THP_SIZE);

	assert_fails_until_mended(*state, m, m->at + 3 * THP_SIZE, THP_SIZE);
}

static void hole_at_the_first_page(void **state)
{
	struct memory *m = memory_get(MEMORY_SMALL, 64 * PAGE);

	assert_int_equal(mprotect(m->at, PAGE, PROT_NONE), 0);
	assert_fails_whole(*state, m->at, m->size);
}

static void nothing_there(void **state)
{
	struct memory *m = memory_get(MEMORY_SMALL, 64 * PAGE);

	assert_int_equal(munmap(m->at + 30 * PAGE, PAGE), 0);
	assert_fails_whole(*state, m->at, m->size);
	assert_fails_whole(*state, m->at + 30 * PAGE, PAGE);
}

static void runs_beyond_the_end(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_fails_whole(*state, m->at, m->size + PAGE);
}

static void addresses_that_are_no_process_memory(void **state)
{
	assert_fails_whole(*state, NULL, PAGE);
	assert_fails_whole(*state, (void *)0x0000800000000000, PAGE);
	assert_fails_whole(*state, (void *)0xffff888000000000, PAGE);
	assert_fails_whole(*state, (void *)-PAGE, PAGE);
}

/*
 * The device is not the thread: a protection key that closes memory to the thread is none of its.
 */
static void closed_by_a_protection_key(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);
	int key = pkey_alloc(0, PKEY_DISABLE_ACCESS);

	if (key < 0) {
		print_message("# this processor has no protection keys\n");
		skip();
	}
	assert_int_equal(pkey_mprotect(m->at, m->size, PROT_READ | PROT_WRITE, key), 0);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_BOTH), 0);
	assert_int_equal(pkey_mprotect(m->at, m->size, PROT_READ | PROT_WRITE, 0), 0);
	assert_int_equal(pkey_free(key), 0);
	assert_reaches(&f->edu, IOVA + THP_SIZE, m->at + THP_SIZE, REACH);
}

/* Who handles the faults may be waiting for the same container: the map does not wait for them. */
static void to_be_filled_by_a_fault_handler(void **state)
{
	struct memory *m = memory_get(MEMORY_SMALL, 16 * PAGE);
	struct uffdio_register range = { .range = { (uintptr_t)m->at + 8 * PAGE, 8 * PAGE },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_api api = { .api = UFFD_API };
	int fd = syscall(SYS_userfaultfd, O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(ioctl(fd, UFFDIO_API, &api), 0);
	assert_int_equal(madvise(m->at, m->size, MADV_DONTNEED), 0);
	assert_int_equal(ioctl(fd, UFFDIO_REGISTER, &range), 0);
	alarm(20);
	assert_fails_whole(*state, m->at, m->size);
	alarm(0);
	close(fd);
}

static void read_only_memory_for_a_writing_device(void **state)
{
	struct memory *m = memory_get(MEMORY_SMALL, 16 * PAGE);

	assert_int_equal(mprotect(m->at, m->size, PROT_READ), 0);
	assert_fails_whole(*state, m->at, m->size);
}

static void read_only_huge_memory_for_a_writing_device(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_int_equal(mprotect(m->at, m->size, PROT_READ), 0);
	assert_fails_whole(*state, m->at, m->size);
}

static void read_only_memory_for_a_reading_device(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 16 * PAGE);

	reach_fill(m->at, REACH);
	assert_int_equal(mprotect(m->at, m->size, PROT_READ), 0);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_READ), 0);
	assert_device_sees(&f->edu, IOVA, m->at, REACH);
}

static void file_shorter_than_its_mapping(void **state)
{
	int fd = memfd_create("guest-test", MFD_CLOEXEC);
	char *at;

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 8 * PAGE), 0);
	at = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_ptr_not_equal(at, MAP_FAILED);
	assert_fails_whole(*state, at, 16 * PAGE);
	munmap(at, 16 * PAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(hole_without_access),
		guest_test(hole_without_access_beyond_many_pages),
		guest_test(hole_in_huge_pages),
		guest_test(hole_of_a_whole_huge_page),
		guest_test(hole_at_the_first_page),
		guest_test(nothing_there),
		guest_test(runs_beyond_the_end),
		guest_test(addresses_that_are_no_process_memory),
		guest_test(closed_by_a_protection_key),
		guest_test(to_be_filled_by_a_fault_handler),
		guest_test(read_only_memory_for_a_writing_device),
		guest_test(read_only_huge_memory_for_a_writing_device),
		guest_test(read_only_memory_for_a_reading_device),
		guest_test(file_shorter_than_its_mapping),
	};

	return cmocka_run_group_tests_name("unpinnable", tests, NULL, NULL);
}
