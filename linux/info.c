// SPDX-License-Identifier: GPL-2.0
/*
 * GET_INFO: page sizes, and a chain of capabilities behind them.
 */
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "compat/compat.h"
#include "container.h"

static int add_migration(struct container *container, struct vfio_info_cap *caps)
{
	struct vfio_iommu_type1_info_cap_migration cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, .version = 1 },
		.pgsize_bitmap = stride_space_page_size(&container->space),
		.max_dirty_bitmap_size = STRIDE_BITMAP_BYTES_MAX,
	};

	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}

static int add_available(struct container *container, struct vfio_info_cap *caps)
{
	struct vfio_iommu_type1_info_dma_avail cap = {
		.header = { .id = VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, .version = 1 },
		.avail = container->space.available,
	};

	return vfio_info_add_capability(caps, &cap.header, sizeof(cap));
}

static int add_ranges(struct container *container, struct vfio_info_cap *caps)
{
	const struct stride_ranges *valid = &container->space.valid;
	struct vfio_iommu_type1_info_cap_iova_range *cap;
	size_t bytes = struct_size(cap, iova_ranges, valid->count);
	u32 i;
	int err;

	if (!valid->count)
		return 0;
	cap = kzalloc(bytes, GFP_KERNEL);
	if (!cap)
		return -ENOMEM;
	cap->header.id = VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE;
	cap->header.version = 1;
	cap->nr_iovas = valid->count;
	for (i = 0; i < valid->count; i++) {
		cap->iova_ranges[i].start = valid->ranges[i].first;
		cap->iova_ranges[i].end = valid->ranges[i].last;
	}
	err = vfio_info_add_capability(caps, &cap->header, bytes);
	kfree(cap);
	return err;
}

static int build_info(struct container *container, struct vfio_iommu_type1_info *info,
		      struct vfio_info_cap *caps)
{
	int err;

	err = stride_container_lock(container);
	if (err)
		return err;
	info->flags = VFIO_IOMMU_INFO_PGSIZES;
	info->iova_pgsizes = container->space.page_sizes;
	err = add_migration(container, caps);
	if (!err)
		err = add_available(container, caps);
	if (!err)
		err = add_ranges(container, caps);
	stride_container_unlock(container);
	return err;
}

/**
 * stride_get_info() - answer VFIO_IOMMU_GET_INFO
 * @container:	not locked; with a reference
 * @arg:	the user's structure
 *
 * A user who left too little room for the capabilities is told how much they need.
 *
 * Return: 0, -EFAULT, -EINVAL for a structure too short or a container that is gone, -ENOMEM.
 */
long stride_get_info(struct container *container, void __user *arg)
{
	size_t minsz = offsetofend(struct vfio_iommu_type1_info, iova_pgsizes);
	struct vfio_iommu_type1_info info = {};
	struct vfio_info_cap caps = {};
	size_t bytes;
	long err;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	bytes = compat_info_bytes(info.argsz);

	err = build_info(container, &info, &caps);
	if (err)
		goto free;
	info.flags |= VFIO_IOMMU_INFO_CAPS;
	if (info.argsz < sizeof(info) + caps.size) {
		info.argsz = sizeof(info) + caps.size;
	} else {
		vfio_info_cap_shift(&caps, sizeof(info));
		info.cap_offset = sizeof(info);
		if (copy_to_user(arg + sizeof(info), caps.buf, caps.size))
			err = -EFAULT;
	}
	if (!err && copy_to_user(arg, &info, bytes))
		err = -EFAULT;
free:
	kfree(caps.buf);
	return err;
}
