/* SPDX-License-Identifier: GPL-2.0 */
/* The kinds of memory that can be measured. A kind is a row of the table in memory.c. */
#ifndef STRIDE_BENCH_MEMORY_H
#define STRIDE_BENCH_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#include "vfio.h"

struct kind;

struct memory {
	const struct kind *kind;
	const struct vfio *vfio;
	void *addr;		/* aligned to 1 GiB; NULL when not prepared */
	uint64_t size;
	uint64_t call;		/* bytes that one call maps or unmaps; divides the size */
	uint64_t mean_run;	/* physically contiguous bytes on average; 0: unknown */
};

struct kind {
	const char *name;	/* on the command line */
	const char *title;	/* in reports */
	void (*prepare)(struct memory *memory);
	void (*release)(struct memory *memory);
	uint32_t dma;		/* VFIO_DMA_MAP_FLAG_* */
	bool fresh;		/* prepared anew for each round: the map touches it first */
	uint64_t page;		/* what a page-table leaf of it should cover */
	bool scattered;		/* no two neighbours should be contiguous */
	uint64_t call;		/* bytes that one call maps or unmaps; 0: all of it */
	unsigned int bar;	/* for a BAR: which */
};

extern const struct kind kinds[];
extern const unsigned int nkinds;

/* Set those of @chosen, one for each of kinds[], that a list as on the command line names. */
void kinds_choose(bool chosen[], const char *list, const struct vfio *vfio);

/* Both end the program if it cannot be had. */
void memory_prepare(struct memory *memory, const struct kind *kind, const struct vfio *vfio,
		    uint64_t size);
void memory_release(struct memory *memory);

#endif
