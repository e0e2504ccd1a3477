// SPDX-License-Identifier: GPL-2.0
/*
 * What UNMAP_DMA unmaps, for TYPE1v2 and for TYPE1, that it waits once for each IOTLB, and that
 * drivers of emulated devices are asked to let go before.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "user.h"

/* Mappings at pages 10 to 19, 20 to 29 and 40 to 49. */
static void begin_mapped(bool v2)
{
	user_begin(v2, 100);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(user_map(20, 10), 0);
	assert_int_equal(user_map(40, 10), 0);
}

static void test_v2(void **state)
{
	(void)state;
	begin_mapped(true);
	assert_int_equal(user_unmap(10, 9), -EINVAL);
	assert_int_equal(user_unmap(11, 9), -EINVAL);
	assert_int_equal(user_unmap(15, 30), -EINVAL);
	assert_int_equal(user_unmap(10, 35), -EINVAL);
	assert_int_equal(user_unmap(12, 2), -EINVAL);
	assert_int_equal(user_unmap(0, 10), 0);
	assert_int_equal(user_unmap(30, 10), 0);
	assert_int_equal(user_unmap(20, 10), 10);
	assert_false(user_has(20));
	assert_true(user_has(19));
	assert_int_equal(user_unmap(0, 1000), 20);
	assert_int_equal(user_unmap(0, 1000), 0);
	user_end();
}

/* A mapping goes whole with its first IOVA; nothing goes if the range begins within a mapping. */
static void test_v1(void **state)
{
	(void)state;
	begin_mapped(false);
	assert_int_equal(user_unmap(11, 1), 0);
	assert_int_equal(user_unmap(11, 100), 0);
	assert_true(user_has(40));
	assert_int_equal(user_unmap(20, 1), 10);
	assert_false(user_has(29));
	assert_int_equal(user_unmap(5, 36), 20);
	assert_int_equal(user_unmap(0, 1000), 0);
	user_end();
}

static void test_all(void **state)
{
	struct stride_unmap_request request = { .size = STRIDE_PAGE_SIZE, .all = true };
	u64 unmapped;

	(void)state;
	begin_mapped(true);
	assert_int_equal(stride_unmap(&sim.space, &request, &unmapped), -EINVAL);
	request = (struct stride_unmap_request){ .iova = STRIDE_PAGE_SIZE, .all = true };
	assert_int_equal(stride_unmap(&sim.space, &request, &unmapped), -EINVAL);
	assert_int_equal(user_map((1ULL << 52) - 1, 1), 0);
	assert_int_equal(user_unmap_all(), 31);
	assert_int_equal(user_unmap_all(), 0);
	user_end();
}

static void test_arguments(void **state)
{
	struct stride_unmap_request request = { .iova = STRIDE_PAGE_SIZE, .size = 1 };
	u64 unmapped;

	(void)state;
	begin_mapped(true);
	assert_int_equal(stride_unmap(&sim.space, &request, &unmapped), -EINVAL);
	request = (struct stride_unmap_request){ .iova = 1, .size = STRIDE_PAGE_SIZE };
	assert_int_equal(stride_unmap(&sim.space, &request, &unmapped), -EINVAL);
	assert_int_equal(user_unmap(10, 0), -EINVAL);
	assert_int_equal(user_unmap(10, (1ULL << 52) - 9), -EINVAL);	/* ends past the top */
	assert_int_equal(user_unmap(10, (1ULL << 52) - 10), 30);	/* ends at it */
	user_end();
}

static void test_one_sync(void **state)
{
	(void)state;
	begin_mapped(true);
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	sim_calls.made[SIM_CALL_SYNC] = 0;
	assert_int_equal(user_unmap(0, 1000), 30);
	assert_int_equal(sim_calls.made[SIM_CALL_SYNC], 2);
	assert_int_equal(user_unmap(0, 1000), 0);
	assert_int_equal(sim_calls.made[SIM_CALL_SYNC], 2);
	user_end();
}

