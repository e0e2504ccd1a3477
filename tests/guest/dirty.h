/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Dirty tracking's calls: which pages a device may have written, a bit a page.
 *
 * Bits count from the range's first page. What may be refused comes back as 0 or -errno.
 */
#ifndef GUEST_DIRTY_H
#define GUEST_DIRTY_H

#include "vfio.h"

#define DIRTY_START VFIO_IOMMU_DIRTY_PAGES_FLAG_START
#define DIRTY_STOP VFIO_IOMMU_DIRTY_PAGES_FLAG_STOP
#define DIRTY_GET VFIO_IOMMU_DIRTY_PAGES_FLAG_GET_BITMAP
#define DIRTY_UNMAP VFIO_DMA_UNMAP_FLAG_GET_DIRTY_BITMAP

/* the largest bitmap, in bytes */
#define DIRTY_MAX (1ull << 28)

/* what a bitmap of so many pages takes: whole words */
#define DIRTY_BYTES(pages) (((pages) + 63) / 64 * 8)

/*
 * The argument of DIRTY_GET, and with the same layout of an unmap with DIRTY_UNMAP, for tests that
 * send it spoilt. DIRTY_START and DIRTY_STOP take its first DIRTY_HEAD bytes alone.
 */
struct dirty_argument {
	uint32_t argsz;
	uint32_t flags;
	uint64_t iova;
	uint64_t size;
	struct vfio_bitmap bitmap;
};

#define DIRTY_HEAD sizeof(struct vfio_iommu_type1_dirty_bitmap)

/* a right one, with a bitmap as large as the range needs it */
struct dirty_argument dirty_argument(uint32_t flags, uint64_t iova, uint64_t size, void *bitmap);

/* DIRTY_START or DIRTY_STOP */
int dirty_switch(const struct vfio_container *container, uint32_t flags);

int dirty_get(const struct vfio_container *container, uint64_t iova, uint64_t size, void *bitmap);

/* asks for 64 pages, and asserts that it may */
uint64_t dirty_word(const struct vfio_container *container, uint64_t iova);

/* written: as for vfio_unmap() */
int dirty_unmap(const struct vfio_container *container, uint64_t iova, uint64_t size, void *bitmap,
		uint64_t *written);

#endif
