// SPDX-License-Identifier: GPL-2.0
/*
 * Random numbers out of a seed, and the end of a run in which the engine broke a rule.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "run.h"

struct sim_run sim_run;

/** sim_run_begin() - all that is random follows from @seed from now on */
void sim_run_begin(u64 seed)
{
	sim_run = (struct sim_run){ .seed = seed, .random = seed };
}

/** sim_random() - the next number of this run (splitmix64) */
u64 sim_random(void)
{
	u64 x = sim_run.random += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/** sim_below() - a random number below @n, which is not 0 */
u64 sim_below(u64 n)
{
	return sim_random() % n;
}

/** sim_violation() - the engine broke a rule: says which, names the seed, ends the program */
void sim_violation(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "# seed %llu, step %llu: ", sim_run.seed, sim_run.step);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}
