/* SPDX-License-Identifier: GPL-2.0 */
/* The machine's pools of hugetlb pages, raised while this program needs them. */
#ifndef STRIDE_BENCH_POOL_H
#define STRIDE_BENCH_POOL_H

#include <stdint.h>

/*
 * Call once, before any other thread exists: from here on, however this program ends short of
 * SIGKILL, the pools are put back.
 */
void pool_guard(void);

/* See that @size bytes of free pages of @page bytes exist, or end the program. */
void pool_raise(uint64_t page, uint64_t size);

/* Put back what was raised. */
void pool_restore(void);

#endif
