// SPDX-License-Identifier: GPL-2.0
/* Results as text, in the manner known from the kernel's lists, and as JSON. */
#include <err.h>
#include <jansson.h>
#include <sys/utsname.h>

#include "measure.h"
#include "report.h"
#include "text.h"
#include "vfio.h"

#define TIME_TEXT 32

static const char *kernel_release(void)
{
	static struct utsname name;

	uname(&name);
	return name.release;
}

void report_run(const struct run *run)
{
	char text[SIZE_TEXT];

	printf("%s driver, version %s, Linux %s, device %s, %s, repeats %u, warm-up %u, "
	       "up to %u threads for missing memory\n",
	       run->driver->name, run->driver->version, kernel_release(), run->device,
	       size_text(text, run->size), run->repeats, run->warmup,
	       run->driver->fault_threads);
	fflush(stdout);
}

/* In seconds: at least three decimals, and never less than three digits that count. */
static const char *time_text(char *text, double ns)
{
	double seconds = ns / 1e9;
	int decimals = 3;

	for (double limit = 0.1; seconds < limit && decimals < 9; limit /= 10)
		decimals++;
	snprintf(text, TIME_TEXT, "%.*f s", decimals, seconds);
	return text;
}

/* As in the published tables, a GB is 2^30 bytes. */
static double gib_per_second(double bytes, double ns)
{
	return ns ? bytes / GIB / (ns / 1e9) : 0;
}

static void print_series(const char *what, const struct series *series,
			 const struct result *result)
{
	double average = series_average(series);
	char a[TIME_TEXT], b[TIME_TEXT], c[TIME_TEXT];

	printf("VFIO %s DMA in %s (%.1f GB/s)\n", what, time_text(a, average),
	       gib_per_second(result->size, average));
	printf("    min %s, median %s, max %s\n", time_text(a, series_min(series)),
	       time_text(b, series_median(series)), time_text(c, series_max(series)));
	if (result->calls > 1)
		printf("    %llu calls, each %s\n", (unsigned long long)result->calls,
		       time_text(a, average / result->calls));
}

void report_result(const struct result *result)
{
	printf("------- AVERAGE (%s) --------\n", result->kind->title);
	print_series("MAP", &result->map, result);
	print_series("UNMAP", &result->unmap, result);
	fflush(stdout);
}

static json_t *series_json(const struct series *series, uint64_t bytes)
{
	json_t *all = json_array();

	for (unsigned int i = 0; i < series->n; i++)
		json_array_append_new(all, json_integer(series->ns[i]));
	return json_pack("{s:f, s:f, s:f, s:f, s:f, s:o}",
			 "average_ns", series_average(series),
			 "min_ns", series_min(series),
			 "median_ns", series_median(series),
			 "max_ns", series_max(series),
			 "average_gib_per_s", gib_per_second(bytes, series_average(series)),
			 "all_ns", all);
}

static json_t *result_json(const struct result *result)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:I, s:o, s:o}",
			 "kind", result->kind->name,
			 "title", result->kind->title,
			 "bytes", (json_int_t)result->size,
			 "calls", (json_int_t)result->calls,
			 "mean_run_bytes", (json_int_t)result->mean_run,
			 "map", series_json(&result->map, result->size),
			 "unmap", series_json(&result->unmap, result->size));
}

void report_json(FILE *file, const struct run *run, const struct result *results, size_t n)
{
	json_t *list = json_array(), *root;

	for (size_t i = 0; i < n; i++)
		json_array_append_new(list, result_json(&results[i]));
	root = json_pack("{s:s, s:s, s:s, s:s, s:i, s:i, s:i, s:o}",
			 "driver", run->driver->name,
			 "version", run->driver->version,
			 "kernel", kernel_release(),
			 "device", run->device,
			 "warmup", run->warmup,
			 "repeats", run->repeats,
			 "fault_threads", run->driver->fault_threads,
			 "results", list);
	if (!root || json_dumpf(root, file, JSON_INDENT(2)) || fputs("\n", file) < 0 ||
	    fclose(file))
		err(1, "the JSON file cannot be written");
	json_decref(root);
}
