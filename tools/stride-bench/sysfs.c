// SPDX-License-Identifier: GPL-2.0
/* Small files under /sys. */
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

#define format_path(path, format)                               \
	do {                                                    \
		va_list args;                                   \
		va_start(args, format);                         \
		vsnprintf(path, sizeof(path), format, args);    \
		va_end(args);                                   \
	} while (0)

bool sysfs_exists(const char *format, ...)
{
	char path[PATH_MAX];

	format_path(path, format);
	return !access(path, F_OK);
}

int sysfs_link_number(const char *format, ...)
{
	char path[PATH_MAX], target[PATH_MAX];
	ssize_t length;

	format_path(path, format);
	length = readlink(path, target, sizeof(target) - 1);
	if (length < 0)
		return -1;
	target[length] = '\0';
	return atoi(basename(target));
}

static bool read_line(char *line, size_t size, const char *path)
{
	FILE *file = fopen(path, "re");
	bool ok;

	if (!file)
		return false;
	ok = fgets(line, size, file);
	fclose(file);
	if (ok)
		line[strcspn(line, "\n")] = '\0';
	return ok;
}

bool sysfs_read(char *line, size_t size, const char *format, ...)
{
	char path[PATH_MAX];

	format_path(path, format);
	return read_line(line, size, path);
}

long sysfs_number(const char *format, ...)
{
	char path[PATH_MAX], line[32];

	format_path(path, format);
	return read_line(line, sizeof(line), path) ? atol(line) : -1;
}

bool sysfs_write(long number, const char *format, ...)
{
	char path[PATH_MAX];
	FILE *file;
	bool ok;

	format_path(path, format);
	file = fopen(path, "we");
	if (!file)
		return false;
	ok = fprintf(file, "%ld", number) > 0;
	return !fclose(file) && ok;
}
