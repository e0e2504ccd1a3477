// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes that drivers of emulated devices have copied: all of them, or an error.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "user.h"

#define TOP	(1ULL << 52)	/* the page after the last IOVA */
#define RW	(STRIDE_READ | STRIDE_WRITE)

static int copy_bytes(u64 iova, u64 bytes, bool write)
{
	unsigned char buffer[5 * STRIDE_PAGE_SIZE];
	const struct stride_mapping *m;
	u64 i, vaddr;
	int err;

	if (write)
		return user_write(iova, bytes);
	err = stride_access(&sim.space, iova, buffer, bytes, false);
	for (i = 0; !err && i < bytes; i++) {
		m = stride_space_first(&sim.space, iova + i, iova + i);
		vaddr = m->vaddr + (iova + i - m->iova);
		assert_int_equal(buffer[i], sim_byte(sim_self, vaddr, false));
	}
	return err;
}

static void test_access(void **state)
{
	const u64 page = STRIDE_PAGE_SIZE;
	u64 copied;

	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(1, 2), 0);
	assert_int_equal(user_map_prot(3, 1, RW), 0);
	assert_int_equal(user_map_prot(4, 1, STRIDE_WRITE), 0);
	assert_int_equal(user_map_prot(TOP - 1, 1, RW), 0);
	assert_int_equal(copy_bytes(page, 1, false), 0);
	assert_int_equal(copy_bytes(page - 1, 2, false), -EINVAL);
	assert_int_equal(copy_bytes(page + 9, 3 * page - 9, false), 0);
	assert_int_equal(copy_bytes(3 * page + 9, page, false), -EPERM);
	assert_int_equal(copy_bytes(5 * page, 1, false), -EINVAL);
	assert_int_equal(copy_bytes(5 * page, 0, false), 0);
	assert_int_equal(copy_bytes(page, 1, true), -EPERM);
	assert_int_equal(copy_bytes(3 * page, page, true), 0);
	/* What cannot be read cannot be written. */
	assert_int_equal(copy_bytes(4 * page, 1, true), -EPERM);
	assert_int_equal(copy_bytes(-page, page, true), 0);
	assert_int_equal(copy_bytes(-page, page + 1, true), -EINVAL);
	assert_int_equal(copy_bytes(-1, 1, false), 0);
	assert_int_equal(copy_bytes(-1, 2, false), -EINVAL);

	/* The range does not go on at 0. */
	assert_int_equal(user_map(0, 1), 0);
	copied = sim_accessed;
	assert_int_equal(copy_bytes(-1, 2, false), -EINVAL);
	assert_int_equal(sim_accessed, copied);
	user_end();
}

/* All of the bytes, or an error. */
static void test_short_access(void **state)
{
	int n;

	(void)state;
	user_begin_emulated();
	assert_int_equal(user_map(0, 4), 0);
	for (n = 0; n < 10; n++) {
		sim_inject(SIM_CALL_ACCESS, 1, n);
		assert_int_equal(copy_bytes(0, 10, false), -EFAULT);
	}
	sim_inject(SIM_CALL_ACCESS, 1, 10);
	assert_int_equal(copy_bytes(0, 10, false), 0);
	sim_inject_none();
	sim_zap(USER_VADDR, 1);
	assert_int_equal(copy_bytes(0, 1, false), -EFAULT);
	user_end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_access),
		cmocka_unit_test(test_short_access),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
