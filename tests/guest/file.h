/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the kernel tells in a file, in sysfs or procfs, or is told there.
 */
#ifndef GUEST_FILE_H
#define GUEST_FILE_H

#include <stdint.h>

/* the number that this format of scanf() finds, as %llu or %llx; without one the test fails */
uint64_t file_number(const char *path, const char *format);

/* if the kernel does not take it the test fails */
void file_write(const char *path, const char *text);

#endif
