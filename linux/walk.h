/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One look at a process's page table.
 */
#ifndef STRIDE_WALK_H
#define STRIDE_WALK_H

#include <linux/mm_types.h>

/**
 * struct walk - the entry that maps an address
 * @pfn:	first pfn that the entry maps
 * @npages:	how many
 * @writable:	the process may write through it
 * @memory:	present and open to the process, and not an entry that forbids pinning
 * @ptep:	the entry's place if it maps a page, else NULL
 */
struct walk {
	unsigned long pfn;
	unsigned long npages;
	bool writable;
	bool memory;
	pte_t *ptep;
};

bool stride_walk(struct mm_struct *mm, unsigned long vaddr, struct walk *walk);

#endif
