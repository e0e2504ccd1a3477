/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What core/ needs of a host's types, in user space.
 */
#ifndef SIM_HOST_TYPES_H
#define SIM_HOST_TYPES_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>

typedef unsigned int u32;
typedef unsigned long long u64;

#define READ_ONCE(x)	(*(const volatile __typeof__(x) *)&(x))
#ifndef __always_inline
#define __always_inline	inline __attribute__((always_inline))
#endif

/* x86: 4 KiB, 2 MiB, 1 GiB */
#define STRIDE_PAGE_SHIFT	12
#define STRIDE_PMD_ORDER	9
#define STRIDE_PUD_ORDER	18

#endif
