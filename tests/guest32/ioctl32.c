// SPDX-License-Identifier: GPL-2.0
/*
 * A 32-bit process that makes the ioctls it is told to: see ioctl32.h. It has no libc, which a
 * 64-bit system would have to be given for this alone.
 */
#include "ioctl32.h"

#define SYS_EXIT 1
#define SYS_READ 3
#define SYS_WRITE 4
#define SYS_IOCTL 54
#define SYS_OLD_MMAP 90

#define PROT_READ_WRITE 3
#define MAP_SHARED_FIXED 0x11

static int32_t system_call(uint32_t number, uint32_t a, uint32_t b, uint32_t c)
{
	int32_t ret;

	asm volatile("int $0x80" : "=a"(ret) : "a"(number), "b"(a), "c"(b), "d"(c) : "memory");
	return ret;
}

static int32_t map_memory(void)
{
	const uint32_t arguments[] = {
		IOCTL32_AT, IOCTL32_SIZE, PROT_READ_WRITE, MAP_SHARED_FIXED, IOCTL32_MEMORY, 0,
	};

	return system_call(SYS_OLD_MMAP, (uintptr_t)arguments, 0, 0);
}

static void answer(ioctl32_answer result)
{
	system_call(SYS_WRITE, 1, (uintptr_t)&result, sizeof(result));
}

void _start(void)
{
	struct ioctl32_order order;

	if (map_memory() != IOCTL32_AT)
		system_call(SYS_EXIT, 1, 0, 0);
	answer(0);
	while (system_call(SYS_READ, 0, (uintptr_t)&order, sizeof(order)) == sizeof(order))
		answer(system_call(SYS_IOCTL, IOCTL32_CONTAINER, order.request, order.argument));
	system_call(SYS_EXIT, 0, 0, 0);
}
