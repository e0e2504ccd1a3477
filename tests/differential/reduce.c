// SPDX-License-Identifier: GPL-2.0
/*
 * Makes a differing sequence short. See reduce.h.
 *
 * Parts are left out: halves at first, then ever smaller ones, single operations in the end, and
 * those over and over until none can be left out. What comes after the first difference goes at
 * once.
 */
#include "../guest/cm.h"
#include "reduce.h"
#include "text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool run_differs(const struct run *run, struct difference *difference)
{
	return text_differ(run->in_tree, run->other, difference);
}

static void drop_tail(struct run *run)
{
	struct difference difference;

	if (run_differs(run, &difference) && !difference.at_end)
		run->sequence.count = difference.operation + 1;
}

/* a sequence without the operations [first, first + count) */
static struct run without(const struct sequence *from, unsigned int first, unsigned int count)
{
	struct run run = { .sequence.seed = from->seed };
	struct operation *operations = malloc((from->count + 1) * sizeof(*operations));

	assert_non_null(operations);
	if (count > from->count - first)
		count = from->count - first;
	run.sequence.operations = operations;
	run.sequence.count = from->count - count;
	memcpy(operations, from->operations, first * sizeof(*operations));
	memcpy(operations + first, from->operations + first + count,
	       (run.sequence.count - first) * sizeof(*operations));
	return run;
}

/* the first of the tries that still differs takes the run's place: its number, or the count */
static unsigned int adopt(struct run *run, struct run *tries, unsigned int count)
{
	struct difference difference;
	unsigned int i = 0;

	while (i < count && !run_differs(&tries[i], &difference))
		i++;
	if (i < count) {
		struct run shorter = tries[i];

		tries[i] = *run;
		*run = shorter;
		drop_tail(run);
	}
	return i;
}

/* leaves out each part of the given length in turn; true if any could go */
static bool leave_out(struct run *run, unsigned int length)
{
	unsigned int at = 0;
	bool any = false;

	while (at < run->sequence.count) {
		struct run tries[RUNS_MAX];
		unsigned int n = 0, which;

		while (n < RUNS_MAX && at + n * length < run->sequence.count) {
			tries[n] = without(&run->sequence, at + n * length, length);
			n++;
		}
		runs_on_both(tries, n);
		which = adopt(run, tries, n);
		any |= which < n;
		at += which * length;
		runs_free(tries, n);
	}
	return any;
}

void reduce(struct run *run)
{
	unsigned int length;
	bool any = true;

	drop_tail(run);
	length = run->sequence.count;
	while (length > 1 || any) {
		length = length > 1 ? (length + 1) / 2 : 1;
		any = leave_out(run, length);
		printf("# parts of %u: %u operations\n", length, run->sequence.count);
	}
}
