/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sequences run on both drivers, each in a process of its own.
 */
#ifndef DIFFERENTIAL_RUNS_H
#define DIFFERENTIAL_RUNS_H

#include "sequence.h"

#define RUNS_MAX 8	/* at a time: loading a driver takes longer than a short sequence */

struct run {
	struct sequence sequence;
	char *in_tree, *other;	/* the texts */
};

void runs_on_both(struct run *runs, unsigned int count);
void runs_free(struct run *runs, unsigned int count);

#endif
