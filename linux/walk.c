// SPDX-License-Identifier: GPL-2.0
/*
 * One look at a process's page table, from the top to the entry that maps an address.
 *
 * Each level is read once, and the copy is passed down: what was checked is what is used.
 */
#include <linux/irqflags.h>
#include <linux/lockdep.h>
#include <linux/pgtable.h>

#include "compat/compat.h"
#include "walk.h"

static void look_at_leaf(unsigned long pfn, unsigned long npages, unsigned long vaddr,
			 struct walk *walk)
{
	unsigned long offset = (vaddr >> PAGE_SHIFT) & (npages - 1);

	walk->pfn = pfn + offset;
	walk->npages = npages - offset;
	walk->ptep = NULL;
}

static void look_at_pud(pud_t pud, unsigned long vaddr, struct walk *walk)
{
	look_at_leaf(pud_pfn(pud), PUD_SIZE >> PAGE_SHIFT, vaddr, walk);
	walk->writable = pud_write(pud);
	walk->memory = pud_access_permitted(pud, false) && !pud_devmap(pud) &&
		       !compat_pud_special(pud);
}

static void look_at_pmd(pmd_t pmd, unsigned long vaddr, struct walk *walk)
{
	look_at_leaf(pmd_pfn(pmd), PMD_SIZE >> PAGE_SHIFT, vaddr, walk);
	walk->writable = pmd_write(pmd);
	walk->memory = pmd_access_permitted(pmd, false) && !pmd_devmap(pmd) &&
		       !compat_pmd_special(pmd);
}

/*
 * Writable is what the decoded entry says: a shadow stack is told from a read-only page by its
 * dirty bit alone, which does not count there.
 */
static bool look_at_pte(pte_t *ptep, struct walk *walk)
{
	pte_t pte = READ_ONCE(*ptep);

	if (!pte_present(pte))
		return false;
	walk->pfn = pte_pfn(pte);
	walk->npages = 1;
	walk->writable = stride_decode_pte(pte_val(pte)).writable;
	walk->memory = pte_access_permitted(pte, false) && !pte_special(pte) && !pte_devmap(pte);
	walk->ptep = ptep;
	walk->pte = pte;
	return true;
}

/**
 * stride_walk() - what maps an address right now
 * @mm:		whose
 * @vaddr:	the address
 * @walk:	the answer
 *
 * The page tables must not be freed meanwhile: interrupts are off, or the mmap lock and the lock of
 * the entry's page table are held. Only with these does the answer stay true.
 *
 * Return: false if nothing does.
 */
bool stride_walk(struct mm_struct *mm, unsigned long vaddr, struct walk *walk)
{
	pgd_t pgd = READ_ONCE(*pgd_offset(mm, vaddr));
	p4d_t p4d;
	pud_t pud;
	pmd_t pmd;

	lockdep_assert(irqs_disabled() || lockdep_is_held(&mm->mmap_lock));
	if (pgd_none(pgd))
		return false;
	p4d = READ_ONCE(*p4d_offset(&pgd, vaddr));
	if (p4d_none(p4d) || !p4d_present(p4d))
		return false;
	pud = READ_ONCE(*pud_offset(&p4d, vaddr));
	if (pud_none(pud) || !pud_present(pud))
		return false;
	if (pud_leaf(pud)) {
		look_at_pud(pud, vaddr, walk);
		return true;
	}
	pmd = READ_ONCE(*pmd_offset(&pud, vaddr));
	if (pmd_none(pmd) || !pmd_present(pmd))
		return false;
	if (pmd_leaf(pmd)) {
		look_at_pmd(pmd, vaddr, walk);
		return true;
	}
	return look_at_pte(pte_offset_kernel(&pmd, vaddr), walk);
}
