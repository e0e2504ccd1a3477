/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The memory that operations map: areas of all kinds, of which each process has its own, but for
 * one that they share.
 */
#ifndef DIFFERENTIAL_AREAS_H
#define DIFFERENTIAL_AREAS_H

#include <stdbool.h>
#include <stdint.h>

enum area {
	AREA_SMALL,
	AREA_THP,
	AREA_HUGETLB,
	AREA_SHARED,		/* by both processes */
	AREA_SHARED_AGAIN,	/* the same memory at another address */
	AREA_FRESH,		/* not touched before it is mapped */
	AREA_FILE,		/* read-only, as is the next */
	AREA_ZERO,		/* zero pages */
	AREA_HOLES,		/* some of its pages are not there */
	AREA_BAR,		/* of a PCI device */
	AREAS,
};

const char *area_name(enum area area);
uint64_t area_size(enum area area);

/* in the first process before it forks; then in each */
void areas_share(void);
void areas_get(unsigned int process);

/* where this process has it */
char *area_at(enum area area, uint64_t offset);

/* all of it is there from now on, as if the process had written to it */
void area_touch(enum area area);

bool area_is_shared(enum area area);
bool area_has_bytes(enum area area);	/* that can be compared: all of it is memory */
bool area_is_writable(enum area area);

#endif
