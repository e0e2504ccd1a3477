// SPDX-License-Identifier: GPL-2.0
/*
 * MAP_DMA, and domains that join: whatever fails, all or nothing. And a process at its limit or
 * being killed, and an IOMMU that does not let go.
 */
#include "faults.h"

static void prepare_page(void)
{
	domains(1);
	set_memory(0, 1, 0, sim_zone_pfn(SIM_SMALL), 1, SIM_MEMORY);
}

static int map_page(void)
{
	return map_at(IOVA, 1);
}

/* So many extents that the record takes several chunks, in several windows. */
static void prepare_scattered(void)
{
	domains(2);
	set_memory(0, 3000, 0, sim_zone_pfn(SIM_SMALL), 2, SIM_MEMORY);
}

static int map_scattered(void)
{
	return map_at(IOVA, 3000);
}

static void prepare_huge(void)
{
	domains(3);
	set_memory(0, 6, STRIDE_PMD_ORDER, sim_zone_pfn(SIM_HUGE), 2 * STRIDE_PMD_PAGES,
		   SIM_MEMORY);
}

static int map_huge(void)
{
	return map_at(IOVA, 5 * STRIDE_PMD_PAGES + 7);
}

static void prepare_untouched(void)
{
	domains(1);
	set_memory(3, 2000, STRIDE_PMD_ORDER, 0, 0, SIM_UNTOUCHED);
	set_memory(0, 3, 0, 0, 0, SIM_UNTOUCHED);
}

static int map_untouched(void)
{
	return map_at(IOVA, 2003);
}

static void prepare_pfnmap(void)
{
	domains(2);
	set_memory(0, 4, STRIDE_PMD_ORDER, SIM_BAR_PFN, 2 * STRIDE_PMD_PAGES, SIM_PFNMAP);
	set_memory(4 * STRIDE_PMD_PAGES, 700, 0, SIM_BAR_PFN + 1, 2, SIM_PFNMAP);
}

static int map_pfnmap(void)
{
	return map_at(IOVA, 4 * STRIDE_PMD_PAGES + 700);
}

/* Next to a mapping of the same pages that stays. */
static void prepare_mixed(void)
{
	domains(3);
	set_mixed();
	assert_int_equal(map_at(pages(1 << 20), 2100), 0);
}

static int map_mixed(void)
{
	return map_at(IOVA, 2176);
}

/* A domain that joins late. */
static void prepare_attach(void)
{
	prepare_mixed();
	assert_int_equal(map_mixed(), 0);
}

static const struct operation operations[] = {
	{ "a page", prepare_page, map_page, 0 },
	{ "scattered pages", prepare_scattered, map_scattered, 0 },
	{ "huge pages", prepare_huge, map_huge, 0 },
	{ "untouched memory", prepare_untouched, map_untouched, 0 },
	/* After a failed pin the raw pfns are found. */
	{ "raw pfns", prepare_pfnmap, map_pfnmap, 1 << SIM_CALL_PIN },
	{ "all kinds", prepare_mixed, map_mixed, 1 << SIM_CALL_PIN },
	{ "a domain that joins late", prepare_attach, attach, 0 },
};

/* The limit is reached at every page of the way; a batch at most is pinned beyond it. */
static void test_limit(void **state)
{
	struct sim_state before;
	u64 limit;

	(void)state;
	for (limit = 0; limit < 2100; limit += limit < 20 ? 1 : 41) {
		sim_begin(limit, SIM_OPTIONS);
		prepare_scattered();
		sim_self->limit = limit;
		before = sim_state();
		assert_int_equal(map_at(IOVA, limit + 1), -ENOMEM);
		sim_check_same(&before);
		assert_int_equal(map_at(IOVA, 3000), -ENOMEM);
		assert_in_range(sim_memory.max_pins, 1, limit + STRIDE_BATCH);
		sim_check_same(&before);
		if (limit)
			assert_int_equal(map_at(IOVA, limit), 0);
		assert_int_equal(sim_self->locked, limit);
		sim_end();
	}
}

