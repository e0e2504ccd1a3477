// SPDX-License-Identifier: GPL-2.0
/*
 * Translations: map, clear, sync.
 */
#include <linux/iommu.h>

#include "compat/compat.h"
#include "container.h"

static struct domain *to_domain(struct stride_domain *engine)
{
	return container_of(engine, struct domain, engine);
}

/* One extent, as one piece or, for disable_hugepages, page by page; what is mapped adds to @mapped. */
static int map_extent(struct iommu_domain *domain, u64 iova, struct stride_extent extent, int prot,
		      u64 *mapped)
{
	phys_addr_t phys = (phys_addr_t)extent.pfn << PAGE_SHIFT;
	u64 bytes = (u64)extent.npages << PAGE_SHIFT;
	u64 piece = READ_ONCE(stride_small_pages) ? PAGE_SIZE : bytes;
	u64 done;
	int err;

	for (done = 0; done < bytes; done += piece) {
		err = compat_iommu_map(domain, iova + done, phys + done, piece, prot);
		if (err)
			return err;
		*mapped += piece;
	}
	return 0;
}

/**
 * stride_iommu_map() - translate an IOVA and what follows to extents
 * @engine:	the domain, its container locked
 * @iova:	the first IOVA, bytes
 * @extents:	one after the other
 * @n:		how many
 * @prot:	STRIDE_READ, STRIDE_WRITE
 *
 * Return: 0; or what the IOMMU driver said, and none of them is mapped.
 */
int stride_iommu_map(struct stride_domain *engine, u64 iova, const struct stride_extent *extents,
		     u32 n, u32 prot)
{
	struct iommu_domain *domain = to_domain(engine)->domain;
	int iommu_prot = IOMMU_CACHE;
	u64 mapped = 0;
	int err;
	u32 i;

	if (prot & STRIDE_READ)
		iommu_prot |= IOMMU_READ;
	if (prot & STRIDE_WRITE)
		iommu_prot |= IOMMU_WRITE;

	for (i = 0; i < n; i++) {
		err = map_extent(domain, iova + mapped, extents[i], iommu_prot, &mapped);
		if (err)
			goto unmap;
	}
	return 0;

unmap:
	if (mapped)
		iommu_unmap(domain, iova, mapped);
	return err;
}

/**
 * stride_iommu_clear() - remove translations; IOTLBs may hold them until the next sync
 * @engine:	the domain, its container locked
 * @iova:	from here on, bytes
 * @bytes:	how far
 *
 * Return: bytes from @iova on that are clear, 0 if the IOMMU would not.
 */
u64 stride_iommu_clear(struct stride_domain *engine, u64 iova, u64 bytes)
{
	struct domain *domain = to_domain(engine);
	size_t cleared = iommu_unmap_fast(domain->domain, iova, bytes, &domain->gather);

	domain->unsynced = true;
	WARN_ON_ONCE(!cleared);
	return cleared;
}

/** stride_iommu_sync() - wait until no IOTLB holds what was cleared */
void stride_iommu_sync(struct stride_domain *engine)
{
	struct domain *domain = to_domain(engine);

	if (!domain->unsynced)
		return;
	iommu_iotlb_sync(domain->domain, &domain->gather);
	domain->unsynced = false;
}
