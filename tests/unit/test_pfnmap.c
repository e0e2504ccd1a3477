// SPDX-License-Identifier: GPL-2.0
/*
 * Raw pfns in any order, whether the process may use them or not: the device reaches these very
 * pages.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "user.h"

#define PAGES	1000	/* of three tables, two of them in part */
#define SKIP	100

static u64 ascending(u64 page)
{
	return SIM_BAR_PFN + page;
}

static u64 descending(u64 page)
{
	return SIM_BAR_PFN + PAGES - page;
}

static u64 shuffled(u64 page)
{
	return SIM_BAR_PFN + (page ^ 5);
}

static void set_pages(u64 (*pfn)(u64 page), enum sim_access access)
{
	u64 page;

	for (page = 0; page < PAGES; page++)
		sim_set_leaves((struct sim_leaves){
			.vaddr = USER_VADDR + ((SKIP + page) << STRIDE_PAGE_SHIFT),
			.count = 1,
			.pfn = pfn(page),
			.access = access,
			.kind = SIM_PFNMAP,
		});
}

static int map_pages(u32 prot)
{
	struct stride_map_request request = {
		.vaddr = USER_VADDR + (SKIP << STRIDE_PAGE_SHIFT),
		.size = PAGES << STRIDE_PAGE_SHIFT,
		.prot = prot,
	};

	return stride_map(&sim.space, &request);
}

/* Extents that its record has. */
static u32 count_extents(void)
{
	const struct stride_chunk *chunk = &stride_space_first(&sim.space, 0, 0)->record.first;
	u32 n = 0;

	for (; chunk; chunk = chunk->next)
		n += chunk->count;
	return n;
}

static void check_pages(u64 (*due)(u64 page))
{
	u64 page, pfn;
	u32 prot;

	for (page = 0; page < PAGES; page++) {
		assert_true(sim_translate(sim.domains, page << STRIDE_PAGE_SHIFT, &pfn, &prot));
		assert_int_equal(pfn, due(page));
	}
}

static void one_order(u64 (*pfn)(u64 page), u32 due)
{
	static const enum sim_access accesses[] = { SIM_RW, SIM_RO, SIM_NONE };
	u32 i;

	for (i = 0; i < 3; i++) {
		user_begin(true, 10);
		set_pages(pfn, accesses[i]);
		assert_int_equal(map_pages(STRIDE_WRITE), accesses[i] == SIM_RW ? 0 : -EFAULT);
		user_unmap_all();
		assert_int_equal(map_pages(STRIDE_READ), 0);
		check_pages(pfn);
		assert_int_equal(count_extents(), due);
		user_end();
	}
}

static void test_ascending(void **state)
{
	(void)state;
	one_order(ascending, 1);
}

static void test_descending(void **state)
{
	(void)state;
	one_order(descending, PAGES);
}

static void test_shuffled(void **state)
{
	(void)state;
	one_order(shuffled, PAGES);
}

/* Memory that the process itself may not use cannot be pinned. */
static void test_memory_without_access(void **state)
{
	(void)state;
	user_begin(true, 10);
	sim_set_leaves((struct sim_leaves){
		.vaddr = USER_VADDR + (5 << STRIDE_PAGE_SHIFT),
		.count = 1,
		.pfn = sim_zone_pfn(SIM_SMALL),
		.access = SIM_NONE,
	});
	assert_int_equal(user_map(0, 5), 0);
	assert_int_equal(user_map(5, 6), -EFAULT);
	user_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ascending),
		cmocka_unit_test(test_descending),
		cmocka_unit_test(test_shuffled),
		cmocka_unit_test(test_memory_without_access),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
