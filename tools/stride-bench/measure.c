// SPDX-License-Identifier: GPL-2.0
/* Map and unmap one kind of memory again and again, whole, in one call or many. */
#include <err.h>
#include <stdlib.h>

#include "measure.h"

static void series_init(struct series *series, unsigned int n)
{
	series->n = n;
	series->ns = calloc(n, sizeof(series->ns[0]));
	if (!series->ns)
		err(1, "%u repeats", n);
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static void series_sort(struct series *series)
{
	qsort(series->ns, series->n, sizeof(series->ns[0]), by_size);
}

void measure(struct result *result, const struct kind *kind, const struct vfio *vfio, uint64_t size,
	     unsigned int warmup, unsigned int repeats)
{
	struct memory memory = { 0 };

	result->kind = kind;
	series_init(&result->map, repeats);
	series_init(&result->unmap, repeats);
	if (kind->fresh)
		warmup = 0;	/* each round's memory is new: nothing would be warm */

	for (unsigned int round = 0; round < warmup + repeats; round++) {
		uint64_t iova, map_ns, unmap_ns;

		if (!memory.addr)
			memory_prepare(&memory, kind, vfio, size);
		iova = vfio_iova(vfio, memory.size);
		map_ns = vfio_map(vfio, iova, memory.addr, memory.size, memory.call, kind->dma);
		unmap_ns = vfio_unmap(vfio, iova, memory.size, memory.call);
		if (round >= warmup) {
			result->map.ns[round - warmup] = map_ns;
			result->unmap.ns[round - warmup] = unmap_ns;
		}
		result->size = memory.size;
		result->calls = memory.size / memory.call;
		result->mean_run = memory.mean_run;
		if (kind->fresh)
			memory_release(&memory);
	}
	if (memory.addr)
		memory_release(&memory);
	series_sort(&result->map);
	series_sort(&result->unmap);
}

void result_free(struct result *result)
{
	free(result->map.ns);
	free(result->unmap.ns);
}

double series_average(const struct series *series)
{
	double sum = 0;

	for (unsigned int i = 0; i < series->n; i++)
		sum += series->ns[i];
	return sum / series->n;
}

double series_median(const struct series *series)
{
	return (series->ns[(series->n - 1) / 2] + series->ns[series->n / 2]) / 2.0;
}

double series_min(const struct series *series)
{
	return series->ns[0];
}

double series_max(const struct series *series)
{
	return series->ns[series->n - 1];
}
