// SPDX-License-Identifier: GPL-2.0
/*
 * What the page table maps from a pinned page on: the rest of a leaf, or a run of pages.
 *
 * No mmap lock is taken. The pin came first: it keeps the page's folio whole and in place, whatever
 * happens to the page table. So whatever the table shows afterwards, if it lies within that folio
 * and maps the pinned page at this address, all of it is memory that the process has right now and
 * that the pin holds; and the engine checks just that. Someone who unmaps or remaps meanwhile gets
 * what GUP gives in the same race: the pages that were there at one moment during the call. The
 * tables themselves cannot go: interrupts are off, which page tables wait for before they are
 * freed, as for fast GUP. That holds for this processor's own process only, so nobody else's
 * tables are walked.
 *
 * A folio that is mapped by pages may be mapped in part, out of order, or with holes in which other
 * pages are, and its pages one by one may be the process's own or shared since a fork. So each
 * entry is looked at, and a run ends before the first one that does not follow the one before it
 * or says something else. What is left of the folio the table no longer maps: it stays in memory
 * as it would if any other page of the folio were pinned, and no device gets at it.
 *
 * Why the pin of one page is as good as a pin of each: fast GUP pins a page by adding to the counts
 * of its folio and then looking whether the entry is still the same. Our one pin has added to those
 * same counts before any of these entries was read. Who would take one of the pages away looks at
 * them after changing its entry: fork (which then copies the page for the child; it counts as
 * begun before the pin if GUP did not notice it, and then GUP waits for it), KSM, migration, swap,
 * collapse into a huge page, and the deferred split of folios that are mapped in part. So either
 * we see the changed entry, or they see the pin.
 *
 * And what must be known of each page: that no copy on write is to come, which would leave the
 * device with the old page. A writable entry says so: of an anonymous page, that this very page is
 * the process's own (PageAnonExclusive), and one of a file or of shared memory is not copied. What
 * is write-protected, by fork, mprotect, userfaultfd or for soft-dirty, says nothing, and so the
 * flag itself is asked, after the pin, as fast GUP does: a folio mapped by a leaf has one, at its
 * first page, and one mapped by pages has one each. That does for a device that only reads. Pages
 * of a file or of shared memory that cannot be written go page by page: whether their mapping is
 * a private one, which would copy them, only the VMA says, and it needs the mmap lock.
 */
#include <linux/sched.h>

#include "container.h"
#include "walk.h"

/* Pages of @folio from @pfn on that follow one another in a table of pages. */
static u64 run_length(struct folio *folio, u64 pfn, const struct walk *walk, u64 vaddr, u64 npages)
{
	u64 in_table = PTRS_PER_PTE - (vaddr >> PAGE_SHIFT) % PTRS_PER_PTE;
	u64 in_folio = folio_pfn(folio) + folio_nr_pages(folio) - pfn;

	return stride_entries_run((const u64 *)walk->ptep, min3(npages, in_table, in_folio),
				  pte_val(walk->pte), STRIDE_PTE_USED, stride_decode_pte);
}

/* How many of @leaf's pages are the process's own: all or none of a leaf above a page. */
static u64 exclusive_length(struct folio *folio, const struct walk *walk,
			    const struct stride_leaf *leaf)
{
	struct page *page = pfn_to_page(leaf->pfn);
	u64 i;

	if (!folio_test_anon(folio))
		return 0;
	smp_rmb();	/* who clears the flag changes the entry first */
	if (!walk->ptep)
		return PageAnonExclusive(&folio->page) ? leaf->npages : 0;
	for (i = 0; i < leaf->npages && PageAnonExclusive(page + i); i++)
		;
	return i;
}

/**
 * stride_leaf() - what maps @vaddr, and the folio of the page pinned for it
 * @mapping:	whose owner's address it is
 * @vaddr:	user address
 * @npages:	of what is mapped by pages, look no farther
 * @pfn:	what pinning @vaddr gave; the caller holds that pin
 * @leaf:	the answer
 *
 * Return: false unless the folio is large, the address is mapped to plain memory, and the owner is
 * the caller.
 */
bool stride_leaf(struct stride_mapping *mapping, u64 vaddr, u64 npages, u64 pfn,
		 struct stride_leaf *leaf)
{
	struct folio *folio = page_folio(pfn_to_page(pfn));
	struct walk walk;
	bool mapped;

	if (!folio_test_large(folio) || to_mapping(mapping)->mm != current->mm)
		return false;

	local_irq_disable();
	mapped = stride_walk(current->mm, vaddr, &walk) && walk.memory;
	if (mapped && walk.ptep)
		walk.npages = run_length(folio, pfn, &walk, vaddr, npages);
	local_irq_enable();
	if (!mapped)
		return false;

	*leaf = (struct stride_leaf){
		.pfn = walk.pfn,
		.npages = walk.npages,
		.writable = walk.writable,
		.folio_order = folio_order(folio),
	};
	if (!leaf->writable && leaf->pfn == pfn) {
		npages = exclusive_length(folio, &walk, leaf);
		leaf->exclusive = npages;
		leaf->npages = npages ?: 1;
	}
	return true;
}
