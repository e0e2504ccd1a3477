/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory that the engine asks for: records, bitmaps.
 */
#ifndef SIM_HEAP_H
#define SIM_HEAP_H

#include <host_types.h>

/**
 * struct sim_heap - what the engine holds
 * @allocs:	pieces
 * @bytes:	of all of them
 * @max_alloc:	the largest piece it ever asked for
 */
struct sim_heap {
	u64 allocs;
	u64 bytes;
	u64 max_alloc;
};

extern struct sim_heap sim_heap;

void *sim_alloc(size_t bytes);
void sim_free(void *memory);

#endif
