// SPDX-License-Identifier: GPL-2.0
/*
 * Pins: taken with GUP, page by page; dropped as they were taken, a pin a page or a pin a leaf.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sched.h>
#include <linux/sched/mm.h>

#include "compat/compat.h"
#include "container.h"

/* How many of these pages follow each other in memory. A reserved page stands alone. */
static u32 run_length(struct page **pages, u32 n)
{
	u32 i;

	if (PageReserved(pages[0]))
		return 1;
	for (i = 1; i < n; i++)
		if (pages[i] != pages[0] + i || PageReserved(pages[i]))
			break;
	return i;
}

/*
 * The zero page needs no pin, and GUP of both kernels takes none (6.1 since its stable series took
 * that over; before, pinning it often enough overflowed its count). Unpinning drops none where none
 * was taken, so this is right for either.
 */
static enum stride_kind kind_of(struct page *page)
{
	if (!PageReserved(page))
		return STRIDE_PAGE;
	if (!is_zero_pfn(page_to_pfn(page)))
		return STRIDE_RESERVED;
	unpin_user_page(page);
	return STRIDE_NOPIN;
}

/* Under the mmap lock of another process, or of the caller where something is not there. */
static long pin_remote(struct container *container, struct mm_struct *mm, u64 vaddr, u32 npages,
		       unsigned int flags)
{
	struct vm_area_struct *vma;
	long pinned;

	if (!mmget_not_zero(mm))
		return -ENODEV;
	mmap_read_lock(mm);
	pinned = compat_pin_remote(mm, vaddr, npages, flags, container->pages);
	vma = pinned > 0 && mm == current->mm ? vma_lookup(mm, vaddr) : NULL;
	if (vma)
		stride_fault_ahead_in(container, vma);
	mmap_read_unlock(mm);
	mmput(mm);
	return pinned;
}

/*
 * Fast for what is there, if it is the caller's. The rest is faulted in on behalf of the device,
 * not of this thread, by the call that the in-tree driver uses: no protection key closes memory to
 * it, and it does not wait for a userfaultfd handler, who may be waiting for our container. Helpers
 * do the same before, to what follows.
 */
static long pin_pages(struct container *container, struct mm_struct *mm, u64 vaddr, u32 npages,
		      u64 ahead, bool write)
{
	unsigned int flags = FOLL_LONGTERM | (write ? FOLL_WRITE : 0);
	long pinned;

	if (mm == current->mm) {
		pinned = compat_pin_present(vaddr, npages, flags, container->pages);
		if (pinned > 0)
			return pinned;
		stride_fault_ahead(container, vaddr, ahead, write);
	}
	return pin_remote(container, mm, vaddr, npages, flags);
}

/**
 * stride_pin() - pin memory of a mapping's owner for long
 * @space:	the container's, locked
 * @mapping:	whose owner it is; for writing if the mapping is
 * @vaddr:	where, bytes
 * @npages:	at most STRIDE_BATCH
 * @ahead:	pages from @vaddr on that are to be pinned next
 * @out:	room for @npages extents
 *
 * Return: how many extents, for the first of the pages at least; what GUP said of it; or -ENODEV if
 * the owner is gone.
 */
int stride_pin(struct stride_space *space, struct stride_mapping *mapping, u64 vaddr, u32 npages,
	       u64 ahead, struct stride_extent *out)
{
	struct container *container = container_of_space(space);
	struct page **pages = container->pages;
	u32 run;
	long i, pinned;
	int n = 0;

	lockdep_assert_held(&container->lock);
	pinned = pin_pages(container, to_mapping(mapping)->mm, vaddr, npages, ahead,
			   mapping->prot & STRIDE_WRITE);
	if (pinned < 0)
		return pinned;
	for (i = 0; i < pinned; i += run) {
		run = run_length(pages + i, pinned - i);
		out[n++] = (struct stride_extent){
			.pfn = page_to_pfn(pages[i]), .npages = run, .kind = kind_of(pages[i]),
		};
	}
	return n;
}

/* A pin for each aligned block of @pin_pages that the extent touches. */
static void unpin_leaves(struct stride_extent extent, u64 pin_pages, bool dirty)
{
	u64 pfn = extent.pfn, end = pfn + extent.npages;

	for (; pfn < end; pfn = ALIGN(pfn + 1, pin_pages))
		unpin_user_page_range_dirty_lock(pfn_to_page(pfn), 1, dirty);
}

/**
 * stride_unpin_extents() - drop the pins of extents
 * @extents:	of any kind
 * @n:		how many
 * @dirty:	a device may have written to them
 *
 * No IOMMU and no IOTLB may lead to them any more.
 */
void stride_unpin_extents(const struct stride_extent *extents, u32 n, bool dirty)
{
	u32 i;

	for (i = 0; i < n; i++) {
		u64 pin_pages = stride_pin_pages(extents[i].kind);

		if (pin_pages == 1)
			unpin_user_page_range_dirty_lock(pfn_to_page(extents[i].pfn),
							 extents[i].npages, dirty);
		else if (pin_pages)
			unpin_leaves(extents[i], pin_pages, dirty);
	}
}

/* A subsection's pfns all have a struct page or none has. */
static u64 subsection_end(u64 pfn)
{
	return ALIGN(pfn + 1, PAGES_PER_SUBSECTION);
}

/** stride_is_ram() - does any of these pfns have a struct page that is not reserved? */
bool stride_is_ram(u64 pfn, u64 npages)
{
	u64 end = pfn + npages;

	while (pfn < end) {
		if (IS_ALIGNED(pfn, PAGES_PER_SUBSECTION))
			cond_resched();
		if (!pfn_valid(pfn))
			pfn = subsection_end(pfn);
		else if (PageReserved(pfn_to_page(pfn)))
			pfn++;
		else
			return true;
	}
	return false;
}
