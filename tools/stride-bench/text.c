// SPDX-License-Identifier: GPL-2.0
/* Sizes in words, and how far a long preparation has come. */
#include <stdio.h>
#include <unistd.h>

#include "text.h"

const char *size_text(char *text, uint64_t bytes)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	double size = bytes;
	unsigned int unit = 0;

	while (size >= 1024 && unit < 4) {
		size /= 1024;
		unit++;
	}
	snprintf(text, SIZE_TEXT, "%.4g %s", size, units[unit]);
	return text;
}

void progress(const char *what, uint64_t done, uint64_t size)
{
	char now[SIZE_TEXT], all[SIZE_TEXT];

	if (!isatty(STDERR_FILENO))
		return;
	if (done < size)
		fprintf(stderr, "\rpreparing %s: %s of %s\033[K", what, size_text(now, done),
			size_text(all, size));
	else
		fprintf(stderr, "\r\033[K");
}
