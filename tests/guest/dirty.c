// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty tracking's calls. See dirty.h.
 */
#include "cm.h"
#include "dirty.h"

_Static_assert(offsetof(struct dirty_argument, iova) == DIRTY_HEAD, "");
_Static_assert(sizeof(struct dirty_argument) ==
	       DIRTY_HEAD + sizeof(struct vfio_iommu_type1_dirty_bitmap_get), "");
_Static_assert(offsetof(struct dirty_argument, bitmap) ==
	       sizeof(struct vfio_iommu_type1_dma_unmap), "");

struct dirty_argument dirty_argument(uint32_t flags, uint64_t iova, uint64_t size, void *bitmap)
{
	return (struct dirty_argument){
		.argsz = sizeof(struct dirty_argument),
		.flags = flags,
		.iova = iova,
		.size = size,
		.bitmap.pgsize = PAGE,
		.bitmap.size = DIRTY_BYTES(size / PAGE),
		.bitmap.data = bitmap,
	};
}

int dirty_switch(const struct vfio_container *container, uint32_t flags)
{
	struct vfio_iommu_type1_dirty_bitmap argument = { .argsz = DIRTY_HEAD, .flags = flags };

	return vfio_call(container, VFIO_IOMMU_DIRTY_PAGES, &argument);
}

int dirty_get(const struct vfio_container *container, uint64_t iova, uint64_t size, void *bitmap)
{
	struct dirty_argument argument = dirty_argument(DIRTY_GET, iova, size, bitmap);

	return vfio_call(container, VFIO_IOMMU_DIRTY_PAGES, &argument);
}

uint64_t dirty_word(const struct vfio_container *container, uint64_t iova)
{
	uint64_t word = 0;

	assert_int_equal(dirty_get(container, iova, 64 * PAGE, &word), 0);
	return word;
}

int dirty_unmap(const struct vfio_container *container, uint64_t iova, uint64_t size, void *bitmap,
		uint64_t *written)
{
	struct dirty_argument argument = dirty_argument(DIRTY_UNMAP, iova, size, bitmap);
	int ret = vfio_call(container, VFIO_IOMMU_UNMAP_DMA, &argument);

	if (written)
		*written = argument.size;
	return ret;
}
