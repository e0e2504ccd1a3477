// SPDX-License-Identifier: GPL-2.0
/*
 * Pins: taken with GUP, page by page; dropped as they were taken, a pin a page or a pin a leaf.
 */
#include <linux/mm.h>
#include <linux/mmzone.h>

#include "container.h"

/* How many of these pages follow each other in memory, all of them reserved or none. */
static u32 run_length(struct page **pages, u32 n)
{
	bool reserved = PageReserved(pages[0]);
	u32 i;

	for (i = 1; i < n; i++)
		if (pages[i] != pages[0] + i || PageReserved(pages[i]) != reserved)
			break;
	return i;
}

/*
 * The zero page needs no pin, and on 6.1 pinning it often enough would overflow its count. Dropping that
 * pin is right everywhere: where none was taken, none is dropped.
 */
static enum stride_kind kind_of(struct page *page)
{
	if (!PageReserved(page))
		return STRIDE_PAGE;
	if (!is_zero_pfn(page_to_pfn(page)))
		return STRIDE_RESERVED;
	unpin_user_page(page);
	return STRIDE_RAW;
}

/**
 * stride_pin() - pin memory of the calling process for long
 * @space:	the container's, locked
 * @vaddr:	where, bytes
 * @npages:	at most STRIDE_BATCH
 * @write:	the device may write
 * @out:	room for @npages extents
 *
 * Return: how many extents, for the first of the pages at least; or what GUP said of it.
 */
int stride_pin(struct stride_space *space, u64 vaddr, u32 npages, bool write,
	       struct stride_extent *out)
{
	struct container *container = container_of_space(space);
	struct page **pages = container->pages;
	u32 run;
	int i, pinned, n = 0;

	lockdep_assert_held(&container->lock);
	pinned = pin_user_pages_fast(vaddr, npages, FOLL_LONGTERM | (write ? FOLL_WRITE : 0), pages);
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

/** stride_ordinary() - does any of these pfns have a struct page that is not reserved? */
bool stride_ordinary(u64 pfn, u64 npages)
{
	u64 end = pfn + npages;

	while (pfn < end) {
		if (!pfn_valid(pfn))
			pfn = subsection_end(pfn);
		else if (PageReserved(pfn_to_page(pfn)))
			pfn++;
		else
			return true;
	}
	return false;
}
