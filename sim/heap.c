// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for the engine, counted.
 */
#include <malloc.h>
#include <stdlib.h>
#include "heap.h"
#include "inject.h"

struct sim_heap sim_heap;

/** sim_alloc() - the host's alloc */
void *sim_alloc(size_t bytes)
{
	void *memory;
	int none;

	if (sim_hit(SIM_CALL_ALLOC, &none))
		return NULL;
	memory = malloc(bytes);
	sim_heap.allocs++;
	sim_heap.bytes += malloc_usable_size(memory);
	if (bytes > sim_heap.max_alloc)
		sim_heap.max_alloc = bytes;
	return memory;
}

/** sim_free() - the host's free */
void sim_free(void *memory)
{
	if (!memory)
		return;
	sim_heap.allocs--;
	sim_heap.bytes -= malloc_usable_size(memory);
	free(memory);
}
