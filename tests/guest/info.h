/* SPDX-License-Identifier: GPL-2.0 */
/*
 * GET_INFO's answer and the capabilities in it.
 */
#ifndef GUEST_INFO_H
#define GUEST_INFO_H

#include "vfio.h"

/* the structure and room behind it for all capabilities there may be */
union info {
	struct vfio_iommu_type1_info info;
	char room[4096];
};

/* all of the answer, in a buffer that the next call reuses */
struct vfio_iommu_type1_info *info_get(const struct vfio_container *container);

/* a capability in such an answer, or NULL */
void *info_find(struct vfio_iommu_type1_info *info, uint16_t id);

/* asks, and asserts that the capability is there; good until the next call */
void *info_capability(const struct vfio_container *container, uint16_t id);

/* what may be mapped: at least one range */
struct vfio_iommu_type1_info_cap_iova_range *info_ranges(const struct vfio_container *container);

/* how many more mappings there may be */
uint32_t info_entries_left(const struct vfio_container *container);

#endif
