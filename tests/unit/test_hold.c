// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that drivers of emulated devices hold: which, how often, and who pays for them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "user.h"

#define TOP	(1ULL << 52)	/* the page after the last IOVA */
#define RW	(STRIDE_READ | STRIDE_WRITE)

static u64 locked_pages(void)
{
	return sim_self->locked;
}

static void test_counts(void **state)
{
	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(0, 10), 0);
	assert_int_equal(sim_memory.pins, 0);
	assert_int_equal(user_hold(2, 3), 0);
	assert_int_equal(user_hold(4, 2), 0);
	assert_int_equal(sim_memory.pins, 4);
	assert_int_equal(locked_pages(), 4);
	assert_int_equal(user_unhold(2, 4), 4);
	assert_int_equal(sim_memory.pins, 1);
	assert_int_equal(locked_pages(), 1);
	assert_int_equal(user_unhold(4, 1), 1);
	assert_int_equal(sim_memory.pins, 0);
	assert_int_equal(locked_pages(), 0);
	user_end();
}

/* Pages that are mapped and not held are skipped; the first page that is not mapped ends it. */
static void test_unhold_result(void **state)
{
	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(0, 10), 0);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(user_hold(9, 2), 0);
	assert_int_equal(user_unhold(20, 1), 0);
	assert_int_equal(user_unhold(0, 0), 0);
	assert_int_equal(user_unhold(8, 100), 12);
	assert_int_equal(sim_memory.pins, 0);

	/* After the last page of the address space comes no other one. */
	assert_int_equal(user_map(TOP - 1, 1), 0);
	assert_int_equal(user_hold(TOP - 1, 1), 0);
	assert_int_equal(user_hold(0, 1), 0);
	assert_int_equal(user_unhold(TOP - 1, 2), 1);
	assert_non_null(sim_span_find(&sim.holds, 0, 0));
	user_end();
}

/* Pages held before the one that failed are let go of again. */
static void test_unwinding(void **state)
{
	struct sim_state before;

	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(0, 10), 0);
	assert_int_equal(user_map(20, 10), 0);
	assert_int_equal(user_hold(7, 2), 0);
	before = sim_state();
	assert_int_equal(user_hold(5, 6), -EINVAL);
	sim_check_same(&before);
	assert_int_equal(user_hold(19, 3), -EINVAL);
	sim_zap(USER_VADDR + 4 * STRIDE_PAGE_SIZE, 1);
	assert_int_equal(user_hold(3, 5), -EFAULT);
	assert_int_equal(user_hold(24, 1), -EFAULT);
	sim_self->limit = 4;
	assert_int_equal(user_hold(5, 5), -ENOMEM);
	sim_check_same(&before);
	sim_self->limit = 5;
	assert_int_equal(user_hold(5, 5), 0);
	assert_int_equal(user_hold(5, 5), 0);
	user_end();
}

static int hold_at(u64 iova, u32 npages, u32 prot)
{
	u64 pfns[16];
	int err = stride_hold(&sim.space, iova, npages, prot, pfns);

	sim_check();
	return err;
}

static void test_arguments(void **state)
{
	const u64 page = STRIDE_PAGE_SIZE;
	u64 pfn;

	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(1, 2), 0);
	assert_int_equal(user_map_prot(3, 2, STRIDE_WRITE), 0);
	assert_int_equal(user_map_prot(5, 2, RW), 0);
	assert_int_equal(user_map(TOP - 2, 2), 0);
	assert_int_equal(hold_at(page, 0, STRIDE_READ), -EINVAL);
	assert_int_equal(hold_at(page, 1, STRIDE_WRITE), -EPERM);
	assert_int_equal(hold_at(page, 1, RW), -EPERM);
	assert_int_equal(hold_at(3 * page, 1, STRIDE_READ), -EPERM);
	assert_int_equal(hold_at(4 * page, 2, STRIDE_WRITE), 0);
	assert_int_equal(hold_at(4 * page, 2, RW), -EPERM);
	assert_int_equal(hold_at(5 * page, 2, RW), 0);

	/* An IOVA within a page holds that page; there is none below a mapping. */
	assert_int_equal(hold_at(page - 1, 1, STRIDE_READ), -EINVAL);
	assert_int_equal(hold_at(3 * page - 1, 1, STRIDE_READ), 0);
	assert_int_equal(stride_hold(&sim.space, 2 * page + 5, 1, STRIDE_READ, &pfn), 0);
	assert_int_equal(pfn, sim_zone_pfn(SIM_SMALL) + 1);

	assert_int_equal(hold_at(-2 * page, 2, STRIDE_READ), 0);
	assert_int_equal(hold_at(-2 * page, 3, STRIDE_READ), -EINVAL);
	/* What is wrong with an earlier page comes first. */
	assert_int_equal(hold_at(-2 * page, 3, STRIDE_WRITE), -EPERM);
	assert_int_equal(hold_at(-page + 1, 1, STRIDE_READ), 0);
	assert_int_equal(hold_at(0, 1, STRIDE_READ), -EINVAL);
	user_end();
}

