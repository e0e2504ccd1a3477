/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A run: the seed from which all follows, its random numbers, and its end if a rule is broken.
 */
#ifndef SIM_RUN_H
#define SIM_RUN_H

#include <host_types.h>

/**
 * struct sim_run - the run
 * @seed:	what it was made from
 * @step:	the user's operation, for messages
 * @random:	where its random numbers have come to
 */
struct sim_run {
	u64 seed;
	u64 step;
	u64 random;
};

extern struct sim_run sim_run;

void sim_run_begin(u64 seed);
u64 sim_random(void);
u64 sim_below(u64 n);
void sim_violation(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

#endif
