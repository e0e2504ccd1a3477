// SPDX-License-Identifier: GPL-2.0
/* Free memory, and how much of it this user may pin. */
#define _GNU_SOURCE
#include <err.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "limits.h"
#include "text.h"

/* Bytes that can be had without swapping. */
static uint64_t available(void)
{
	unsigned long long kib = 0;
	FILE *file = fopen("/proc/meminfo", "re");
	char line[128];

	if (!file)
		err(1, "/proc/meminfo: 'mount -t proc none /proc'");
	while (!kib && fgets(line, sizeof(line), file))
		sscanf(line, "MemAvailable: %llu kB", &kib);
	fclose(file);
	return kib * KIB;
}

void limits_check_memory(uint64_t size)
{
	uint64_t have = available();
	char wanted[SIZE_TEXT], there[SIZE_TEXT];

	if (have < size)
		errx(1, "%s of memory wanted, %s available: ask for less, or end what "
		     "'top -o %%MEM' shows", size_text(wanted, size), size_text(there, have));
}

static bool limit_is_ignored(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = { 0 };

	syscall(SYS_capget, &header, data);
	return data[CAP_TO_INDEX(CAP_IPC_LOCK)].effective & CAP_TO_MASK(CAP_IPC_LOCK);
}

void limits_check_lock(uint64_t size)
{
	char wanted[SIZE_TEXT], allowed[SIZE_TEXT];
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit))
		err(1, "locked-memory limit");
	if (limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_MEMLOCK, &limit);
	}
	if (limit.rlim_cur < size && !limit_is_ignored())
		errx(1, "%s are to be pinned, but the locked-memory limit is %s: "
		     "'sudo prlimit --pid $$ --memlock=unlimited'",
		     size_text(wanted, size), size_text(allowed, limit.rlim_cur));
}
