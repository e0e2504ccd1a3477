// SPDX-License-Identifier: GPL-2.0
/*
 * What the device can reach. See reach.h.
 */
#include "cm.h"
#include "judge.h"
#include "reach.h"

#include <string.h>
#include <sys/random.h>

void reach_fill(void *at, uint64_t size)
{
	assert_int_equal(getrandom(at, size, 0), size);
}

static void verdict(bool right, const char *what, uint64_t iova, const char *file, int line)
{
	if (right)
		return;
	print_error("the device %s at iova 0x%llx\n", what, (unsigned long long)iova);
	_fail(file, line);
}

/* load, wipe, store: only a device that both read and wrote this memory can bring it back */
void reach_both(struct edu *edu, uint64_t iova, void *at, uint64_t size, const char *file, int line)
{
	unsigned char pattern[EDU_MAX];

	reach_fill(pattern, size);
	memcpy(at, pattern, size);
	edu_load(edu, iova, size);
	memset(at, 0, size);
	edu_store(edu, iova, size);
	verdict(!memcmp(at, pattern, size), "does not both read and write memory", iova, file,
		line);
}

/* the device's buffer holds anything but the pattern, so a store that works shows */
static bool store_changes(struct edu *edu, uint64_t iova, void *at)
{
	unsigned char pattern[REACH];

	reach_fill(pattern, REACH);
	memcpy(at, pattern, REACH);
	edu_store(edu, iova, REACH);
	return memcmp(at, pattern, REACH);
}

static bool load_sees(struct edu *edu, uint64_t iova, void *at)
{
	unsigned char pattern[REACH], buffer[REACH];

	reach_fill(pattern, REACH);
	memcpy(at, pattern, REACH);
	edu_read(edu, iova, buffer, REACH);
	return !memcmp(buffer, pattern, REACH);
}

void reach_not_written(struct edu *edu, uint64_t iova, void *at, const char *file, int line)
{
	judge_expect_faults();
	verdict(!store_changes(edu, iova, at), "writes to memory", iova, file, line);
}

void reach_read_only(struct edu *edu, uint64_t iova, void *at, const char *file, int line)
{
	verdict(load_sees(edu, iova, at), "does not read memory", iova, file, line);
	reach_not_written(edu, iova, at, file, line);
}

void reach_none(struct edu *edu, uint64_t iova, void *at, const char *file, int line)
{
	judge_expect_faults();
	verdict(!load_sees(edu, iova, at), "reads memory", iova, file, line);
	reach_not_written(edu, iova, at, file, line);
}

void reach_sees(struct edu *edu, uint64_t iova, const void *bytes, uint64_t size, const char *file,
		int line)
{
	unsigned char buffer[EDU_MAX];

	edu_read(edu, iova, buffer, size);
	verdict(!memcmp(buffer, bytes, size), "reads other bytes", iova, file, line);
}
