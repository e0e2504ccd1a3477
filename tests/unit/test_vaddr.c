// SPDX-License-Identifier: GPL-2.0
/*
 * User addresses that are invalidated, and replaced, maybe by another process.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "user.h"

#define NEW_VADDR	(USER_VADDR + 8 * STRIDE_PAGE_SIZE)

/* Mappings at pages 10 to 19 and 20 to 29. */
static void begin_mapped(void)
{
	user_begin(true, 100);
	assert_int_equal(user_map(10, 10), 0);
	assert_int_equal(user_map(20, 10), 0);
}

static long long invalidate(u64 ipn, u64 npages, bool all)
{
	struct stride_unmap_request request = {
		.iova = ipn << STRIDE_PAGE_SHIFT,
		.size = npages << STRIDE_PAGE_SHIFT,
		.all = all,
		.vaddr_only = true,
	};
	u64 bytes = ~0ULL;
	int err = stride_unmap(&sim.space, &request, &bytes);

	sim_check();
	if (err)
		assert_int_equal(bytes, ~0ULL);
	return err ? err : (long long)(bytes >> STRIDE_PAGE_SHIFT);
}

static int new_vaddr(u64 ipn, u64 npages)
{
	struct stride_map_request request = {
		.iova = ipn << STRIDE_PAGE_SHIFT,
		.vaddr = NEW_VADDR,
		.size = npages << STRIDE_PAGE_SHIFT,
	};
	int err = stride_map(&sim.space, &request);

	sim_check();
	return err;
}

static u64 vaddr_of(u64 ipn)
{
	u64 iova = ipn << STRIDE_PAGE_SHIFT;

	return stride_space_first(&sim.space, iova, iova)->vaddr;
}

static u32 invalid_count(void)
{
	return sim.space.vaddr_invalid_count;
}

static void test_forget(void **state)
{
	struct sim_state before;

	(void)state;
	begin_mapped();
	assert_int_equal(invalidate(0, 10, false), 0);
	assert_int_equal(invalidate(10, 9, false), -EINVAL);
	assert_int_equal(invalidate(0, 0, false), -EINVAL);
	assert_int_equal(invalidate(20, 10, false), 10);
	assert_int_equal(invalid_count(), 1);
	assert_true(user_has(20));

	/* One of them is invalid already: none is invalidated. */
	before = sim_state();
	assert_int_equal(invalidate(10, 20, false), -EINVAL);
	assert_int_equal(invalidate(0, 0, true), -EINVAL);
	sim_check_same(&before);
	assert_int_equal(invalidate(10, 10, false), 10);
	assert_int_equal(invalid_count(), 2);
	assert_int_equal(user_unmap(10, 10), 10);
	assert_int_equal(invalid_count(), 1);
	assert_int_equal(user_unmap_all(), 10);
	assert_int_equal(invalid_count(), 0);
	assert_int_equal(invalidate(0, 0, true), 0);
	user_end();
}

static void test_give(void **state)
{
	(void)state;
	begin_mapped();
	assert_int_equal(new_vaddr(10, 10), -EINVAL);
	assert_int_equal(invalidate(0, 0, true), 20);
	assert_int_equal(new_vaddr(0, 10), -ENOENT);
	assert_int_equal(new_vaddr(30, 10), -ENOENT);
	assert_int_equal(new_vaddr(10, 9), -EINVAL);
	assert_int_equal(new_vaddr(10, 11), -EINVAL);
	assert_int_equal(new_vaddr(11, 9), -EINVAL);
	assert_int_equal(new_vaddr(9, 11), -EINVAL);
	assert_int_equal(new_vaddr(10, 20), -EINVAL);
	assert_int_equal(new_vaddr(10, 0), -EINVAL);
	assert_int_equal(vaddr_of(10), USER_VADDR);
	assert_int_equal(new_vaddr(10, 10), 0);
	assert_int_equal(vaddr_of(10), NEW_VADDR);
	assert_int_equal(vaddr_of(20), USER_VADDR);
	assert_int_equal(new_vaddr(10, 10), -EINVAL);
	assert_int_equal(invalid_count(), 1);
	assert_int_equal(new_vaddr(20, 10), 0);
	assert_int_equal(invalid_count(), 0);
	assert_int_equal(user_map(30, 10), 0);
	user_end();
}

/* The charge moves to the new owner, if its limit allows. */
static void test_new_owner(void **state)
{
	struct sim_process *parent, *child = &sim_processes[1];
	struct sim_state before;

	(void)state;
	begin_mapped();
	assert_int_equal(invalidate(0, 0, true), 20);
	parent = sim_switch_to(child);
	child->limit = 9;
	before = sim_state();
	assert_int_equal(new_vaddr(10, 10), -ENOMEM);
	sim_check_same(&before);
	child->limit = 10;
	assert_int_equal(new_vaddr(10, 10), 0);
	assert_int_equal(child->locked, 10);
	assert_int_equal(parent->locked, 10);
	assert_int_equal(new_vaddr(20, 10), -ENOMEM);
	parent->gone = true;
	child->limit = 20;
	assert_int_equal(new_vaddr(20, 10), 0);
	assert_int_equal(parent->locked, 0);
	assert_int_equal(user_unmap(20, 10), 10);
	assert_int_equal(child->locked, 10);
	user_end();
}

/* Meanwhile no call may use the address. */
static void test_meanwhile(void **state)
{
	const u64 iova = 20 << STRIDE_PAGE_SHIFT;
	char byte;
	u64 pfn;

	(void)state;
	begin_mapped();
	sim_emulated_attach();
	assert_int_equal(invalidate(10, 10, false), -EBUSY);
	assert_int_equal(invalidate(0, 0, true), -EBUSY);
	sim_emulated_detach();
	assert_int_equal(invalidate(10, 10, false), 10);
	stride_device_attach(&sim.space);
	assert_int_equal(stride_hold(&sim.space, iova, 1, STRIDE_READ, &pfn), -EBUSY);
	assert_int_equal(stride_access(&sim.space, iova, &byte, 1, false), -EBUSY);
	assert_int_equal(new_vaddr(10, 10), 0);
	assert_int_equal(stride_hold(&sim.space, iova, 1, STRIDE_READ, &pfn), 0);

	/* Drivers that hold pages need no address for them, so they are not asked. */
	assert_int_equal(invalidate(20, 10, false), 10);
	assert_int_equal(sim_calls.made[SIM_CALL_NOTIFY_DMA_UNMAP], 0);
	stride_device_detach(&sim.space);
	user_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forget),
		cmocka_unit_test(test_give),
		cmocka_unit_test(test_new_owner),
		cmocka_unit_test(test_meanwhile),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
