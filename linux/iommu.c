// SPDX-License-Identifier: GPL-2.0
/*
 * Translations: map, clear, sync.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/iommu.h>
#include <linux/printk.h>
#include <linux/scatterlist.h>

#include "compat/compat.h"
#include "container.h"

#ifndef CONFIG_SPARSEMEM_VMEMMAP
#error "map_list() needs a memory map in which every pfn has a place (CONFIG_SPARSEMEM_VMEMMAP)"
#endif

/* Extents in one call: half a KiB of stack, and a sixteenth of the calls. */
#define MAP_LIST	16

/* 6.1's VT-d counts pages to flush in 32 bits, and must not be given that many at once. */
#define GATHER_BYTES	(1ULL << 40)

static struct domain *to_domain(struct stride_domain *engine)
{
	return container_of(engine, struct domain, engine);
}

/* Page by page, so that the IOMMU driver finds nothing that it could map as more than a page. */
static int map_pages(struct iommu_domain *domain, u64 iova, struct stride_extent extent, int prot)
{
	phys_addr_t phys = (phys_addr_t)extent.pfn << PAGE_SHIFT;
	u64 done, bytes = (u64)extent.npages << PAGE_SHIFT;
	int err;

	for (done = 0; done < bytes; done += PAGE_SIZE) {
		err = compat_iommu_map(domain, iova + done, phys + done, PAGE_SIZE, prot);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

/*
 * Several extents in one call, since each call ends with work that does not depend on how much it
 * mapped. A pfn without a struct page may be in the list too: its "page" is a number that nobody
 * follows.
 */
static int map_list(struct iommu_domain *domain, u64 iova, const struct stride_extent *extents,
		    u32 n, int prot)
{
	struct scatterlist list[MAP_LIST];
	ssize_t mapped;
	u32 i;

	sg_init_table(list, n);
	for (i = 0; i < n; i++)
		sg_set_page(&list[i], pfn_to_page(extents[i].pfn),
			    (u32)extents[i].npages << PAGE_SHIFT, 0);
	mapped = compat_iommu_map_sg(domain, iova, list, n, prot);
	return mapped < 0 ? mapped : 0;
}

static int map_one(struct iommu_domain *domain, u64 iova, struct stride_extent extent, int prot)
{
	return compat_iommu_map(domain, iova, (phys_addr_t)extent.pfn << PAGE_SHIFT,
				(u64)extent.npages << PAGE_SHIFT, prot);
}

/*
 * Undo a map that failed, however far it came. A driver that fails within one call may leave
 * entries behind that it does not count (VT-d, when it has no memory for a table), so each page is
 * looked at. Not unmapped blindly: in a hole, VT-d takes a page for all that the missing table
 * could map. Returns false if the IOMMU still translates some page: whoever owns the memory must
 * not have it back.
 */
static bool sweep_range(struct iommu_domain *domain, u64 iova, u64 bytes)
{
	u64 done, unmapped;
	bool swept = true;

	for (done = 0; done < bytes; done += unmapped) {
		unmapped = PAGE_SIZE;
		if (iommu_iova_to_phys(domain, iova + done))
			unmapped = iommu_unmap(domain, iova + done, PAGE_SIZE);
		if (!unmapped) {
			pr_err_ratelimited("the IOMMU does not unmap iova 0x%llx: its pages stay pinned\n",
					   iova + done);
			swept = false;
			unmapped = PAGE_SIZE;
		}
		cond_resched();
	}
	return swept;
}

static int iommu_prot(u32 prot)
{
	return IOMMU_CACHE | (prot & STRIDE_READ ? IOMMU_READ : 0) |
	       (prot & STRIDE_WRITE ? IOMMU_WRITE : 0);
}

/**
 * stride_iommu_map() - translate an IOVA and what follows to extents
 * @engine:	the domain, its container locked
 * @iova:	the first IOVA, bytes
 * @extents:	one after the other
 * @n:		how many
 * @prot:	STRIDE_READ, STRIDE_WRITE
 * @left:	set to true after an error if the IOMMU did not let go of all that it had mapped
 *
 * Return: 0; or what the IOMMU driver said, and none of them is mapped, but for what @left says.
 */
int stride_iommu_map(struct stride_domain *engine, u64 iova, const struct stride_extent *extents,
		     u32 n, u32 prot, bool *left)
{
	struct iommu_domain *domain = to_domain(engine)->domain;
	bool small_pages = READ_ONCE(stride_disable_hugepages);
	u64 tried = 0;
	u32 i, some;
	int err;

	for (i = 0; i < n; i += some) {
		if (i)
			cond_resched();
		some = small_pages ? 1 : min_t(u32, n - i, MAP_LIST);
		if (small_pages)
			err = map_pages(domain, iova + tried, extents[i], iommu_prot(prot));
		else if (some == 1)
			err = map_one(domain, iova + tried, extents[i], iommu_prot(prot));
		else
			err = map_list(domain, iova + tried, extents + i, some, iommu_prot(prot));
		tried += stride_extents_pages(extents + i, some) << PAGE_SHIFT;
		if (err)
			goto sweep;
	}
	return 0;

sweep:
	*left |= !sweep_range(domain, iova, tried);
	return err;
}

/*
 * How much iommu_unmap_fast() hands to the driver at once: up to where iommu_pgsize() would choose
 * another size.
 */
static u64 one_step(u64 iova, u64 bytes)
{
	if (IS_ALIGNED(iova, PUD_SIZE) && bytes >= PUD_SIZE)
		return round_down(bytes, PUD_SIZE);
	if (IS_ALIGNED(iova, PMD_SIZE) && bytes >= PMD_SIZE)
		return min(round_down(bytes, PMD_SIZE), PUD_SIZE - iova % PUD_SIZE);
	return min(bytes, PMD_SIZE - iova % PMD_SIZE);
}

/*
 * A driver that finds this range unlike what it has gathered flushes the old one on its own, but by
 * then VT-d has put the tables of this one among those to be freed with it. So flush first.
 */
static bool must_sync(const struct iommu_iotlb_gather *gather, u64 iova, u64 bytes)
{
	if (!gather->pgsize)
		return false;
	return gather->pgsize != bytes || iova != gather->end + 1 ||
	       iova + bytes - gather->start > GATHER_BYTES;
}

/**
 * stride_iommu_clear() - remove translations; IOTLBs may hold them until the next sync
 * @engine:	the domain, its container locked
 * @iova:	from here on, bytes
 * @bytes:	how far
 *
 * Return: bytes from @iova on that are clear, less than @bytes or more; 0 if the IOMMU would not.
 */
u64 stride_iommu_clear(struct stride_domain *engine, u64 iova, u64 bytes)
{
	struct domain *domain = to_domain(engine);
	u64 step = one_step(iova, bytes);
	size_t cleared;

	if (must_sync(&domain->gather, iova, step))
		stride_iommu_sync(engine);
	cleared = iommu_unmap_fast(domain->domain, iova, step, &domain->gather);
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
