// SPDX-License-Identifier: GPL-2.0
/*
 * The differential test: random sequences of operations on the whole user API, run on both
 * drivers, and what each answers compared line by line.
 *
 * TAP, a result for each sequence. The first one on which the drivers differ is reduced, printed,
 * and the end.
 */
#include "../guest/cm.h"
#include "../guest/emulated.h"
#include "reduce.h"
#include "text.h"
#include "world.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

struct options {
	uint64_t seed;		/* of the first sequence; the others' follow */
	unsigned int sequences, operations;
	time_t seconds;		/* go on for so long; 0: until so many sequences */
	bool verbose;
};

static void usage(void)
{
	fprintf(stderr,
		"usage: differential [OPTION]...\n"
		"	-s SEED		of the first sequence; the next has the next (random)\n"
		"	-n NUMBER	of sequences (4)\n"
		"	-c NUMBER	of operations in each (3000)\n"
		"	-t SECONDS	go on for so long, instead of -n\n"
		"	-p		print each line as it comes\n"
		"	-v		count in the end which operation had which result\n");
	exit(2);
}

static uint64_t number(const char *text)
{
	char *end;
	uint64_t n = strtoull(text, &end, 0);

	if (*end || end == text)
		usage();
	return n;
}

static struct options parse(int argc, char **argv)
{
	struct options o = { .sequences = 4, .operations = 3000 };
	uint32_t seed;
	int option;

	assert_int_equal(getrandom(&seed, sizeof(seed), 0), sizeof(seed));
	o.seed = seed;
	while ((option = getopt(argc, argv, "s:n:c:t:pv")) != -1) {
		switch (option) {
		case 's':
			o.seed = number(optarg);
			break;
		case 'n':
			o.sequences = number(optarg);
			break;
		case 'c':
			o.operations = number(optarg);
			break;
		case 't':
			o.seconds = number(optarg);
			break;
		case 'p':
			say_aloud = true;
			break;
		case 'v':
			o.verbose = true;
			break;
		default:
			usage();
		}
	}
	if (optind != argc || !o.sequences || !o.operations)
		usage();
	return o;
}

/* by the clock chip: all other time may count instructions */
static time_t now(void)
{
	FILE *file = fopen("/sys/class/rtc/rtc0/since_epoch", "r");
	long long seconds;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lld", &seconds), 1);
	fclose(file);
	return seconds;
}

static void show(struct run *run)
{
	struct difference difference;

	reduce(run);
	if (text_differ(run->in_tree, run->other, &difference))
		text_print(run->in_tree, &difference);
}

/* true if alike */
static bool judge_run(struct run *run, unsigned int which)
{
	struct difference difference;
	bool differ = text_differ(run->in_tree, run->other, &difference);

	text_count(run->in_tree);
	if (!differ) {
		printf("ok %u - seed 0x%llx: %u operations alike\n", which,
		       (unsigned long long)run->sequence.seed, run->sequence.count);
		return true;
	}
	printf("not ok %u - seed 0x%llx: in-tree and stride differ at operation %u\n", which,
	       (unsigned long long)run->sequence.seed, difference.operation);
	text_print(difference.a, &difference);
	show(run);
	return false;
}

/* up to RUNS_MAX sequences; false if the drivers differ on one */
static bool run_some(const struct options *o, unsigned int done, unsigned int count)
{
	struct run runs[RUNS_MAX] = { 0 };
	bool alike = true;

	for (unsigned int i = 0; i < count; i++)
		sequence_make(&runs[i].sequence, o->seed + done + i, o->operations);
	runs_on_both(runs, count);
	for (unsigned int i = 0; i < count && alike; i++)
		alike = judge_run(&runs[i], done + i + 1);
	runs_free(runs, count);
	return alike;
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);
	time_t end = now() + o.seconds;
	unsigned int done = 0;
	bool alike = true;

	setvbuf(stdout, NULL, _IOLBF, 0);
	printf("# seed 0x%llx\n", (unsigned long long)o.seed);
	if (!o.seconds)
		printf("1..%u\n", o.sequences);
	emulated_load();
	while (alike && (o.seconds ? now() < end : done < o.sequences)) {
		unsigned int left = o.seconds ? RUNS_MAX : o.sequences - done;
		unsigned int count = left < RUNS_MAX ? left : RUNS_MAX;

		alike = run_some(&o, done, count);
		done += count;
	}
	if (o.seconds)
		printf("1..%u\n", done);
	if (o.verbose)
		text_print_counts();
	return alike ? 0 : 1;
}
