/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The machine's IOMMU, VT-d or AMD-Vi: what it can do, by its own registers in sysfs, or by what
 * all IOMMUs of its vendor have in common.
 */
#ifndef GUEST_IOMMU_H
#define GUEST_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

bool iommu_is_amd(void);

/* the last IOVA that it translates */
uint64_t iommu_last(void);

/* a bit for each size that its page tables can map at once, as its driver sees it */
uint64_t iommu_page_sizes(void);

/* it can make all DMA coherent, whatever devices ask for */
bool iommu_is_coherent(void);

#endif