/* Where the windows are the largest. */
static void test_large_limit(void **state)
{
	const u64 limit = 40000;

	(void)state;
	sim_begin(1, SIM_OPTIONS);
	domains(1);
	set_memory(0, 2 * limit, 0, sim_zone_pfn(SIM_SMALL), 2, SIM_MEMORY);
	sim_self->limit = limit;
	assert_int_equal(map_at(IOVA, 2 * limit), -ENOMEM);
	assert_in_range(sim_memory.max_pins, limit, limit + STRIDE_BATCH);
	assert_int_equal(map_at(IOVA, limit), 0);
	sim_end();
}

/* Nothing more is pinned for a process that is being killed. */
static void test_killed(void **state)
{
	struct sim_state before;
	u64 pins;

	(void)state;
	sim_begin(1, SIM_OPTIONS);
	prepare_scattered();
	before = sim_state();
	assert_int_equal(map_scattered(), 0);
	pins = sim_calls.made[SIM_CALL_PIN];
	stride_unmap_all(&sim.space);
	sim_check_same(&before);

	sim_calls.made[SIM_CALL_PIN] = 0;
	sim_inject(SIM_CALL_KILLED, 3, -EINTR);
	assert_int_equal(map_scattered(), -EINTR);
	assert_true(sim_calls.made[SIM_CALL_PIN] < 3 && pins > 3);
	sim_check_same(&before);
	sim_end();
}

/* Pages that an IOMMU keeps stay pinned and charged; everything else works as before. */
static void test_refused(void **state)
{
	struct stride_unmap_request unmap = { .iova = IOVA, .size = pages(3000) };
	u64 unmapped, nth;

	(void)state;
	for (nth = 1; nth <= 2; nth++) {
		sim_begin(nth, SIM_OPTIONS);
		prepare_scattered();
		assert_int_equal(map_scattered(), 0);
		sim_inject(SIM_CALL_CLEAR, nth, 0);
		assert_int_equal(stride_unmap(&sim.space, &unmap, &unmapped), 0);
		sim_inject_none();
		assert_int_equal(unmapped, pages(3000));
		assert_int_equal(sim_self->locked, 3000);
		sim_check();

		assert_int_equal(map_scattered(), -EEXIST);
		sim_check();
		assert_int_equal(map_at(pages(1 << 20), 3000), 0);
		sim_check();
		sim_end();
	}
}

/* The IOMMU does not let go while a map is undone. */
static void test_refused_undo(void **state)
{
	(void)state;
	refuse_undo(prepare_scattered, map_scattered, 4, SIM_CALL_CLEAR);
	assert_true(sim_self->locked && sim_self->locked == sim_self->leaked);
	sim_end();
}

/* Nor of what one map call had mapped when it failed. */
static void test_refused_sweep(void **state)
{
	u64 nth;

	(void)state;
	for (nth = 1; nth <= 4; nth++) {
		refuse_undo(prepare_scattered, map_scattered, nth, SIM_CALL_SWEEP);
		assert_true(sim_self->locked && sim_self->locked == sim_self->leaked);
		sim_end();
	}
}

/* Nor while a domain that cannot join is cleared: it is dropped with all it has. */
static void test_refused_attach(void **state)
{
	struct sim_state before;

	(void)state;
	before = refuse_undo(prepare_attach, attach, 2, SIM_CALL_CLEAR);
	sim_check_same(&before);
	sim_end();
	before = refuse_undo(prepare_attach, attach, 2, SIM_CALL_SWEEP);
	sim_check_same(&before);
	sim_end();
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_large_limit),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_undo),
		cmocka_unit_test(test_refused_sweep),
		cmocka_unit_test(test_refused_attach),
	};

	return run_operations(operations, ARRAY_SIZE(operations), others, ARRAY_SIZE(others));
}
