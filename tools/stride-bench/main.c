// SPDX-License-Identifier: GPL-2.0
/*
 * stride-bench: how long the type1 driver of this machine takes to map memory for a device, and
 * to unmap it, for each kind of memory. This file: the command line, and the run from start to
 * end.
 *
 * Nothing here can be carried on with after an error, so whoever meets one says so in one line
 * and exits.
 */
#include <argp.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"
#include "memory.h"
#include "pool.h"
#include "report.h"
#include "text.h"
#include "vfio.h"

struct options {
	const char *device;
	unsigned long gib;
	const char *kinds;
	unsigned int warmup;
	unsigned int repeats;
	const char *json;
};

static const struct argp_option argp_options[] = {
	{ "kinds", 'k', "LIST", 0, "kinds of memory (default thp,populate,hugetlb)", 0 },
	{ "repeats", 'r', "N", 0, "measured rounds of each kind (default 5)", 0 },
	{ "warmup", 'w', "N", 0, "rounds before these that do not count (default 1)", 0 },
	{ "json", 'j', "FILE", 0, "write the results to FILE as well", 0 },
	{ 0 }
};

static unsigned long number(const char *text, unsigned long min, unsigned long max,
			    const char *what, struct argp_state *state)
{
	char *end;
	unsigned long value;

	errno = 0;
	value = strtoul(text, &end, 10);
	if (errno || end == text || *end || *text == '-' || value < min || value > max)
		argp_error(state, "%s: %s must be a number from %lu to %lu", text, what, min, max);
	return value;
}

static error_t parse_positional(char *arg, struct argp_state *state, struct options *options)
{
	if (state->arg_num == 0)
		options->device = arg;
	else if (state->arg_num == 1)
		options->gib = number(arg, 1, 1 << 20, "GIB", state);
	else
		argp_error(state, "%s: one argument too many", arg);
	return 0;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
	struct options *options = state->input;

	switch (key) {
	case 'k':
		options->kinds = arg;
		return 0;
	case 'r':
		options->repeats = number(arg, 1, 1000000, "repeats", state);
		return 0;
	case 'w':
		options->warmup = number(arg, 0, 1000000, "warmup", state);
		return 0;
	case 'j':
		options->json = arg;
		return 0;
	case ARGP_KEY_ARG:
		return parse_positional(arg, state, options);
	case ARGP_KEY_END:
		if (!options->gib)
			argp_error(state, "a device and a number of GiB are needed, as in "
					  "'stride-bench 0000:03:00.0 16'");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The list of kinds comes from their table. */
static char *help_filter(int key, const char *text, void *input)
{
	char *help = NULL;
	size_t length;
	FILE *stream;

	(void)input;
	if (key != ARGP_KEY_HELP_POST_DOC)
		return (char *)text;
	stream = open_memstream(&help, &length);
	if (!stream)
		return (char *)text;
	fprintf(stream, "Kinds of memory:\n");
	for (unsigned int i = 0; i < nkinds; i++)
		fprintf(stream, "  %-15s %s\n", kinds[i].name, kinds[i].title);
	fprintf(stream, "  %-15s %s\n", "bars", "every BAR of the device that can be mapped");
	fprintf(stream, "  %-15s %s\n", "all", "all of these");
	fclose(stream);
	return help;
}

static const struct argp argp = {
	.options = argp_options,
	.parser = parse,
	.args_doc = "DEVICE GIB",
	.doc = "Measure how long VFIO takes to map GIB of memory for the PCI device DEVICE and to "
	       "unmap it. In the text that it prints, a GB is 2^30 bytes.",
	.help_filter = help_filter,
};

static FILE *open_json(const char *path)
{
	FILE *file = path ? fopen(path, "we") : NULL;

	if (path && !file)
		err(1, "%s", path);
	return file;
}

static void run_all(const struct options *options, const struct vfio *vfio, const struct run *run,
		    FILE *json)
{
	struct result *results = calloc(nkinds, sizeof(results[0]));
	bool chosen[nkinds];
	size_t n = 0;

	if (!results)
		err(1, "results");
	kinds_choose(chosen, options->kinds, vfio);
	report_run(run);
	for (unsigned int i = 0; i < nkinds; i++) {
		if (!chosen[i])
			continue;
		measure(&results[n], &kinds[i], vfio, run->size, run->warmup, run->repeats);
		report_result(&results[n++]);
	}
	if (json)
		report_json(json, run, results, n);
	while (n)
		result_free(&results[--n]);
	free(results);
}

int main(int argc, char **argv)
{
	struct options options = { .kinds = "thp,populate,hugetlb", .warmup = 1, .repeats = 5 };
	struct vfio_driver driver;
	struct vfio vfio;
	FILE *json;

	argp_err_exit_status = 1;
	argp_parse(&argp, argc, argv, 0, NULL, &options);
	json = open_json(options.json);
	pool_guard();
	vfio_open(&vfio, options.device);
	vfio_driver(&driver);
	run_all(&options, &vfio,
		&(struct run){
			.device = options.device,
			.driver = &driver,
			.size = options.gib * GIB,
			.warmup = options.warmup,
			.repeats = options.repeats,
		},
		json);
	return 0;
}
