/* SPDX-License-Identifier: GPL-2.0 */
/* What /proc tells about memory. */
#ifndef STRIDE_BENCH_PROCFS_H
#define STRIDE_BENCH_PROCFS_H

#include <stdint.h>

/* Bytes that can be had without swapping. */
uint64_t meminfo_available(void);

/*
 * How many bytes are physically contiguous on average. 0 when that is not known: for other users than
 * root, and where no page is there yet.
 */
uint64_t pagemap_mean_run(const void *addr, uint64_t size);

#endif
