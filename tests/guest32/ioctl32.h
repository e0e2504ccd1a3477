/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a 32-bit process is told by the test that started it, by numbers over its standard input and
 * output: one ioctl an order, whose argument lies in memory that both have.
 */
#ifndef GUEST32_IOCTL32_H
#define GUEST32_IOCTL32_H

#include <stdint.h>

/* the descriptors it is started with, besides the standard ones */
#define IOCTL32_CONTAINER 3
#define IOCTL32_MEMORY 4

/* where it has the memory */
#define IOCTL32_AT 0x10000000u
#define IOCTL32_SIZE 0x100000u

struct ioctl32_order {
	uint32_t request;
	uint32_t argument;
};

/* the answer: the ioctl's result or -errno; and one 0 first, when the memory is there */
typedef int32_t ioctl32_answer;

#endif
