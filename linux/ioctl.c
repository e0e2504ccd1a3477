// SPDX-License-Identifier: GPL-2.0
/*
 * The container's ioctls: users' structures in and out. Sizes and flags are checked here, all that the
 * numbers mean in the engine.
 */
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "container.h"

/* @container is NULL as long as vfio only looks for a driver. */
static long check_extension(struct container *container, unsigned long extension)
{
	bool coherent;

	switch (extension) {
	case VFIO_TYPE1_IOMMU:
	case VFIO_TYPE1v2_IOMMU:
	case VFIO_TYPE1_NESTING_IOMMU:
	case VFIO_UNMAP_ALL:
		return 1;
	case VFIO_DMA_CC_IOMMU:
		if (!container)
			return 0;
		mutex_lock(&container->lock);
		coherent = stride_coherent(container);
		mutex_unlock(&container->lock);
		return coherent;
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
	u32 known = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
	size_t minsz = offsetofend(struct vfio_iommu_type1_dma_map, size);
	struct vfio_iommu_type1_dma_map map;
	struct stride_map_request request;
	long err;

	if (copy_from_user(&map, arg, minsz))
		return -EFAULT;
	if (map.argsz < minsz || map.flags & ~known || !prot_of(map.flags))
		return -EINVAL;

	request = (struct stride_map_request){
		.iova = map.iova,
		.vaddr = map.vaddr,
		.size = map.size,
		.prot = prot_of(map.flags),
		.leaves = READ_ONCE(stride_leaf_pins),
	};
	mutex_lock(&container->lock);
	err = stride_map(&container->space, &request);
	mutex_unlock(&container->lock);
	return err;
}

static long unmap_dma(struct container *container, void __user *arg)
{
	u32 known = VFIO_DMA_UNMAP_FLAG_ALL;
	size_t minsz = offsetofend(struct vfio_iommu_type1_dma_unmap, size);
	struct vfio_iommu_type1_dma_unmap unmap;
	struct stride_unmap_request request;
	u64 unmapped;
	long err;

	if (copy_from_user(&unmap, arg, minsz))
		return -EFAULT;
	if (unmap.argsz < minsz || unmap.flags & ~known)
		return -EINVAL;

	request = (struct stride_unmap_request){
		.iova = unmap.iova,
		.size = unmap.size,
		.all = unmap.flags & VFIO_DMA_UNMAP_FLAG_ALL,
	};
	mutex_lock(&container->lock);
	err = stride_unmap(&container->space, &request, &unmapped);
	mutex_unlock(&container->lock);
	if (err)
		return err;
	unmap.size = unmapped;
	return copy_to_user(arg, &unmap, minsz) ? -EFAULT : 0;
}

/**
 * stride_ioctl() - one ioctl of a container's
 * @container:	not locked; NULL for VFIO_CHECK_EXTENSION while no driver is chosen
 * @cmd:	what
 * @arg:	its argument, a user's pointer but for VFIO_CHECK_EXTENSION
 */
long stride_ioctl(struct container *container, unsigned int cmd, unsigned long arg)
{
	switch (cmd) {
	case VFIO_CHECK_EXTENSION:
		return check_extension(container, arg);
	case VFIO_IOMMU_GET_INFO:
		return stride_get_info(container, (void __user *)arg);
	case VFIO_IOMMU_MAP_DMA:
		return map_dma(container, (void __user *)arg);
	case VFIO_IOMMU_UNMAP_DMA:
		return unmap_dma(container, (void __user *)arg);
	default:
		return -ENOTTY;
	}
}
