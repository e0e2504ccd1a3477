// SPDX-License-Identifier: GPL-2.0
/*
 * What a process does to its memory after mapping it: the device keeps the pages that were mapped,
 * and unmapping returns exactly what was taken, into however many pieces they have been split.
 */
#define _GNU_SOURCE
#include "file.h"
#include "fixture.h"

#include <fcntl.h>
#include <linux/mman.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEAVES 4
#define SIZE (LEAVES * THP_SIZE)

/* a mapping that is clipped within its first and last leaf */
#define HEAD (300 * PAGE)
#define CLIPPED (SIZE - 400 * PAGE)

static char *map_clipped(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_THP, SIZE);

	assert_map(&f->container, IOVA + HEAD, m->at + HEAD, CLIPPED);
	assert_true(judge_pins() > 0);
	return m->at;
}

static void assert_ends_clean(struct fixture *f)
{
	assert_unmap(&f->container, IOVA + HEAD, CLIPPED);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
}

static void split_by_protection(void **state)
{
	struct fixture *f = *state;
	char *at = map_clipped(f), *part = at + THP_SIZE + 100 * PAGE;
	char before[REACH];

	reach_fill(part, REACH);
	memcpy(before, part, REACH);
	assert_int_equal(mprotect(part, 50 * PAGE, PROT_READ), 0);
	assert_device_sees(&f->edu, IOVA + (part - at), before, REACH);
	assert_reaches(&f->edu, IOVA + THP_SIZE, at + THP_SIZE, REACH);
	assert_ends_clean(f);
}

static void split_by_dropping_a_part(void **state)
{
	struct fixture *f = *state;
	char *at = map_clipped(f), *part = at + 2 * THP_SIZE + 100 * PAGE;
	char before[REACH];

	reach_fill(part, REACH);
	memcpy(before, part, REACH);
	assert_int_equal(madvise(part, 50 * PAGE, MADV_DONTNEED), 0);
	assert_device_sees(&f->edu, IOVA + (part - at), before, REACH);
	assert_reaches(&f->edu, IOVA + (part - at) + 50 * PAGE, part + 50 * PAGE, REACH);
	assert_ends_clean(f);
}

static void split_at_the_clipped_ends(void **state)
{
	struct fixture *f = *state;
	char *at = map_clipped(f);

	assert_int_equal(munmap(at, HEAD - PAGE), 0);
	assert_int_equal(munmap(at + SIZE - 50 * PAGE, 50 * PAGE), 0);
	assert_reaches(&f->edu, IOVA + HEAD, at + HEAD, REACH);
	assert_reaches(&f->edu, IOVA + HEAD + CLIPPED - REACH, at + HEAD + CLIPPED - REACH, REACH);
	assert_ends_clean(f);
}

static void moved_elsewhere(void **state)
{
	struct fixture *f = *state;
	struct memory *there = memory_get(MEMORY_SMALL, SIZE);
	char *at = map_clipped(f);

	assert_ptr_equal(mremap(at, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, there->at),
			 there->at);
	assert_reaches(&f->edu, IOVA + THP_SIZE, there->at + THP_SIZE, REACH);
	assert_ends_clean(f);
}

static void gone_altogether(void **state)
{
	struct fixture *f = *state;
	char *at = map_clipped(f);
	char before[REACH];

	memcpy(before, at + THP_SIZE, REACH);
	assert_int_equal(munmap(at, SIZE), 0);
	assert_device_sees(&f->edu, IOVA + THP_SIZE, before, REACH);
	assert_ends_clean(f);
}

/* have the kernel split, move and reclaim whatever it may; what it refuses is its affair */
static void shake_memory(struct memory *m)
{
	const uint64_t part = 37 * PAGE;

	madvise(m->at + part, m->size - 2 * part, MADV_COLD);
	madvise(m->at + part, m->size - 2 * part, MADV_PAGEOUT);
	madvise(m->at, m->size, MADV_COLLAPSE);
	if (memory_has_thp()) {	/* a kernel without does not compact memory either */
		file_write("/sys/kernel/debug/split_huge_pages", "1");
		file_write("/proc/sys/vm/compact_memory", "1");
	}
	file_write("/proc/sys/vm/drop_caches", "3");
}

/* the process gets new pages; what the device writes goes to the old ones */
static void assert_old_pages_stay(struct fixture *f, struct memory *m)
{
	char before[REACH], zeros[REACH] = { 0 };

	assert_map(&f->container, IOVA, m->at, m->size);
	reach_fill(m->at, REACH);
	memcpy(before, m->at, REACH);
	assert_int_equal(madvise(m->at, m->size, MADV_DONTNEED), 0);
	assert_memory_equal(m->at, zeros, REACH);
	assert_device_sees(&f->edu, IOVA, before, REACH);
	edu_store(&f->edu, IOVA, REACH);
	assert_memory_equal(m->at, zeros, REACH);
	assert_unmap(&f->container, IOVA, m->size);
}

static void dropped_single_pages_stay_the_devices(void **state)
{
	assert_old_pages_stay(*state, memory_get(MEMORY_SMALL, 16 * PAGE));
}

static void dropped_huge_pages_stay_the_devices(void **state)
{
	assert_old_pages_stay(*state, memory_get(MEMORY_THP, 2 * THP_SIZE));
}

static void dropped_split_huge_pages_stay_the_devices(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	memory_split(m);
	assert_old_pages_stay(*state, m);
}