/* With the last domain go all mappings; those made without any are there for the next one. */
static void test_domains_leave(void **state)
{
	(void)state;
	begin_mapped(true);
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	sim_detach(sim.domains);
	assert_true(user_has(10));
	sim_detach(sim.domains);
	assert_int_equal(sim_memory.pins, 0);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	assert_true(user_has(10));
	user_end();
}

/* Rescheduling comes often: a few MiB of pages are unpinned at a time. */
static void test_lets_others_run(void **state)
{
	(void)state;
	user_begin(true, 100);
	sim_set_leaves((struct sim_leaves){
		.vaddr = USER_VADDR,
		.count = 1 << 18,
		.pfn = sim_zone_pfn(SIM_SMALL),
		.step = 1,
	});
	assert_int_equal(user_map(0, 1 << 18), 0);
	sim_calls.made[SIM_CALL_RESCHED] = 0;
	assert_int_equal(user_unmap(0, 1 << 18), 1 << 18);
	assert_in_range(sim_calls.made[SIM_CALL_RESCHED], 8, 64);
	user_end();
}

/* Mappings as ever, of which a driver holds pages 12 to 13, 22 to 23 and 42 to 43. */
static void begin_held(void)
{
	user_begin_emulated();
	assert_int_equal(user_attach(), 0);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(user_map(20, 10), 0);
	assert_int_equal(user_map(40, 10), 0);
	assert_int_equal(user_hold(12, 2), 0);
	assert_int_equal(user_hold(22, 2), 0);
	assert_int_equal(user_hold(42, 2), 0);
}

static void let_go(u64 iova, u64 bytes)
{
	assert_int_equal(stride_unhold(&sim.space, iova, bytes >> STRIDE_PAGE_SHIFT), 10);
}

static void test_asked(void **state)
{
	(void)state;
	begin_held();
	sim_dma_unmap = let_go;
	assert_int_equal(user_unmap(10, 9), -EINVAL);
	assert_int_equal(sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP], 0);
	assert_int_equal(user_unmap(10, 20), 20);
	assert_int_equal(sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP], 2);
	assert_int_equal(user_unmap_all(), 10);
	assert_int_equal(sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP], 3);
	assert_int_equal(sim_memory.pins, 0);
	user_end();
}

static u32 patience;

/* Each mapping's driver needs to be asked @patience times. */
static void let_go_at_last(u64 iova, u64 bytes)
{
	static u32 asked;

	if (++asked < patience)
		return;
	asked = 0;
	let_go(iova, bytes);
}

static void test_asked_again(void **state)
{
	(void)state;
	begin_held();
	sim_dma_unmap = let_go_at_last;
	patience = 11;
	assert_int_equal(user_unmap_all(), 30);
	assert_int_equal(sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP], 33);
	user_end();
}

/* A driver that does not let go at all: nothing has changed. */
static void test_asked_in_vain(void **state)
{
	struct sim_state before;

	(void)state;
	begin_held();
	before = sim_state();
	assert_int_equal(user_unmap_all(), -EBUSY);
	assert_int_equal(sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP], 11);
	sim_check_same(&before);
	sim_dma_unmap = let_go;
	assert_int_equal(user_unmap_all(), 30);
	user_end();
}

/* A driver that has closed its device cannot be asked: what it holds goes with the mapping. */
static void test_forgotten_holds(void **state)
{
	(void)state;
	begin_held();
	stride_device_detach(&sim.space);
	assert_int_equal(user_unmap_all(), 30);
	assert_int_equal(sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP], 0);
	assert_int_equal(sim_memory.pins, 0);
	stride_device_attach(&sim.space);
	user_end();
}

/* While drivers are asked, none may hold more, or there would be no end to it. */
static void hold_again(u64 iova, u64 bytes)
{
	let_go(iova, bytes);
	assert_int_equal(user_hold(10, 1), -EINVAL);
	assert_int_equal(user_hold(30, 1), -EINVAL);
}

