// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated devices (mdev): what their drivers ask of us through vfio, and what we ask of them.
 */
#include <linux/kthread.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "container.h"

/* Both name the two ways of access with these bits. */
static_assert(STRIDE_READ == IOMMU_READ && STRIDE_WRITE == IOMMU_WRITE);

/**
 * stride_vfio_pin_pages() - pin pages for a device's driver, as vfio_pin_pages() does
 * @data:	the container's number
 * @iommu_group: the device's; on success, from now on it is one that tells what it writes to
 * @iova:	in the first page
 * @npages:	how many
 * @prot:	IOMMU_READ, IOMMU_WRITE
 * @pages:	the pages; on failure not written
 *
 * Return: @npages; what stride_hold() said; or -EINVAL if the container is gone.
 */
int stride_vfio_pin_pages(void *data, struct iommu_group *iommu_group, dma_addr_t iova, int npages,
			  int prot, struct page **pages)
{
	struct container *container;
	int i, err = -EINVAL;
	u64 *pfns;

	if (npages <= 0)
		return -EINVAL;
	pfns = kmalloc_array(npages, sizeof(pfns[0]), GFP_KERNEL);
	if (!pfns)
		return -ENOMEM;
	container = stride_container_enter(data);
	if (container) {
		err = stride_hold(&container->space, iova, npages, prot, pfns);
		if (!err)
			stride_set_pinned_page_dirty_scope(container, iommu_group);
		stride_container_leave(container);
	}
	for (i = 0; !err && i < npages; i++)
		pages[i] = pfn_to_page(pfns[i]);
	kfree(pfns);
	return err ?: npages;
}

/**
 * stride_vfio_unpin_pages() - the end of what stride_vfio_pin_pages() did
 * @data:	the container's number
 * @iova:	in the first page
 * @npages:	how many
 *
 * Also called by drivers from their dma_unmap(), while stride_notify_dma_unmap() waits for them.
 */
void stride_vfio_unpin_pages(void *data, dma_addr_t iova, int npages)
{
	struct container *container = stride_container_enter(data);
	u32 done;

	if (!container)
		return;
	done = stride_unhold(&container->space, iova, npages);
	stride_container_leave(container);
	WARN_ON_ONCE(done != npages);
}

/** stride_vfio_dma_rw() - read or write memory for a device's driver, as vfio_dma_rw() does */
int stride_vfio_dma_rw(void *data, dma_addr_t iova, void *buffer, size_t bytes, bool write)
{
	struct container *container = stride_container_enter(data);
	int err;

	if (!container)
		return -EINVAL;
	err = stride_access(&container->space, iova, buffer, bytes, write);
	stride_container_leave(container);
	return err;
}

/* Both locks, in their order; NULL if the device's driver cannot be asked to let go. */
static struct container *lock_devices(void *data, const struct vfio_device *device)
{
	struct container *container;

	if (!device->ops->dma_unmap)
		return NULL;
	container = stride_container_get(data);
	if (WARN_ON_ONCE(!container))
		return NULL;
	mutex_lock(&container->devices_lock);
	mutex_lock(&container->lock);
	return container;
}

static void unlock_devices(struct container *container)
{
	mutex_unlock(&container->lock);
	mutex_unlock(&container->devices_lock);
	stride_container_put(container);
}

/**
 * stride_vfio_register_device() - a device is open, and its driver can be asked to let go
 * @data:	the container's number; vfio releases no container while a device is open
 * @device:	stays open until stride_vfio_unregister_device()
 */
void stride_vfio_register_device(void *data, struct vfio_device *device)
{
	struct container *container = lock_devices(data, device);

	if (!container)
		return;
	list_add(&device->iommu_entry, &container->devices);
	stride_device_attach(&container->space);
	unlock_devices(container);
}

/** stride_vfio_unregister_device() - it is being closed: @data and @device as it was registered */
void stride_vfio_unregister_device(void *data, struct vfio_device *device)
{
	struct container *container = lock_devices(data, device);

	if (!container)
		return;
	list_del(&device->iommu_entry);
	stride_device_detach(&container->space);
	unlock_devices(container);
}

/**
 * stride_notify_dma_unmap() - ask all drivers to let go of the pages in a range
 * @space:	the container's, locked; unlocked meanwhile, since drivers answer with
 *		stride_vfio_unpin_pages()
 * @iova:	the range's first, bytes
 * @bytes:	its size
 */
void stride_notify_dma_unmap(struct stride_space *space, u64 iova, u64 bytes)
{
	struct container *container = container_of_space(space);
	struct vfio_device *device;

	lockdep_assert_held(&container->lock);
	mutex_unlock(&container->lock);
	mutex_lock(&container->devices_lock);
	list_for_each_entry(device, &container->devices, iommu_entry)
		device->ops->dma_unmap(device, iova, bytes);
	mutex_unlock(&container->devices_lock);
	mutex_lock(&container->lock);
}

/**
 * stride_access_memory() - copy to or from memory of a mapping's owner
 * @engine:	the owner's mapping, its container locked
 * @vaddr:	where, bytes
 * @buffer:	the kernel's
 * @bytes:	how many
 * @write:	to memory
 *
 * The owner's own threads can do it, and kernel threads, which borrow its memory; no other process.
 *
 * Return: how many bytes it was; -EPERM if the owner is gone; -EFAULT.
 */
long stride_access_memory(struct stride_mapping *engine, u64 vaddr, void *buffer, u64 bytes,
			  bool write)
{
	struct mm_struct *mm = to_mapping(engine)->mm;
	bool kthread = current->flags & PF_KTHREAD && !current->mm;
	long done = -EFAULT;

	if (!mmget_not_zero(mm))
		return -EPERM;
	if (kthread)
		kthread_use_mm(mm);
	if (current->mm == mm)
		done = bytes - (write ? copy_to_user(u64_to_user_ptr(vaddr), buffer, bytes) :
				copy_from_user(buffer, u64_to_user_ptr(vaddr), bytes));
	if (kthread)
		kthread_unuse_mm(mm);
	mmput(mm);
	return done;
}
