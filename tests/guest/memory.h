/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Memory of each kind that a client maps.
 *
 * A kind is what it says: memory_get() asserts that the kernel really gave huge pages where the
 * kind means huge pages. What was got lives until memory_put_all(), which the fixture calls.
 */
#ifndef GUEST_MEMORY_H
#define GUEST_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define THP_SIZE (2ull << 20)

enum memory_kind {
	MEMORY_SMALL,		/* anonymous, single pages */
	MEMORY_SMALL_FRESH,	/* the same, never touched */
	MEMORY_THP,		/* anonymous, transparent huge pages */
	MEMORY_THP_FRESH,	/* the same, never touched */
	MEMORY_HUGETLB_2M,
	MEMORY_HUGETLB_1G,
	MEMORY_SHMEM,		/* shared anonymous */
	MEMORY_SHMEM_THP,	/* the same in huge pages */
	MEMORY_MEMFD,
	MEMORY_FILE,		/* shared mapping of a file in /tmp */
	MEMORY_ZERO,		/* zero pages: read-only, read, never written */
	MEMORY_ZERO_THP,	/* the huge zero page */
};

struct memory {
	char *at;		/* aligned to its kind's largest page */
	uint64_t size;
	enum memory_kind kind;
	void *reserved;		/* the address range around it, without access */
	uint64_t reserved_size;
	unsigned int pool;	/* hugetlb pages that the pool held before */
};

/* size: a multiple of the kind's page size */
struct memory *memory_get(enum memory_kind kind, uint64_t size);
void memory_put_all(void);

/* from now on the process maps its huge pages by single ones; the huge pages stay as they are */
void memory_split(const struct memory *memory);

/* if not, as in real-time kernels, what is to be transparent huge pages consists of single pages */
bool memory_has_thp(void);

#endif
