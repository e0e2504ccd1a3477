// SPDX-License-Identifier: GPL-2.0
/*
 * Raw pfn mappings: a device's BAR in the process. There is nothing to pin; the pfns come out of
 * the page table, a leaf or a table of pages at a time, and only from there: a VMA's offset proves
 * nothing.
 */
#include <linux/mm.h>
#include <linux/sched/mm.h>

#include "compat/compat.h"
#include "container.h"
#include "walk.h"

/* The runs at @vaddr, whose entry is locked. */
static int entry_extents(struct mm_struct *mm, u64 vaddr, u64 npages, bool write,
			 struct stride_extent *out)
{
	u64 page = vaddr >> PAGE_SHIFT;
	struct walk walk;

	if (!stride_walk(mm, vaddr, &walk) || (write && !walk.writable))
		return -EFAULT;
	if (walk.ptep)
		return stride_entries_fold((const u64 *)walk.ptep,
					   min(npages, PTRS_PER_PTE - page % PTRS_PER_PTE),
					   STRIDE_PTE_USED, write, stride_decode_pte, out);

	*out = (struct stride_extent){
		.pfn = walk.pfn,
		.npages = min(npages, walk.npages),
		.kind = STRIDE_NOPIN,
	};
	return 1;
}

/* Lock the entry of @vaddr, faulted in if need be. -EAGAIN: the mmap lock was dropped meanwhile. */
static int follow_entry(struct compat_follow *entry, struct vm_area_struct *vma, u64 vaddr,
			bool write)
{
	unsigned int flags = FAULT_FLAG_REMOTE | (write ? FAULT_FLAG_WRITE : 0);
	bool unlocked = false;
	int err;

	mmap_assert_locked(vma->vm_mm);
	if (!compat_follow_start(entry, vma, vaddr))
		return 0;
	err = fixup_user_fault(vma->vm_mm, vaddr, flags, &unlocked);
	if (unlocked)
		return -EAGAIN;
	return err ?: compat_follow_start(entry, vma, vaddr);
}

/* Under the mmap lock, held for reading. */
static int pfnmap_locked(struct mm_struct *mm, u64 vaddr, u64 npages, bool write,
			 struct stride_extent *out)
{
	struct compat_follow entry;
	struct vm_area_struct *vma;
	int n;

	do {
		vma = vma_lookup(mm, vaddr);
		if (!vma || !(vma->vm_flags & VM_PFNMAP))
			return 0;
		n = follow_entry(&entry, vma, vaddr, write);
	} while (n == -EAGAIN);
	if (n)
		return n;
	n = entry_extents(mm, vaddr, min(npages, (vma->vm_end - vaddr) >> PAGE_SHIFT), write, out);
	compat_follow_end(&entry);
	return n;
}

/**
 * stride_pfnmap() - pfns of a raw mapping in the memory of a mapping's owner
 * @mapping:	whose owner it is; for writing if the mapping is
 * @vaddr:	where, bytes
 * @npages:	at most so many
 * @out:	room for STRIDE_BATCH extents
 *
 * Return: how many extents, for the leaf or the table of pages that maps @vaddr; 0 if no raw
 * mapping is there; -EFAULT if it must be written and cannot; -ENODEV if the owner is gone; or what
 * the fault said.
 */
int stride_pfnmap(struct stride_mapping *mapping, u64 vaddr, u64 npages, struct stride_extent *out)
{
	struct mm_struct *mm = to_mapping(mapping)->mm;
	int n;

	if (!mmget_not_zero(mm))
		return -ENODEV;
	mmap_read_lock(mm);
	n = pfnmap_locked(mm, compat_untagged_addr(mm, vaddr), npages, mapping->prot & STRIDE_WRITE,
			  out);
	mmap_read_unlock(mm);
	mmput(mm);
	return n;
}
