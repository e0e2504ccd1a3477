/* SPDX-License-Identifier: GPL-2.0 */
/* Where memory physically lies. */
#ifndef STRIDE_BENCH_PAGEMAP_H
#define STRIDE_BENCH_PAGEMAP_H

#include <stdint.h>

/*
 * How many bytes are physically contiguous on average. 0 when that is not known: for other users
 * than root, and where no page is there yet.
 */
uint64_t pagemap_mean_run(const void *addr, uint64_t size);

#endif
