// SPDX-License-Identifier: GPL-2.0
/*
 * The container's ioctls: users' structures in and out. Sizes and flags are checked here, all that
 * the numbers mean in the engine.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/bitops.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "container.h"

static bool can_update_vaddrs(struct container *container)
{
	bool can;

	if (!container || stride_container_lock(container))
		return false;
	can = !container->space.emulated;
	stride_container_unlock(container);
	return can;
}

static bool is_coherent(struct container *container)
{
	bool coherent;

	if (!container || stride_container_lock(container))
		return false;
	coherent = stride_coherent(container);
	stride_container_unlock(container);
	return coherent;
}

/* @container is NULL as long as vfio only looks for a driver. */
static long check_extension(struct container *container, unsigned long extension)
{
	switch (extension) {
	case VFIO_TYPE1_IOMMU:
	case VFIO_TYPE1v2_IOMMU:
	case VFIO_TYPE1_NESTING_IOMMU:
	case VFIO_UNMAP_ALL:
		return 1;
	case VFIO_UPDATE_VADDR:
		return can_update_vaddrs(container);
	case VFIO_DMA_CC_IOMMU:
		return is_coherent(container);
	default:
		return 0;
	}
}

static u32 prot_of(u32 flags)
{
	return (flags & VFIO_DMA_MAP_FLAG_READ ? STRIDE_READ : 0) |
	       (flags & VFIO_DMA_MAP_FLAG_WRITE ? STRIDE_WRITE : 0);
}

static long map_dma(struct container *container, void __user *arg)
{
	u32 known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE | VFIO_DMA_MAP_FLAG_VADDR;
	size_t minsz = offsetofend(struct vfio_iommu_type1_dma_map, size);
	struct vfio_iommu_type1_dma_map map;
	struct stride_map_request request;
	long err;

	if (copy_from_user(&map, arg, minsz))
		return -EFAULT;
	if (map.argsz < minsz || map.flags & ~known)
		return -EINVAL;
	/* Either something to map, or only a new address. */
	if (!prot_of(map.flags) != !!(map.flags & VFIO_DMA_MAP_FLAG_VADDR))
		return -EINVAL;

	request = (struct stride_map_request){
		.iova = map.iova,
		.vaddr = map.vaddr,
		.size = map.size,
		.prot = prot_of(map.flags),
	};
	err = stride_container_lock(container);
	if (err)
		return err;
	err = stride_map(&container->space, &request);
	stride_container_unlock(container);
	return err;
}

static long check_bitmap(const struct vfio_bitmap *user, struct stride_bitmap *bitmap)
{
	if (!access_ok((void __user *)user->data, user->size))
		return -EINVAL;
	*bitmap = (struct stride_bitmap){
		.vaddr = (uintptr_t)user->data,
		.bytes = user->size,
		.page_size = user->pgsize,
	};
	return 0;
}

static long unmap_range(struct container *container, struct vfio_iommu_type1_dma_unmap *unmap,
			const struct stride_bitmap *dirty)
{
	struct stride_unmap_request request = {
		.iova = unmap->iova,
		.size = unmap->size,
		.all = unmap->flags & VFIO_DMA_UNMAP_FLAG_ALL,
		.vaddr_only = unmap->flags & VFIO_DMA_UNMAP_FLAG_VADDR,
		.dirty = dirty,
	};
	u64 unmapped;
	long err;

	err = stride_container_lock(container);
	if (err)
		return err;
	err = stride_unmap(&container->space, &request, &unmapped);
	stride_container_unlock(container);
	if (!err)
		unmap->size = unmapped;
	else if (err == -EBUSY && !request.vaddr_only)
		pr_warn_once("an emulated device's driver still holds pages after its dma_unmap(): they stay mapped\n");
	return err;
}

