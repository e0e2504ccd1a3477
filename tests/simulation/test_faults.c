// SPDX-License-Identifier: GPL-2.0
/*
 * Each call that a host serves is made to fail once: the first, the second, and so on until the
 * scenario no longer makes that many. Each time all of it must be undone, the caller must get that
 * error, and the same must then succeed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "scene.h"

#define IOVA	0x100000ULL
#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * struct scenario - something that a user does
 * @prepare:	what is there before
 * @act:	returns what the engine answers
 * @harmless:	a failing call of this kind may be made up for, a bit each
 */
struct scenario {
	const char *name;
	void (*prepare)(void);
	int (*act)(void);
	u32 harmless;
};

static u64 pages(u64 n)
{
	return n << STRIDE_PAGE_SHIFT;
}

static int map_at(u64 iova, u64 npages)
{
	struct stride_map_request request = {
		.iova = iova,
		.vaddr = SCENE_VADDR,
		.size = pages(npages),
		.prot = STRIDE_READ | STRIDE_WRITE,
		.leaves = true,
	};

	return stride_map(&sim.space, &request);
}

static void put(u64 page, u64 count, u32 order, u64 pfn, long long step, enum sim_kind kind)
{
	sim_put((struct sim_leaves){
		.vaddr = SCENE_VADDR + pages(page),
		.count = count,
		.order = order,
		.pfn = pfn,
		.step = step,
		.kind = kind,
	});
}

static void domains(u32 n)
{
	while (n--)
		assert_int_equal(sim_attach(sim_domain_new(n & 1)), 0);
}

static void prepare_page(void)
{
	domains(1);
	put(0, 1, 0, sim_zone_pfn(SIM_SMALL), 1, SIM_MEMORY);
}

static int map_page(void)
{
	return map_at(IOVA, 1);
}

/* So many extents that the record takes several chunks, in several windows. */
static void prepare_scattered(void)
{
	domains(2);
	put(0, 3000, 0, sim_zone_pfn(SIM_SMALL), 2, SIM_MEMORY);
}

static int map_scattered(void)
{
	return map_at(IOVA, 3000);
}

static void prepare_huge(void)
{
	domains(3);
	put(0, 6, STRIDE_PMD_ORDER, sim_zone_pfn(SIM_HUGE), 2 * STRIDE_PMD_PAGES, SIM_MEMORY);
}

static int map_huge(void)
{
	return map_at(IOVA, 5 * STRIDE_PMD_PAGES + 7);
}

static void prepare_untouched(void)
{
	domains(1);
	put(3, 2000, STRIDE_PMD_ORDER, 0, 0, SIM_UNTOUCHED);
	put(0, 3, 0, 0, 0, SIM_UNTOUCHED);
}

static int map_untouched(void)
{
	return map_at(IOVA, 2003);
}

static void prepare_raw(void)
{
	domains(2);
	put(0, 4, STRIDE_PMD_ORDER, SIM_BAR_PFN, 2 * STRIDE_PMD_PAGES, SIM_RAW);
	put(4 * STRIDE_PMD_PAGES, 700, 0, SIM_BAR_PFN + 1, 2, SIM_RAW);
}

static int map_raw(void)
{
	return map_at(IOVA, 4 * STRIDE_PMD_PAGES + 700);
}

