// SPDX-License-Identifier: GPL-2.0
/*
 * Texts compared and counted. See text.h.
 */
#include "../guest/cm.h"
#include "text.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COUNTS_MAX 512

static struct count {
	char what[64];
	unsigned int times;
} counts[COUNTS_MAX];

static const char *next_line(const char *at)
{
	const char *end = strchr(at, '\n');

	return end ? end + 1 : at + strlen(at);
}

bool text_differ(const char *a, const char *b, struct difference *difference)
{
	*difference = (struct difference){ 0 };
	while (*a || *b) {
		const char *next_a = next_line(a), *next_b = next_line(b);

		if (isdigit(*a))
			difference->operation = strtoul(a, NULL, 10);
		else if (!strncmp(a, "end", 3))
			difference->at_end = true;
		if (next_a - a != next_b - b || memcmp(a, b, next_a - a)) {
			difference->a = a;
			difference->b = b;
			return true;
		}
		a = next_a;
		b = next_b;
	}
	return false;
}

static void print_line(const char *prefix, const char *line)
{
	printf("# %s%.*s\n", prefix, (int)strcspn(line, "\n"), line);
}

void text_print(const char *a, const struct difference *difference)
{
	for (; a < difference->a; a = next_line(a))
		print_line("         ", a);
	print_line("in-tree: ", difference->a);
	print_line("stride:  ", difference->b);
}

static void count(const char *what)
{
	struct count *at = counts;

	while (at->times && strcmp(at->what, what))
		assert_ptr_not_equal(++at, counts + COUNTS_MAX);
	strcpy(at->what, what);
	at->times++;
}

void text_count(const char *text)
{
	for (; *text; text = next_line(text)) {
		char type[24], result[24], what[64];
		const char *arrow = strstr(text, "-> ");

		if (!arrow || arrow > next_line(text))
			continue;
		if (sscanf(text, "%*u %*c %23s", type) != 1 ||
		    sscanf(arrow, "-> %23[^ ,\n]", result) != 1)
			continue;
		snprintf(what, sizeof(what), "%-16s %s", type, result);
		count(what);
	}
}

static int in_order(const void *a, const void *b)
{
	return strcmp(((const struct count *)a)->what, ((const struct count *)b)->what);
}

void text_print_counts(void)
{
	struct count *at = counts;

	while (at < counts + COUNTS_MAX && at->times)
		at++;
	qsort(counts, at - counts, sizeof(*counts), in_order);
	for (struct count *c = counts; c < at; c++)
		fprintf(stderr, "# %6u %s\n", c->times, c->what);
}