static long unmap_dma(struct container *container, void __user *arg)
{
	u32 alone = VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP;
	u32 known = alone | VFIO_DMA_UNMAP_FLAG_VADDR | VFIO_DMA_UNMAP_FLAG_ALL;
	size_t minsz = offsetofend(struct vfio_iommu_type1_dma_unmap, size);
	struct vfio_iommu_type1_dma_unmap user;
	struct stride_bitmap dirty;
	struct vfio_bitmap bitmap;
	bool wants_dirty;
	long err;

	if (copy_from_user(&user, arg, minsz))
		return -EFAULT;
	wants_dirty = user.flags & alone;
	if (user.argsz < minsz || user.flags & ~known || (wants_dirty && user.flags != alone))
		return -EINVAL;
	if (wants_dirty) {
		if (user.argsz < minsz + sizeof(bitmap))
			return -EINVAL;
		if (copy_from_user(&bitmap, arg + minsz, sizeof(bitmap)))
			return -EFAULT;
		err = check_bitmap(&bitmap, &dirty);
		if (err)
			return err;
	}
	err = unmap_range(container, &user, wants_dirty ? &dirty : NULL);
	if (err)
		return err;
	return copy_to_user(arg, &user, minsz) ? -EFAULT : 0;
}

static long get_dirty(struct container *container, const void __user *arg, size_t bytes)
{
	struct vfio_iommu_type1_dirty_bitmap_get get;
	struct stride_bitmap bitmap;
	long err;

	if (bytes < sizeof(get))
		return -EINVAL;
	if (copy_from_user(&get, arg, sizeof(get)))
		return -EFAULT;
	err = check_bitmap(&get.bitmap, &bitmap);
	if (err)
		return err;
	err = stride_container_lock(container);
	if (err)
		return err;
	err = stride_dirty_get(&container->space, get.iova, get.size, &bitmap);
	stride_container_unlock(container);
	return err;
}

static long dirty_pages(struct container *container, void __user *arg)
{
	u32 known = VFIO_IOMMU_DIRTY_PAGES_FLAG_START | VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP |
		    VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP;
	size_t minsz = offsetofend(struct vfio_iommu_type1_dirty_bitmap, flags);
	struct vfio_iommu_type1_dirty_bitmap dirty;
	long err;

	if (!container->space.v2)
		return -EACCES;
	if (copy_from_user(&dirty, arg, minsz))
		return -EFAULT;
	if (dirty.argsz < minsz || dirty.flags & ~known || hweight32(dirty.flags) != 1)
		return -EINVAL;
	if (dirty.flags & VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP)
		return get_dirty(container, arg + minsz, dirty.argsz - minsz);

	err = stride_container_lock(container);
	if (err)
		return err;
	if (dirty.flags & VFIO_IOMMU_DIRTY_PAGES_FLAG_START)
		err = stride_dirty_start(&container->space);
	else
		stride_dirty_stop(&container->space);
	stride_container_unlock(container);
	return err;
}

static long container_ioctl(struct container *container, unsigned int cmd, void __user *arg)
{
	switch (cmd) {
	case VFIO_IOMMU_GET_INFO:
		return stride_get_info(container, arg);
	case VFIO_IOMMU_MAP_DMA:
		return map_dma(container, arg);
	case VFIO_IOMMU_UNMAP_DMA:
		return unmap_dma(container, arg);
	case VFIO_IOMMU_DIRTY_PAGES:
		return dirty_pages(container, arg);
	default:
		return -ENOTTY;
	}
}

/**
 * stride_vfio_ioctl() - an ioctl of a container's
 * @data:	its number; or NULL, and that of a container that is gone: vfio takes no lock
 * @cmd:	what
 * @arg:	its argument, a user's pointer but for VFIO_CHECK_EXTENSION
 *
 * Return: what the ioctl returns; -EINVAL, as vfio itself, if there is no container.
 */
long stride_vfio_ioctl(void *data, unsigned int cmd, unsigned long arg)
{
	struct container *container = stride_container_get(data);
	long ret = -EINVAL;

	if (cmd == VFIO_CHECK_EXTENSION)
		ret = check_extension(container, arg);
	else if (container)
		ret = container_ioctl(container, cmd, (void __user *)arg);
	if (container)
		stride_container_put(container);
	return ret;
}
