// SPDX-License-Identifier: GPL-2.0
/*
 * usage: growth MAPPINGS...
 *
 * What one small mapping costs when its container has so many: a call of each kind, a group that
 * joins late, the container's end. Prints a line for each number, in ns per mapping, which are
 * instructions in a machine that counts them.
 */
#include "../guest/cm.h"
#include "../guest/edu.h"
#include "../guest/emulated.h"
#include "../guest/vfio.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#define IOVA (4 * GIB)
#define MEMORY (2 * MIB)	/* all mappings are of pages of this much */
#define CALLS 512		/* measured of each kind */

struct cost {
	uint64_t map, unmap, join, end;
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static char *page_at(char *memory, uint64_t i)
{
	return memory + i * PAGE % MEMORY;
}

static void fill(struct vfio_container *container, char *memory, uint64_t n)
{
	for (uint64_t i = 0; i < n; i++)
		assert_map(container, IOVA + i * PAGE, page_at(memory, i), PAGE);
}

/* Far apart, so that no call profits from the one before. */
static void measure_calls(struct vfio_container *container, char *memory, uint64_t n,
			  struct cost *cost)
{
	for (uint64_t i = 0; i < CALLS; i++) {
		uint64_t which = i * 1000003 % n, start = now_ns(), middle;

		assert_unmap(container, IOVA + which * PAGE, PAGE);
		middle = now_ns();
		assert_map(container, IOVA + which * PAGE, page_at(memory, which), PAGE);
		cost->map += now_ns() - middle;
		cost->unmap += middle - start;
	}
	cost->map /= CALLS;
	cost->unmap /= CALLS;
}

/* The emulated device lets mappings be before any real group is there. */
static struct cost measure(char *memory, uint64_t n)
{
	struct vfio_container container;
	struct vfio_device emulated, real;
	struct cost cost = { 0 };
	uint64_t start;

	vfio_container_open(&container, VFIO_TYPE1v2_IOMMU);
	assert_int_equal(vfio_group_open(&emulated, &container, emulated_name(0)), 0);
	fill(&container, memory, n);

	start = now_ns();
	assert_int_equal(vfio_group_open(&real, &container, EDU_FIRST), 0);
	cost.join = (now_ns() - start) / n;
	vfio_device_close(&emulated);
	measure_calls(&container, memory, n, &cost);

	start = now_ns();
	vfio_device_close(&real);
	cost.end = (now_ns() - start) / n;
	vfio_container_close(&container);
	return cost;
}

int main(int argc, char **argv)
{
	char *memory = mmap(NULL, MEMORY, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	assert_true(memory != MAP_FAILED);
	emulated_load();
	printf("%10s %8s %8s %8s %8s\n", "mappings", "map", "unmap", "join", "end");
	for (int i = 1; i < argc; i++) {
		uint64_t n = strtoull(argv[i], NULL, 10);
		struct cost cost = measure(memory, n);

		printf("%10ju %8ju %8ju %8ju %8ju\n", (uintmax_t)n, (uintmax_t)cost.map,
		       (uintmax_t)cost.unmap, (uintmax_t)cost.join, (uintmax_t)cost.end);
		fflush(stdout);
	}
	return 0;
}
