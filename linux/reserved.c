// SPDX-License-Identifier: GPL-2.0
/*
 * What a group's devices have reserved, and so which IOVAs are left to map.
 */
#include <linux/iommu.h>
#include <linux/slab.h>

#include "container.h"

static void free_regions(struct list_head *regions)
{
	struct iommu_resv_region *region, *next;

	list_for_each_entry_safe(region, next, regions, list)
		kfree(region);
}

/* A region that the device's driver needs only until it hands the device over may be mapped. */
static int exclude_reserved(struct stride_ranges *valid, struct iommu_group *iommu_group)
{
	struct iommu_resv_region *region;
	LIST_HEAD(regions);
	int err;

	err = iommu_get_group_resv_regions(iommu_group, &regions);
	list_for_each_entry(region, &regions, list) {
		if (err)
			break;
		if (region->type == IOMMU_RESV_DIRECT_RELAXABLE)
			continue;
		err = stride_ranges_exclude(&stride_kernel_host, valid, region->start,
					    region->start + region->length - 1);
	}
	free_regions(&regions);
	return err;
}

/**
 * stride_valid_ranges() - the IOVAs that are valid for all groups of all domains
 * @container:	locked
 * @valid:	empty; the caller's to free
 *
 * Worked out afresh each time: the aperture that all domains have in common, less what the devices
 * of any group have reserved.
 *
 * Return: 0; -EINVAL if nothing is left; -ENOMEM, or why regions are not known.
 */
int stride_valid_ranges(struct container *container, struct stride_ranges *valid)
{
	u64 first = 0, last = ~0ULL;
	struct domain *domain;
	struct group *group;
	int err;

	lockdep_assert_held(&container->lock);
	list_for_each_entry(domain, &container->domains, next) {
		first = max_t(u64, first, domain->domain->geometry.aperture_start);
		last = min_t(u64, last, domain->domain->geometry.aperture_end);
	}
	err = stride_ranges_init(&stride_kernel_host, valid, first, last);
	if (err)
		return err;
	list_for_each_entry(domain, &container->domains, next) {
		list_for_each_entry(group, &domain->groups, next) {
			err = exclude_reserved(valid, group->group);
			if (err)
				goto free;
		}
	}
	return 0;

free:
	stride_ranges_free(&stride_kernel_host, valid);
	return err;
}

/** stride_reserve_msi() - if a group's MSIs are to be mapped by software, tell its domain where */
int stride_reserve_msi(struct domain *domain, struct iommu_group *iommu_group)
{
	struct iommu_resv_region *region;
	bool hardware = false, software = false;
	phys_addr_t base = 0;
	LIST_HEAD(regions);
	int err;

	err = iommu_get_group_resv_regions(iommu_group, &regions);
	list_for_each_entry(region, &regions, list) {
		hardware |= region->type == IOMMU_RESV_MSI;
		if (region->type == IOMMU_RESV_SW_MSI) {
			software = true;
			base = region->start;
		}
	}
	free_regions(&regions);
	if (err || hardware || !software)
		return err;
	err = iommu_get_msi_cookie(domain->domain, base);
	return err == -ENODEV ? 0 : err;
}
