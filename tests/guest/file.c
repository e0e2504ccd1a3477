// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel tells in a file. See file.h.
 */
#include "cm.h"
#include "file.h"

#include <stdio.h>

uint64_t file_number(const char *path, const char *format)
{
	unsigned long long number = 0;
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, format, &number), 1);
	fclose(file);
	return number;
}