/* Everything in one range, next to a mapping of the same pages that stays. */
static void prepare_mixed(void)
{
	u64 small = sim_zone_pfn(SIM_SMALL), huge = sim_zone_pfn(SIM_HUGE);

	domains(3);
	put(0, 30, 0, small, 1, SIM_MEMORY);
	put(30, 10, 0, sim_zone_pfn(SIM_ZERO), 0, SIM_MEMORY);
	put(40, 10, 0, sim_zone_pfn(SIM_RESERVED), 1, SIM_MEMORY);
	put(50, 462, 0, huge + 50, 1, SIM_MEMORY);
	put(512, 2, STRIDE_PMD_ORDER, huge, 512, SIM_MEMORY);
	put(1536, 600, 0, SIM_BAR_PFN, 1, SIM_RAW);
	put(2136, 40, 0, small + 5, -1, SIM_MEMORY);
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

static int attach(void)
{
	return sim_attach(sim_domain_new(true));
}

static const struct scenario scenarios[] = {
	{ "a page", prepare_page, map_page, 0 },
	{ "scattered pages", prepare_scattered, map_scattered, 0 },
	{ "huge pages", prepare_huge, map_huge, 0 },
	{ "untouched memory", prepare_untouched, map_untouched, 0 },
	/* The error of the pin only leads to the raw pfns. */
	{ "raw pfns", prepare_raw, map_raw, 1 << SIM_CALL_PIN },
	{ "all kinds", prepare_mixed, map_mixed, 1 << SIM_CALL_PIN },
	{ "a domain that joins late", prepare_attach, attach, 0 },
};

static const struct {
	enum sim_call call;
	int with;
	int due;
	bool harmless;
} failures[] = {
	{ SIM_CALL_ALLOC, 0, -ENOMEM, false },
	{ SIM_CALL_MAPPING_NEW, 0, -ENOMEM, false },
	{ SIM_CALL_PIN, -EOPNOTSUPP, -EOPNOTSUPP, false },
	{ SIM_CALL_PIN, 0, -EFAULT, false },
	{ SIM_CALL_LEAF, 0, 0, true },
	{ SIM_CALL_RAW, -ENXIO, -ENXIO, false },
	{ SIM_CALL_CHARGE, -ENOMEM, -ENOMEM, false },
	{ SIM_CALL_MAP, -EIO, -EIO, false },
	/* A signal that comes when all that can be waited for is done no longer matters. */
	{ SIM_CALL_RELAX, -EINTR, -EINTR, true },
};

/* One failure; returns false if the scenario has no such call. */
static bool fail_once(const struct scenario *scenario, size_t failure, u64 nth)
{
	enum sim_call call = failures[failure].call;
	bool harmless = failures[failure].harmless || scenario->harmless & 1u << call;
	struct sim_state before;
	bool failed;
	int err, due;

	sim_begin(nth, true, 65535);
	sim.step = call;
	scenario->prepare();
	before = sim_state();
	sim_fail(call, nth, failures[failure].with);
	err = scenario->act();
	failed = sim.failed;
	due = failed ? failures[failure].due : 0;
	sim_fail_none();

	if (err != due && !(harmless && !err))
		sim_broken("%s: answer %d, due was %d", scenario->name, err, due);
	sim_check();
	if (err) {
		sim_check_same(&before);
		assert_int_equal(scenario->act(), 0);
		sim_check();
	}
	sim_end();
	return failed;
}

static void test_scenario(void **state)
{
	size_t i;
	u64 nth;

	for (i = 0; i < ARRAY_SIZE(failures); i++)
		for (nth = 1; fail_once(*state, i, nth); nth++)
			;
}

/* The limit is reached at every page of the way; what is pinned beyond it stays in proportion. */
static void test_limit(void **state)
{
	struct sim_state before;
	u64 limit;

	(void)state;
	for (limit = 0; limit < 2100; limit += limit < 20 ? 1 : 41) {
		sim_begin(limit, true, 65535);
		prepare_scattered();
		sim.limit = limit;
		before = sim_state();
		assert_int_equal(map_at(IOVA, limit + 1), -ENOMEM);
		sim_check_same(&before);
		sim.calls[SIM_CALL_PIN] = 0;
		assert_int_equal(map_at(IOVA, 3000), -ENOMEM);
		assert_in_range(sim.calls[SIM_CALL_PIN], 1, 4 + 6 * limit / STRIDE_BATCH);
		sim_check_same(&before);
		if (limit)
			assert_int_equal(map_at(IOVA, limit), 0);
		assert_int_equal(sim.locked, limit);
		sim_end();
	}
}

/* Nothing more is pinned for a process that is being killed. */
static void test_killed(void **state)
{
	struct sim_state before;
	u64 pins;

	(void)state;
	sim_begin(1, true, 65535);
	prepare_scattered();
	before = sim_state();
	assert_int_equal(map_scattered(), 0);
	pins = sim.calls[SIM_CALL_PIN];
	stride_unmap_all(&sim.space);
	sim_check_same(&before);

	sim.calls[SIM_CALL_PIN] = 0;
	sim_fail(SIM_CALL_RELAX, 3, -EINTR);
	assert_int_equal(map_scattered(), -EINTR);
	assert_true(sim.calls[SIM_CALL_PIN] < 3 && pins > 3);
	sim_check_same(&before);
	sim_end();
}

/* What an IOMMU does not let go of stays pinned and charged; all else goes on. */
static void test_refused(void **state)
{
	struct stride_unmap_request unmap = { .iova = IOVA, .size = pages(3000) };
	u64 unmapped, nth;

	(void)state;
	for (nth = 1; nth <= 2; nth++) {
		sim_begin(nth, true, 65535);
		prepare_scattered();
		assert_int_equal(map_scattered(), 0);
		sim_fail(SIM_CALL_CLEAR, nth, 0);
		assert_int_equal(stride_unmap(&sim.space, &unmap, &unmapped), 0);
		sim_fail_none();
		assert_int_equal(unmapped, pages(3000));
		assert_int_equal(sim.locked, 3000);
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
	sim_begin(1, true, 65535);
	prepare_scattered();
	sim_fail(SIM_CALL_MAP, 4, -EIO);
	sim_fail(SIM_CALL_CLEAR, 1, 0);
	assert_int_equal(map_scattered(), -EIO);
	sim_fail_none();
	assert_true(sim.locked && sim.locked == sim.leaked_charge);
	sim_check();
	sim_end();
}

/* Nor while a domain that cannot join is cleared: it is dropped with all it has. */
static void test_refused_attach(void **state)
{
	struct sim_state before;

	(void)state;
	sim_begin(1, true, 65535);
	prepare_attach();
	before = sim_state();
	sim_fail(SIM_CALL_MAP, 2, -EIO);
	sim_fail(SIM_CALL_CLEAR, 1, 0);
	assert_int_equal(attach(), -EIO);
	assert_int_equal(sim.failed, 2);
	sim_fail_none();
	sim_check_same(&before);
	sim_check();
	sim_end();
}

#define SCENARIO(i) { scenarios[i].name, test_scenario, NULL, NULL, (void *)&scenarios[i] }

int main(void)
{
	const struct CMUnitTest tests[] = {
		SCENARIO(0), SCENARIO(1), SCENARIO(2), SCENARIO(3),
		SCENARIO(4), SCENARIO(5), SCENARIO(6),
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_killed),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_refused_undo),
		cmocka_unit_test(test_refused_attach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
