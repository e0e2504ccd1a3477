// SPDX-License-Identifier: GPL-2.0
/*
 * GET_INFO's answer. See info.h.
 */
#include "cm.h"
#include "info.h"

#include <string.h>

struct vfio_iommu_type1_info *info_get(const struct vfio_container *container)
{
	static union info answer;

	memset(&answer, 0, sizeof(answer));
	answer.info.argsz = sizeof(answer);
	assert_int_equal(vfio_call(container, VFIO_IOMMU_GET_INFO, &answer), 0);
	return &answer.info;
}

void *info_find(struct vfio_iommu_type1_info *info, uint16_t id)
{
	struct vfio_info_cap_header *header;

	assert_true(info->flags & VFIO_IOMMU_INFO_CAPS);
	assert_true(info->cap_offset >= sizeof(*info));
	for (uint32_t at = info->cap_offset; at; at = header->next) {
		assert_in_range(at, info->cap_offset, info->argsz - sizeof(*header));
		header = (void *)((char *)info + at);
		assert_true(!header->next || header->next > at);
		if (header->id == id)
			return header;
	}
	return NULL;
}

void *info_capability(const struct vfio_container *container, uint16_t id)
{
	struct vfio_info_cap_header *header = info_find(info_get(container), id);

	if (!header)
		fail_msg("GET_INFO leaves out id %u", id);
	assert_int_equal(header->version, 1);
	return header;
}

struct vfio_iommu_type1_info_cap_iova_range *info_ranges(const struct vfio_container *container)
{
	struct vfio_iommu_type1_info_cap_iova_range *cap =
		info_capability(container, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);

	assert_in_range(cap->nr_iovas, 1, 64);
	return cap;
}

uint32_t info_entries_left(const struct vfio_container *container)
{
	struct vfio_iommu_type1_info_dma_avail *cap =
		info_capability(container, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);

	return cap->avail;
}