/* Only with a driver that has a dma_unmap callback, and only with TYPE1v2. */
static void test_who(void **state)
{
	(void)state;
	user_begin(true, 10);
	assert_int_equal(user_map(0, 10), 0);
	assert_int_equal(user_hold(0, 1), -EINVAL);
	stride_device_attach(&sim.space);
	assert_int_equal(user_hold(0, 1), 0);
	stride_device_detach(&sim.space);
	user_end();

	user_begin(false, 10);
	sim_emulated_attach();
	assert_int_equal(user_map(0, 10), 0);
	assert_int_equal(user_hold(0, 1), -EACCES);
	user_end();
}

static void set_page(u64 page, u64 pfn, enum sim_kind kind, enum sim_access access)
{
	sim_set_leaves((struct sim_leaves){
		.vaddr = USER_VADDR + (page << STRIDE_PAGE_SHIFT),
		.count = 1,
		.pfn = pfn,
		.kind = kind,
		.access = access,
	});
}

/* Pages without struct page cannot be given to drivers; reserved ones are free of charge. */
static void test_kinds(void **state)
{
	struct sim_state before;
	bool pinned;

	(void)state;
	for (pinned = false;; pinned = true) {
		user_begin_emulated();
		sim_gup.zero_pinned = pinned;
		set_page(0, SIM_BAR_PFN, SIM_PFNMAP, SIM_RW);
		set_page(1, sim_zone_pfn(SIM_ZERO), SIM_MEMORY, SIM_RW);
		set_page(2, sim_zone_pfn(SIM_RESERVED), SIM_MEMORY, SIM_RW);
		set_page(3, sim_zone_pfn(SIM_RESERVED), SIM_PFNMAP, SIM_RW);
		set_page(4, sim_zone_pfn(SIM_SMALL), SIM_PFNMAP, SIM_RW);
		set_page(5, 0, SIM_UNTOUCHED, SIM_RW);
		set_page(6, sim_zone_pfn(SIM_SMALL), SIM_MEMORY, SIM_RO);
		assert_int_equal(user_map_prot(0, 10, RW), 0);
		before = sim_state();
		assert_int_equal(hold_at(0, 1, STRIDE_READ), -EINVAL);
		assert_int_equal(hold_at(4 << STRIDE_PAGE_SHIFT, 1, STRIDE_READ), -EFAULT);
		assert_int_equal(hold_at(6 << STRIDE_PAGE_SHIFT, 1, STRIDE_READ), -EFAULT);
		sim_check_same(&before);
		assert_int_equal(hold_at(1 << STRIDE_PAGE_SHIFT, 3, STRIDE_READ), 0);
		assert_int_equal(sim_memory.pins, pinned ? 2 : 1);
		assert_int_equal(locked_pages(), 0);
		assert_int_equal(hold_at(5 << STRIDE_PAGE_SHIFT, 1, STRIDE_READ), 0);
		assert_int_equal(locked_pages(), 1);
		user_end();
		if (pinned)
			return;
	}
}

/* A page is charged once, whether it is held, populated or both. */
static void test_charged_once(void **state)
{
	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(0, 10), 0);
	assert_int_equal(user_hold(0, 4), 0);
	assert_int_equal(locked_pages(), 4);
	assert_int_equal(user_attach(), 0);
	assert_int_equal(locked_pages(), 10);
	assert_int_equal(sim_memory.pins, 14);
	assert_int_equal(user_unhold(0, 2), 2);
	assert_int_equal(user_hold(6, 1), 0);
	assert_int_equal(locked_pages(), 10);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(locked_pages(), 20);

	user_detach();
	assert_int_equal(locked_pages(), 3);
	assert_int_equal(sim_memory.pins, 3);
	assert_int_equal(user_unhold(0, 10), 10);
	assert_int_equal(locked_pages(), 0);
	assert_int_equal(user_attach(), 0);
	assert_int_equal(locked_pages(), 20);
	user_end();
}

/* A device that is closed with its pages held: they go with their mapping. */
static void test_forgotten(void **state)
{
	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(0, 10), 0);
	assert_int_equal(user_hold(0, 4), 0);
	sim_emulated_detach();
	assert_int_equal(sim_memory.pins, 0);
	assert_int_equal(locked_pages(), 0);
	assert_int_equal(sim.space.available, 100);
	user_end();
}

/* In any order: mappings go with the last group of any kind, pins with the last domain. */
static void test_groups(void **state)
{
	(void)state;
	user_begin(true, 100);
	assert_int_equal(user_map(0, 10), 0);
	sim_emulated_attach();
	sim_emulated_attach();
	user_detach();
	assert_int_equal(sim_memory.pins, 0);
	assert_int_equal(sim.space.available, 99);
	sim_emulated_detach();
	assert_int_equal(sim.space.available, 99);
	assert_int_equal(user_attach(), 0);
	assert_true(user_has(9));
	sim_emulated_detach();
	assert_true(user_has(9));
	user_detach();
	assert_int_equal(sim.space.available, 100);
	user_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_unhold_result),
		cmocka_unit_test(test_unwinding),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_who),
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_charged_once),
		cmocka_unit_test(test_forgotten),
		cmocka_unit_test(test_groups),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
