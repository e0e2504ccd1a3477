// SPDX-License-Identifier: GPL-2.0
/*
 * The pages that an emulated device has pinned. See held.h.
 */
#include "held.h"

#include <linux/highmem.h>
#include <linux/slab.h>

struct held_page {
	struct page *page;
	unsigned int pins;
};

void held_init(struct held *held, struct vfio_device *vdev)
{
	held->vdev = vdev;
	xa_init(&held->pages);
}

static int note_pin(struct held *held, u64 iova, struct page *page)
{
	struct held_page *entry = xa_load(&held->pages, iova);
	int ret;

	if (entry) {
		entry->pins++;
		return 0;
	}
	entry = kmalloc(sizeof(*entry), GFP_KERNEL);
	if (!entry)
		return -ENOMEM;
	*entry = (struct held_page){ .page = page, .pins = 1 };
	ret = xa_err(xa_store(&held->pages, iova, entry, GFP_KERNEL));
	if (ret)
		kfree(entry);
	return ret;
}

static void forget_pin(struct held *held, u64 iova)
{
	struct held_page *entry = xa_load(&held->pages, iova);

	if (--entry->pins)
		return;
	xa_erase(&held->pages, iova);
	kfree(entry);
}

static int note_pins(struct held *held, u64 iova, int npages, struct page **pages)
{
	int i, ret;

	for (i = 0; i < npages; i++) {
		ret = note_pin(held, iova + i * PAGE_SIZE, pages[i]);
		if (ret)
			goto forget;
	}
	return npages;

forget:
	while (i--)
		forget_pin(held, iova + i * PAGE_SIZE);
	vfio_unpin_pages(held->vdev, iova, npages);
	return ret;
}

/* vfio itself refuses more pages than the array has room for */
int held_pin(struct held *held, u64 iova, u32 npages, u32 prot)
{
	struct page **pages;
	int ret;

	pages = kcalloc(VFIO_PIN_PAGES_MAX_ENTRIES, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	ret = vfio_pin_pages(held->vdev, iova, npages, prot, pages);
	if (ret > 0)
		ret = note_pins(held, iova, ret, pages);
	kfree(pages);
	return ret;
}

int held_unpin(struct held *held, u64 iova, u32 npages)
{
	u32 i;

	for (i = 0; i < npages; i++)
		if (!xa_load(&held->pages, iova + i * PAGE_SIZE))
			return -EINVAL;
	vfio_unpin_pages(held->vdev, iova, npages);
	for (i = 0; i < npages; i++)
		forget_pin(held, iova + i * PAGE_SIZE);
	return 0;
}

void held_drop(struct held *held, u64 first, u64 last)
{
	struct held_page *entry;
	unsigned long iova;

	xa_for_each_range(&held->pages, iova, entry, first, last) {
		while (entry->pins--)
			vfio_unpin_pages(held->vdev, iova, 1);
		xa_erase(&held->pages, iova);
		kfree(entry);
	}
}

int held_copy(struct held *held, u64 iova, void *buffer, u64 size, bool write)
{
	while (size) {
		struct held_page *entry = xa_load(&held->pages, iova & PAGE_MASK);
		size_t offset = offset_in_page(iova);
		size_t part = min_t(u64, size, PAGE_SIZE - offset);

		if (!entry)
			return -EFAULT;
		if (write)
			memcpy_to_page(entry->page, offset, buffer, part);
		else
			memcpy_from_page(buffer, entry->page, offset, part);
		iova += part;
		buffer += part;
		size -= part;
	}
	return 0;
}
