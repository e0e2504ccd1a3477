/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel tells in a file, in sysfs or procfs.
 */
#ifndef GUEST_FILE_H
#define GUEST_FILE_H

#include <stdint.h>

/* the number that this format of scanf() finds, as %llu or %llx; without one the test fails */
uint64_t file_number(const char *path, const char *format);

#endif
