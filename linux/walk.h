/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One look at a process's page table.
 */
#ifndef STRIDE_WALK_H
#define STRIDE_WALK_H

#include <linux/pgtable.h>

#include "../core/entries.h"

static_assert(sizeof(pte_t) == sizeof(u64));

/**
 * struct walk - what maps an address
 * @pfn:	where it leads
 * @npages:	pages from there on to the end of the leaf; 1 for an entry of a page
 * @writable:	the process may write through it
 * @memory:	present and open to the process, and not an entry that forbids pinning
 * @ptep:	the entry's place if it maps a page, else NULL
 * @pte:	what it was read as
 */
struct walk {
	unsigned long pfn;
	unsigned long npages;
	bool writable;
	bool memory;
	pte_t *ptep;
	pte_t pte;
};

/* What says only that a page was used since someone looked. */
#define STRIDE_PTE_USED	(_PAGE_ACCESSED | _PAGE_DIRTY | _PAGE_SOFT_DIRTY)

/** stride_decode_pte() - what a page's entry says */
static inline struct stride_entry stride_decode_pte(u64 value)
{
	pte_t pte = __pte(value & ~STRIDE_PTE_USED);

	return (struct stride_entry){
		.pfn = pte_pfn(pte),
		.flags = pgprot_val(pte_pgprot(pte)),
		.present = pte_present(pte),
		.writable = pte_write(pte),
	};
}

bool stride_walk(struct mm_struct *mm, unsigned long vaddr, struct walk *walk);

#endif