/* the kernel may split what a process maps in part only, to have the rest of it back */
static void split_huge_pages_are_dropped_in_part(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, SIZE);
	char *part = m->at + THP_SIZE + 100 * PAGE, before[REACH];

	memory_split(m);
	assert_map(&f->container, IOVA + HEAD, m->at + HEAD, CLIPPED);
	reach_fill(part, REACH);
	memcpy(before, part, REACH);
	assert_int_equal(munmap(part, 300 * PAGE), 0);
	shake_memory(m);
	assert_device_sees(&f->edu, IOVA + (part - m->at), before, REACH);
	assert_reaches(&f->edu, IOVA + THP_SIZE, m->at + THP_SIZE, REACH);
	assert_reaches(&f->edu, IOVA + 2 * THP_SIZE, m->at + 2 * THP_SIZE, REACH);
	assert_ends_clean(f);
}

static void assert_stays_put(struct fixture *f, struct memory *m)
{
	char *half = m->at + m->size / 2, *end = m->at + m->size;

	assert_map(&f->container, IOVA, m->at, m->size);
	shake_memory(m);
	assert_reaches(&f->edu, IOVA + 40 * PAGE, m->at + 40 * PAGE, REACH);
	assert_reaches(&f->edu, IOVA + (half - m->at) - EDU_MAX / 2, half - EDU_MAX / 2, EDU_MAX);
	assert_reaches(&f->edu, IOVA + m->size - REACH, end - REACH, REACH);
	assert_unmap(&f->container, IOVA, m->size);
}

static void single_pages_stay_put(void **state)
{
	assert_stays_put(*state, memory_get(MEMORY_SMALL, SIZE));
}

static void huge_pages_stay_put(void **state)
{
	assert_stays_put(*state, memory_get(MEMORY_THP, SIZE));
}

static void split_huge_pages_stay_put(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, SIZE);

	memory_split(m);
	assert_stays_put(*state, m);
}

static void shared_huge_pages_stay_put(void **state)
{
	assert_stays_put(*state, memory_get(MEMORY_SHMEM_THP, SIZE));
}

/* one huge page behind two mappings: each holds it for itself */
static void assert_both_hold(struct fixture *f, const struct memory *m)
{
	uint64_t other = IOVA + GIB + 7 * PAGE;

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_map(&f->container, other, m->at + 100 * PAGE, THP_SIZE);
	assert_int_equal(judge_locked(), m->size + THP_SIZE);
	assert_reaches(&f->edu, other, m->at + 100 * PAGE, REACH);
	assert_unmap(&f->container, IOVA, m->size);
	assert_true(judge_pins() > 0);
	assert_reaches(&f->edu, other, m->at + 100 * PAGE, REACH);
	assert_unreachable(&f->edu, IOVA + 100 * PAGE, m->at + 100 * PAGE);
}

static void two_mappings_of_the_same_huge_pages(void **state)
{
	assert_both_hold(*state, memory_get(MEMORY_THP, 2 * THP_SIZE));
}

static void two_mappings_of_the_same_split_huge_pages(void **state)
{
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	memory_split(m);
	assert_both_hold(*state, m);
}

static void two_mappings_that_halve_a_huge_page(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, THP_SIZE);
	uint64_t half = THP_SIZE / 2;

	assert_map(&f->container, IOVA, m->at, half);
	assert_map(&f->container, IOVA + half, m->at + half, half);
	assert_unmap(&f->container, IOVA, half);
	assert_not_written(&f->edu, IOVA + half - PAGE, m->at + half - PAGE);
	assert_reaches(&f->edu, IOVA + half, m->at + half, REACH);
	assert_reaches(&f->edu, IOVA + THP_SIZE - REACH, m->at + THP_SIZE - REACH, REACH);
}

/* small pages where the process once had huge ones: the table of before must not be remembered */
static void mapped_after_a_split(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, SIZE);
	char *part = m->at + THP_SIZE + 100 * PAGE;

	assert_int_equal(madvise(part, 50 * PAGE, MADV_DONTNEED), 0);
	memset(part, 1, 50 * PAGE);
	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(judge_locked(), SIZE);
	assert_reaches(&f->edu, IOVA + (part - m->at) - EDU_MAX / 2, part - EDU_MAX / 2, EDU_MAX);
	assert_reaches(&f->edu, IOVA + (part - m->at) + 50 * PAGE - EDU_MAX / 2,
		       part + 50 * PAGE - EDU_MAX / 2, EDU_MAX);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(split_by_protection),
		guest_test(split_by_dropping_a_part),
		guest_test(split_at_the_clipped_ends),
		guest_test(moved_elsewhere),
		guest_test(gone_altogether),
		guest_test(dropped_single_pages_stay_the_devices),
		guest_test(dropped_huge_pages_stay_the_devices),
		guest_test(dropped_split_huge_pages_stay_the_devices),
		guest_test(split_huge_pages_are_dropped_in_part),
		guest_test(single_pages_stay_put),
		guest_test(huge_pages_stay_put),
		guest_test(split_huge_pages_stay_put),
		guest_test(shared_huge_pages_stay_put),
		guest_test(two_mappings_of_the_same_huge_pages),
		guest_test(two_mappings_of_the_same_split_huge_pages),
		guest_test(two_mappings_that_halve_a_huge_page),
		guest_test(mapped_after_a_split),
	};

	return cmocka_run_group_tests_name("changes", tests, NULL, NULL);
}
