/* SPDX-License-Identifier: GPL-2.0 */
/* Small files under /sys; each path is given in the manner of printf. */
#ifndef STRIDE_BENCH_SYSFS_H
#define STRIDE_BENCH_SYSFS_H

#include <stdbool.h>
#include <stddef.h>

__attribute__((format(printf, 1, 2))) bool sysfs_exists(const char *path, ...);

/* The number that the target of a link ends with, as of an IOMMU group. */
__attribute__((format(printf, 1, 2))) int sysfs_link_number(const char *path, ...);

/* The first line, without its end. False if there is no such file. */
__attribute__((format(printf, 3, 4)))
bool sysfs_read(char *line, size_t size, const char *path, ...);

/* A number, or -1. */
__attribute__((format(printf, 1, 2))) long sysfs_number(const char *path, ...);
__attribute__((format(printf, 2, 3))) bool sysfs_write(long number, const char *path, ...);

#endif
