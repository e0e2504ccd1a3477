/* SPDX-License-Identifier: GPL-2.0 */
/* The measurement of one kind of memory. */
#ifndef STRIDE_BENCH_MEASURE_H
#define STRIDE_BENCH_MEASURE_H

#include <stdint.h>

#include "memory.h"

struct series {
	uint64_t *ns;	/* one a repeat, in order of size */
	unsigned int n;
};

struct result {
	const struct kind *kind;
	uint64_t size;
	uint64_t calls;
	uint64_t mean_run;
	struct series map;
	struct series unmap;
};

void measure(struct result *result, const struct kind *kind, const struct vfio *vfio, uint64_t size,
	     unsigned int warmup, unsigned int repeats);
void result_free(struct result *result);

double series_average(const struct series *series);
double series_median(const struct series *series);
double series_min(const struct series *series);
double series_max(const struct series *series);

#endif
