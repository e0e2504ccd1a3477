// SPDX-License-Identifier: GPL-2.0
/*
 * Updating where a mapping's memory is. See vaddr.h.
 */
#include "vaddr.h"

int vaddr_invalidate(const struct vfio_container *container, uint64_t iova, uint64_t size,
		     uint64_t *written)
{
	return vfio_unmap(container, iova, size, VFIO_DMA_UNMAP_FLAG_VADDR, written);
}

int vaddr_update(const struct vfio_container *container, uint64_t iova, const void *at,
		 uint64_t size)
{
	return vfio_map(container, iova, at, size, VFIO_DMA_MAP_FLAG_VADDR);
}

int vaddr_join(struct fixture *f)
{
	int ret = vfio_group_open(&f->device, &f->container, EDU_SECOND);

	if (!ret)
		vfio_device_close(&f->device);
	return ret;
}
