// SPDX-License-Identifier: GPL-2.0
/*
 * The limit of locked memory. See limit.h.
 */
#include "fixture.h"
#include "limit.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct rlimit limit_before;

void limit_lift(bool lift)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	assert_int_equal(syscall(SYS_capget, &header, data), 0);
	data[0].effective &= ~(1u << CAP_IPC_LOCK);
	data[0].effective |= lift << CAP_IPC_LOCK;
	assert_int_equal(syscall(SYS_capset, &header, data), 0);
}

void limit_set(uint64_t pages)
{
	struct rlimit limit = { pages * PAGE, limit_before.rlim_max };

	if (limit.rlim_max < limit.rlim_cur)
		limit.rlim_max = limit.rlim_cur;
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit), 0);
}

void limit_begin(uint64_t pages)
{
	assert_int_equal(getrlimit(RLIMIT_MEMLOCK, &limit_before), 0);
	limit_set(pages);
	limit_lift(false);
}

void limit_end(void)
{
	limit_lift(true);
	assert_int_equal(setrlimit(RLIMIT_MEMLOCK, &limit_before), 0);
}

int limit_setup(void **state)
{
	fixture_setup(state);
	limit_begin(LIMIT);
	return 0;
}

int limit_setup_emulated(void **state)
{
	fixture_setup_emulated(state);
	limit_begin(LIMIT);
	return 0;
}

int limit_teardown(void **state)
{
	limit_end();
	return fixture_teardown(state);
}
