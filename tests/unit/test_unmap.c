// SPDX-License-Identifier: GPL-2.0
/*
 * What UNMAP_DMA unmaps, for TYPE1v2 and for TYPE1, and that it waits once for each IOTLB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "user.h"

/* Mappings at pages 10 to 19, 20 to 29 and 40 to 49. */
static void begin(bool v2)
{
	user_begin(v2, 100);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(user_map(20, 10), 0);
	assert_int_equal(user_map(40, 10), 0);
}

static void test_v2(void **state)
{
	(void)state;
	begin(true);
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
	begin(false);
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
	begin(true);
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
	begin(true);
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
	begin(true);
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	sim.calls[SIM_CALL_SYNC] = 0;
	assert_int_equal(user_unmap(0, 1000), 30);
	assert_int_equal(sim.calls[SIM_CALL_SYNC], 2);
	assert_int_equal(user_unmap(0, 1000), 0);
	assert_int_equal(sim.calls[SIM_CALL_SYNC], 2);
	user_end();
}

/* With the last domain go all mappings; those made without any are there for the next one. */
static void test_domains_leave(void **state)
{
	(void)state;
	begin(true);
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	sim_detach(sim.domains);
	assert_true(user_has(10));
	sim_detach(sim.domains);
	assert_int_equal(sim.pins, 0);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	assert_true(user_has(10));
	user_end();
}

/* Chances for others come often: a few MiB of pages are unpinned at a time. */
static void test_lets_others_run(void **state)
{
	(void)state;
	user_begin(true, 100);
	sim_put((struct sim_leaves){
		.vaddr = USER_VADDR,
		.count = 1 << 18,
		.pfn = sim_zone_pfn(SIM_SMALL),
		.step = 1,
	});
	assert_int_equal(user_map(0, 1 << 18), 0);
	sim.calls[SIM_CALL_RELAX] = 0;
	assert_int_equal(user_unmap(0, 1 << 18), 1 << 18);
	assert_in_range(sim.calls[SIM_CALL_RELAX], 8, 64);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
