// SPDX-License-Identifier: GPL-2.0
/*
 * Limits: of locked memory (RLIMIT_MEMLOCK, without CAP_IPC_LOCK) and of a container's mappings.
 */
#include "fixture.h"
#include "info.h"
#include "limit.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

static char entries_before[32];

static int map_pages(struct fixture *f, uint64_t iova_page, const char *at, uint64_t count)
{
	return vfio_map(&f->container, IOVA + iova_page * PAGE, at, count * PAGE, DEVICE_BOTH);
}

static void below_the_limit(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, LIMIT * PAGE);

	assert_int_equal(map_pages(f, 0, m->at, LIMIT - 1), 0);
	assert_int_equal(judge_locked(), (LIMIT - 1) * PAGE);
}

static void at_the_limit(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, LIMIT * PAGE);

	assert_int_equal(map_pages(f, 0, m->at, LIMIT), 0);
	assert_int_equal(judge_locked(), LIMIT * PAGE);
	assert_reaches(&f->edu, IOVA + LIMIT * PAGE - REACH, m->at + LIMIT * PAGE - REACH, REACH);
}

static void above_the_limit_nothing_is_left(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * LIMIT * PAGE);

	assert_int_equal(map_pages(f, 0, m->at, LIMIT + 1), -ENOMEM);
	assert_int_equal(map_pages(f, 0, m->at, 2 * LIMIT), -ENOMEM);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
	assert_unreachable(&f->edu, IOVA, m->at);
	assert_int_equal(map_pages(f, 0, m->at, LIMIT), 0);
}

/* the in-tree line, which users search for; stride adds the process, pages wanted and allowed */
static void the_log_names_the_limit(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, (LIMIT + 1) * PAGE);
	char in_tree[128], stride[256];
	unsigned int before;

	snprintf(in_tree, sizeof(in_tree),
		 "vfio_pin_pages_remote: RLIMIT_MEMLOCK \\(%llu\\) exceeded", LIMIT * PAGE);
	snprintf(stride, sizeof(stride), "%s.*test_limits.*%d.* %llu .*%llu", in_tree, getpid(),
		 LIMIT + 1, LIMIT);
	before = judge_log_lines(in_tree);
	assert_int_equal(map_pages(f, 0, m->at, LIMIT + 1), -ENOMEM);
	assert_int_equal(judge_log_lines(in_tree), before + 1);
	assert_int_equal(judge_log_lines(stride), !vfio_in_tree());
}

/* far enough into the memory for a driver that pins more and more at once */
static void a_refused_map_pins_little_more(void **state)
{
	const uint64_t limit = 31 * MIB / PAGE, batch = 512;
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 64 * MIB);

	limit_set(limit);
	assert_int_equal(map_pages(f, 0, m->at, m->size / PAGE), -ENOMEM);
	assert_in_range(judge_pins_taken(), 1, limit + batch);
	assert_int_equal(judge_pins(), 0);
}

static void the_limit_counts_all_mappings(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * LIMIT * PAGE);

	assert_int_equal(map_pages(f, 0, m->at, LIMIT - 4), 0);
	assert_int_equal(map_pages(f, 100, m->at + LIMIT * PAGE, 5), -ENOMEM);
	assert_int_equal(judge_locked(), (LIMIT - 4) * PAGE);
	assert_int_equal(map_pages(f, 100, m->at + LIMIT * PAGE, 4), 0);
	assert_int_equal(map_pages(f, 200, m->at + LIMIT * PAGE, 1), -ENOMEM);
	assert_unmap(&f->container, IOVA + 100 * PAGE, 4 * PAGE);
	assert_int_equal(map_pages(f, 200, m->at + LIMIT * PAGE, 4), 0);
	assert_int_equal(judge_locked(), LIMIT * PAGE);
}

/* the same memory at two IOVAs costs twice */
static void each_mapping_is_charged(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, LIMIT * PAGE);

	assert_int_equal(map_pages(f, 0, m->at, LIMIT / 2), 0);
	assert_int_equal(map_pages(f, 100, m->at, LIMIT / 2), 0);
	assert_int_equal(map_pages(f, 200, m->at, 1), -ENOMEM);
	assert_int_equal(judge_locked(), LIMIT * PAGE);
}

