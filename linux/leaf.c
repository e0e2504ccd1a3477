// SPDX-License-Identifier: GPL-2.0
/*
 * The leaf that maps a pinned page.
 *
 * No mmap lock is taken. The pin came first: it keeps the page's folio whole and in place, whatever
 * happens to the page table. So whatever leaf the table shows afterwards, if it lies within that
 * folio and maps the pinned page at this address, all of it is memory that the process has right
 * now and that the pin holds; and the engine checks just that. Someone who unmaps or remaps
 * meanwhile gets what GUP gives in the same race: the pages that were there at one moment during
 * the call. The tables themselves cannot go: interrupts are off, which page tables wait for before
 * they are freed, as for fast GUP. That holds for this processor's own process only, so nobody
 * else's tables are walked.
 */
#include <linux/sched.h>

#include "container.h"
#include "walk.h"

/**
 * stride_leaf() - the leaf that maps @vaddr, and the folio of the page pinned for it
 * @mapping:	whose owner's address it is
 * @vaddr:	user address
 * @pfn:	what pinning @vaddr gave; the caller holds that pin
 * @leaf:	the answer
 *
 * Return: false unless the folio is large, the address is mapped by a leaf of plain memory, and the
 * owner is the caller.
 */
bool stride_leaf(struct stride_mapping *mapping, u64 vaddr, u64 pfn, struct stride_leaf *leaf)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));
	struct walk walk;
	unsigned long flags;
	bool mapped;

	if (!folio_test_large(folio) || to_mapping(mapping)->mm != current->mm)
		return false;

	local_irq_save(flags);
	mapped = stride_walk(current->mm, vaddr, &walk);
	local_irq_restore(flags);
	if (!mapped || !walk.memory || walk.ptep)
		return false;

	leaf->pfn = walk.pfn;
	leaf->npages = walk.npages;
	leaf->writable = walk.writable;
	leaf->folio_pfn = folio_pfn(folio);
	leaf->folio_npages = folio_nr_pages(folio);
	return true;
}
