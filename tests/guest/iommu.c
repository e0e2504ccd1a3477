// SPDX-License-Identifier: GPL-2.0
/*
 * The machine's IOMMU. See iommu.h.
 */
#include "file.h"
#include "iommu.h"
#include "judge.h"
#include "vfio.h"

#include <stdio.h>
#include <unistd.h>

/* VT-d: second level large pages of 2 MiB and 1 GiB, the width of IOVAs; snoop control */
#define CAP_2M (1ull << 34)
#define CAP_1G (1ull << 35)
#define CAP_WIDTH(cap) (((cap) >> 16 & 0x3f) + 1)
#define ECAP_SNOOP_CONTROL (1ull << 7)

/* AMD-Vi: every size but this one; later kernels leave out what it cannot map anyway */
#define AMD_NO_SIZE (512 * GIB)
#define AMD_SIZES (-PAGE)
#define AMD_SIZES_LATER ((1ull << 52) - PAGE)

bool iommu_is_amd(void)
{
	return !access("/sys/class/iommu/ivhd0", F_OK);
}

/* VT-d: "cap" or "ecap" */
static uint64_t vtd_register(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "/sys/class/iommu/dmar0/intel-iommu/%s", name);
	return file_number(path, "%llx");
}

uint64_t iommu_last(void)
{
	return iommu_is_amd() ? UINT64_MAX : (1ull << CAP_WIDTH(vtd_register("cap"))) - 1;
}

uint64_t iommu_page_sizes(void)
{
	uint64_t cap;

	if (iommu_is_amd())
		return (judge_kernel_is_later() ? AMD_SIZES_LATER : AMD_SIZES) & ~AMD_NO_SIZE;
	cap = vtd_register("cap");
	return PAGE | (cap & CAP_2M ? 2 * MIB : 0) | (cap & CAP_1G ? GIB : 0);
}

bool iommu_is_coherent(void)
{
	return iommu_is_amd() || vtd_register("ecap") & ECAP_SNOOP_CONTROL;
}
