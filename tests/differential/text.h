/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The texts of two runs compared, and counted.
 *
 * A line that begins with a number is that operation's, and those that follow until the next are
 * its as well.
 */
#ifndef DIFFERENTIAL_TEXT_H
#define DIFFERENTIAL_TEXT_H

#include <stdbool.h>

/* the first lines that differ, and the operation they belong to; false if the texts are alike */
struct difference {
	const char *a, *b;
	unsigned int operation;
	bool at_end;	/* it belongs to none: the operations were all alike */
};

bool text_differ(const char *a, const char *b, struct difference *difference);

/* a and b up to where they differ: what is alike once, then the line of each */
void text_print(const char *a, const struct difference *difference);

/* how often which operation had which result */
void text_count(const char *text);
void text_print_counts(void);

#endif
