/* SPDX-License-Identifier: GPL-2.0 */
/* What people and programs get to read. */
#ifndef STRIDE_BENCH_REPORT_H
#define STRIDE_BENCH_REPORT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct result;
struct vfio_driver;

struct run {
	const char *device;
	const struct vfio_driver *driver;
	uint64_t size;
	unsigned int warmup;
	unsigned int repeats;
};

void report_run(const struct run *run);
void report_result(const struct result *result);
void report_json(FILE *file, const struct run *run, const struct result *results, size_t n);

#endif
