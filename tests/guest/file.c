// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel tells in a file, and is told there. See file.h.
 */
#include "cm.h"
#include "file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

uint64_t file_number(const char *path, const char *format)
{
	unsigned long long number = 0;
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	assert_int_equal(fscanf(file, format, &number), 1);
	fclose(file);
	return number;
}

void file_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}
