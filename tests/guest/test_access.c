// SPDX-License-Identifier: GPL-2.0
/*
 * What is mapped, the device reads and writes, with the rights asked for; what is not, it does not.
 */
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

static void mapped_memory_is_read_and_written(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 8 * PAGE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_reaches(&f->edu, IOVA + 3 * PAGE - EDU_MAX / 2, m->at + 3 * PAGE - EDU_MAX / 2,
		       EDU_MAX);
	assert_reaches(&f->edu, IOVA + m->size - REACH, m->at + m->size - REACH, REACH);
}

static void writes_stay_within_their_bytes(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 3 * PAGE);
	char pattern[REACH], before[3 * PAGE];

	assert_map(&f->container, IOVA, m->at, m->size);
	reach_fill(m->at, m->size);
	memcpy(before, m->at, m->size);
	reach_fill(pattern, REACH);
	edu_write(&f->edu, IOVA + PAGE, pattern, REACH);
	memcpy(before + PAGE, pattern, REACH);
	assert_memory_equal(m->at, before, m->size);
}

static void read_only_mapping_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 4 * PAGE);

	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_READ), 0);
	assert_reads_only(&f->edu, IOVA + PAGE, m->at + PAGE);
}

static void read_only_huge_mapping_is_not_written(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_READ), 0);
	assert_reads_only(&f->edu, IOVA + THP_SIZE + PAGE, m->at + THP_SIZE + PAGE);
}

/* that it can also be read is the kernel's VT-d driver's doing, which makes every entry readable */
static void write_only_mapping_is_written(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 4 * PAGE);
	char pattern[REACH];

	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_WRITE), 0);
	reach_fill(pattern, REACH);
	edu_write(&f->edu, IOVA + PAGE, pattern, REACH);
	assert_memory_equal(m->at + PAGE, pattern, REACH);
}

static void unmapped_memory_is_unreachable(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 4 * PAGE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_unmap(&f->container, IOVA, m->size);
	assert_unreachable(&f->edu, IOVA, m->at);
}

static void unmapped_huge_memory_is_unreachable(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_reaches(&f->edu, IOVA + THP_SIZE + PAGE, m->at + THP_SIZE + PAGE, REACH);
	assert_unmap(&f->container, IOVA, m->size);
	assert_unreachable(&f->edu, IOVA + THP_SIZE + PAGE, m->at + THP_SIZE + PAGE);
}

static void neighbours_of_a_mapping_are_unreachable(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 3 * PAGE);

	assert_map(&f->container, IOVA + PAGE, m->at + PAGE, PAGE);
	assert_unreachable(&f->edu, IOVA, m->at);
	assert_unreachable(&f->edu, IOVA + 2 * PAGE, m->at + 2 * PAGE);
}

/* the device has just used the old translation: a stale one in the IOTLB would show */
static void remapped_iova_means_the_new_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);
	char old[REACH];

	assert_map(&f->container, IOVA, m->at, PAGE);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	memcpy(old, m->at, REACH);
	assert_unmap(&f->container, IOVA, PAGE);
	assert_map(&f->container, IOVA, m->at + PAGE, PAGE);
	assert_reaches(&f->edu, IOVA, m->at + PAGE, REACH);
	assert_memory_equal(m->at, old, REACH);
}

static void single_pages_after_a_huge_page_mean_the_new_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *huge = memory_get(MEMORY_THP, THP_SIZE);
	struct memory *small = memory_get(MEMORY_SMALL, PAGE);

	assert_map(&f->container, IOVA, huge->at, THP_SIZE);
	assert_reaches(&f->edu, IOVA + 5 * PAGE, huge->at + 5 * PAGE, REACH);
	assert_unmap(&f->container, IOVA, THP_SIZE);
	assert_map(&f->container, IOVA + 5 * PAGE, small->at, PAGE);
	assert_reaches(&f->edu, IOVA + 5 * PAGE, small->at, REACH);
	assert_unreachable(&f->edu, IOVA + 6 * PAGE, huge->at + 6 * PAGE);
}

/* what is present is pinned without a look at its VMA; the in-tree driver looks */
static void memory_that_may_not_be_read(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);
	int present = vfio_in_tree() ? -EFAULT : 0;

	assert_int_equal(mprotect(m->at, m->size, PROT_WRITE), 0);
	assert_int_equal(madvise(m->at + PAGE, PAGE, MADV_DONTNEED), 0);
	assert_int_equal(vfio_map(&f->container, IOVA + PAGE, m->at + PAGE, PAGE, DEVICE_READ),
			 -EFAULT);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, PAGE, DEVICE_READ), present);
	assert_int_equal(mprotect(m->at, m->size, PROT_READ | PROT_WRITE), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(mapped_memory_is_read_and_written),
		guest_test(writes_stay_within_their_bytes),
		guest_test(read_only_mapping_is_not_written),
		guest_test(read_only_huge_mapping_is_not_written),
		guest_test(write_only_mapping_is_written),
		guest_test(unmapped_memory_is_unreachable),
		guest_test(unmapped_huge_memory_is_unreachable),
		guest_test(neighbours_of_a_mapping_are_unreachable),
		guest_test(remapped_iova_means_the_new_memory),
		guest_test(single_pages_after_a_huge_page_mean_the_new_memory),
		guest_test(memory_that_may_not_be_read),
	};

	return cmocka_run_group_tests_name("access", tests, NULL, NULL);
}