static void test_hold_meanwhile(void **state)
{
	(void)state;
	begin_held();
	assert_int_equal(user_unmap_all(), -EBUSY);
	assert_int_equal(user_hold(10, 1), 0);
	assert_int_equal(user_unhold(10, 1), 1);
	sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP] = 0;
	sim_dma_unmap = hold_again;
	assert_int_equal(user_unmap_all(), 30);
	assert_int_equal(sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP], 3);
	user_end();
}

/*
 * Of two overlapping unmaps under way at once the inner one, for @inner pages from page 10 on,
 * fails. The outer one goes on to keep drivers from holding more, also of what is mapped meanwhile.
 */
static u32 inner;

static void fail_inner(u64 iova, u64 bytes)
{
	sim_dma_unmap = NULL;
	assert_int_equal(user_unmap(10, inner), -EBUSY);
	assert_int_equal(user_map(30, 10), 0);
	assert_int_equal(user_hold(10, 1), -EINVAL);
	assert_int_equal(user_hold(20, 1), -EINVAL);
	assert_int_equal(user_hold(39, 1), -EINVAL);
	assert_int_equal(user_hold(40, 1), 0);
	assert_int_equal(user_unhold(40, 1), 1);
	let_go(iova, bytes);
	sim_dma_unmap = let_go;
}

static void test_inner_unmap_fails(void **state)
{
	(void)state;
	for (inner = 10; inner <= 40; inner += 10) {
		begin_held();
		sim_dma_unmap = fail_inner;
		assert_int_equal(user_unmap(10, 30), 30);
		assert_int_equal(user_hold(40, 1), 0);
		assert_int_equal(user_unhold(40, 1), 1);
		user_end();
	}
}

/* A caller that is being killed does not wait for drivers. */
static void test_killed_meanwhile(void **state)
{
	struct sim_state before;

	(void)state;
	begin_held();
	before = sim_state();
	sim_inject(SIM_CALL_KILLED, 1, -EINTR);
	assert_int_equal(user_unmap_all(), -EINTR);
	sim_inject_none();
	sim_check_same(&before);
	user_end();
}

/* Meanwhile others unmap what was to be unmapped, and map what cuts its range. */
static void unmap_first(u64 iova, u64 bytes)
{
	sim_dma_unmap = NULL;
	let_go(iova, bytes);
	assert_int_equal(user_unmap(10, 10), 10);
}

static void map_across(u64 iova, u64 bytes)
{
	let_go(iova, bytes);
	if (iova == 20 << STRIDE_PAGE_SHIFT)
		assert_int_equal(user_map(39, 1), 0);
	if (iova == 20 << STRIDE_PAGE_SHIFT)
		assert_int_equal(user_map(30, 9), 0);
}

static void test_meanwhile(void **state)
{
	(void)state;
	begin_held();
	sim_dma_unmap = unmap_first;
	assert_int_equal(user_unmap(10, 10), 0);
	sim_dma_unmap = map_across;
	assert_int_equal(user_unmap(20, 15), -EINVAL);
	assert_int_equal(user_unmap(20, 20), 20);
	user_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_v2),
		cmocka_unit_test(test_v1),
		cmocka_unit_test(test_all),
		cmocka_unit_test(test_arguments),
		cmocka_unit_test(test_one_sync),
		cmocka_unit_test(test_domains_leave),
		cmocka_unit_test(test_lets_others_run),
		cmocka_unit_test(test_asked),
		cmocka_unit_test(test_asked_again),
		cmocka_unit_test(test_asked_in_vain),
		cmocka_unit_test(test_forgotten_holds),
		cmocka_unit_test(test_hold_meanwhile),
		cmocka_unit_test(test_inner_unmap_fails),
		cmocka_unit_test(test_killed_meanwhile),
		cmocka_unit_test(test_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