static void limit_in_the_middle_of_huge_pages(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 3 * THP_SIZE);
	uint64_t limit = 512 + 100;

	limit_set(limit);
	assert_int_equal(map_pages(f, 0, m->at, 3 * 512), -ENOMEM);
	assert_int_equal(map_pages(f, 0, m->at, limit + 1), -ENOMEM);
	assert_int_equal(map_pages(f, 0, m->at + 300 * PAGE, limit + 1), -ENOMEM);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_pins(), 0);
	assert_int_equal(map_pages(f, 0, m->at + 300 * PAGE, limit), 0);
	assert_int_equal(judge_locked(), limit * PAGE);
	assert_reaches(&f->edu, IOVA + limit * PAGE - REACH,
		       m->at + (300 + limit) * PAGE - REACH, REACH);
}

static void device_memory_is_free_of_charge(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);

	limit_set(0);
	assert_map(&f->container, IOVA, (void *)f->edu.bar, f->edu.bar_size);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(map_pages(f, 1000, m->at, 1), -ENOMEM);
}

static void the_capability_lifts_the_limit(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * LIMIT * PAGE);

	limit_lift(true);
	assert_int_equal(map_pages(f, 0, m->at, 2 * LIMIT), 0);
	assert_int_equal(judge_locked(), 2 * LIMIT * PAGE);
}

static int setup_entries(void **state)
{
	struct fixture *f;

	vfio_parameter_set("dma_entry_limit", "4", entries_before);
	fixture_setup_closed(state);
	f = *state;
	vfio_container_open(&f->container, VFIO_TYPE1v2_IOMMU);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	return 0;
}

static int teardown_entries(void **state)
{
	vfio_parameter_set("dma_entry_limit", entries_before, NULL);
	return fixture_teardown(state);
}

static void entries_run_out(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);

	for (uint64_t i = 0; i < 4; i++)
		assert_int_equal(map_pages(f, i, m->at, 1), 0);
	assert_int_equal(map_pages(f, 4, m->at, 1), -ENOSPC);
	assert_int_equal(map_pages(f, 3, m->at, 1), -EEXIST);
	assert_int_equal(judge_locked(), 4 * PAGE);
	assert_unmap(&f->container, IOVA + PAGE, PAGE);
	assert_int_equal(map_pages(f, 4, m->at, 1), 0);
	assert_int_equal(map_pages(f, 5, m->at, 1), -ENOSPC);
}

/* the limit is the container's own from when it was opened */
static void a_failed_map_takes_no_entry(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);

	vfio_parameter_set("dma_entry_limit", "1", NULL);
	for (uint64_t i = 0; i < 8; i++)
		assert_int_equal(map_pages(f, 0, m->at + PAGE, 1), -EFAULT);
	for (uint64_t i = 0; i < 4; i++)
		assert_int_equal(map_pages(f, i, m->at, 1), 0);
}

static void the_next_container_has_the_new_limit(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);

	assert_int_equal(info_entries_left(&f->container), 4);
	vfio_parameter_set("dma_entry_limit", "1", NULL);
	assert_int_equal(info_entries_left(&f->container), 4);
	edu_close(&f->edu);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_equal(info_entries_left(&f->container), 1);
	assert_int_equal(map_pages(f, 0, m->at, 1), 0);
	assert_int_equal(map_pages(f, 1, m->at, 1), -ENOSPC);

	edu_close(&f->edu);
	vfio_parameter_set("dma_entry_limit", "0", NULL);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_equal(info_entries_left(&f->container), 0);
	assert_int_equal(map_pages(f, 0, m->at, 1), -ENOSPC);
}

#define entries_test(f) guest_test_with(f, setup_entries, teardown_entries)

int main(void)
{
	const struct CMUnitTest tests[] = {
		limited_test(the_log_names_the_limit),	/* first: stride limits its lines' rate */
		limited_test(below_the_limit),
		limited_test(at_the_limit),
		limited_test(above_the_limit_nothing_is_left),
		limited_test(a_refused_map_pins_little_more),
		limited_test(the_limit_counts_all_mappings),
		limited_test(each_mapping_is_charged),
		limited_test(limit_in_the_middle_of_huge_pages),
		limited_test(device_memory_is_free_of_charge),
		limited_test(the_capability_lifts_the_limit),
		entries_test(entries_run_out),
		entries_test(a_failed_map_takes_no_entry),
		entries_test(the_next_container_has_the_new_limit),
	};

	return cmocka_run_group_tests_name("limits", tests, NULL, NULL);
}
