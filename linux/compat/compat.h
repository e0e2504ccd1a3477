/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels, each with one name that the rest of the module uses. No other
 * file asks for a kernel's version.
 */
#ifndef STRIDE_COMPAT_H
#define STRIDE_COMPAT_H

#include <linux/err.h>
#include <linux/iommu.h>
#include <linux/irqdomain.h>
#include <linux/mm.h>
#include <linux/vfio.h>

#include "series.h"

/* iommu_map() and iommu_map_sg() have their gfp argument since 6.3. */
static inline int compat_iommu_map(struct iommu_domain *domain, unsigned long iova,
				   phys_addr_t phys, size_t bytes, int prot)
{
#if COMPAT_6_1
	return iommu_map(domain, iova, phys, bytes, prot);
#else
	return iommu_map(domain, iova, phys, bytes, prot, GFP_KERNEL_ACCOUNT);
#endif
}

static inline ssize_t compat_iommu_map_sg(struct iommu_domain *domain, unsigned long iova,
					  struct scatterlist *list, unsigned int n, int prot)
{
#if COMPAT_6_1
	return iommu_map_sg(domain, iova, list, n, prot);
#else
	return iommu_map_sg(domain, iova, list, n, prot, GFP_KERNEL_ACCOUNT);
#endif
}

/*
 * Pin what is there: without faults, though on 6.12 still under the mmap lock where a fork is under
 * way or a page has to move. 6.1 would ignore FOLL_NOFAULT for hugetlb, and has FOLL_FAST_ONLY for
 * everybody.
 */
static inline long compat_pin_present(unsigned long vaddr, unsigned int npages, unsigned int flags,
				      struct page **pages)
{
#if COMPAT_6_1
	return pin_user_pages_fast(vaddr, npages, flags | FOLL_FAST_ONLY, pages);
#else
	return pin_user_pages_fast(vaddr, npages, flags | FOLL_NOFAULT, pages);
#endif
}

/* Touch pages and keep none. Under the mmap lock, which it does not drop. Returns how many. */
static inline long compat_fault_in(struct mm_struct *mm, unsigned long vaddr, unsigned long npages,
				   unsigned int flags)
{
#if COMPAT_6_1
	return get_user_pages_remote(mm, vaddr, npages, flags, NULL, NULL, NULL);
#else
	return get_user_pages_remote(mm, vaddr, npages, flags, NULL, NULL);
#endif
}

/* pin_user_pages_remote() gave VMAs too until 6.5. Under the mmap lock, which it does not drop. */
static inline long compat_pin_remote(struct mm_struct *mm, unsigned long vaddr,
				     unsigned long npages, unsigned int flags,
				     struct page **pages)
{
#if COMPAT_6_1
	return pin_user_pages_remote(mm, vaddr, npages, flags, pages, NULL, NULL);
#else
	return pin_user_pages_remote(mm, vaddr, npages, flags, pages, NULL);
#endif
}

/* A domain is allocated for a bus in 6.1, for a device since 6.11. Returns an ERR_PTR. */
static inline struct iommu_domain *compat_domain_alloc(struct device *dev)
{
#if COMPAT_6_1
	return iommu_domain_alloc(dev->bus) ?: ERR_PTR(-EIO);
#else
	return iommu_paging_domain_alloc(dev);
#endif
}

#if COMPAT_6_1
static inline int compat_device_remaps_interrupts(struct device *dev, void *unused)
{
	return device_iommu_capable(dev, IOMMU_CAP_INTR_REMAP);
}
#endif

/* A group answers for its MSIs since 6.3; in 6.1 the platform or the IOMMU does. */
static inline bool compat_group_has_isolated_msi(struct iommu_group *group)
{
#if COMPAT_6_1
	return irq_domain_check_msi_remap() ||
	       iommu_group_for_each_dev(group, NULL, compat_device_remaps_interrupts);
#else
	return iommu_group_has_isolated_msi(group);
#endif
}

/* Bytes of GET_INFO's answer that go back to a user with room for @argsz: no padding in 6.1. */
static inline size_t compat_info_bytes(size_t argsz)
{
#if COMPAT_6_1
	if (argsz < offsetofend(struct vfio_iommu_type1_info, cap_offset))
		return offsetofend(struct vfio_iommu_type1_info, iova_pgsizes);
	return offsetofend(struct vfio_iommu_type1_info, cap_offset);
#else
	return min(argsz, sizeof(struct vfio_iommu_type1_info));
#endif
}

/*
 * compat_follow_start(): lock the page table's entry of an address in a raw pfn mapping, which must
 * be present, until compat_follow_end(). follow_pte() in 6.1, which knows pages only;
 * follow_pfnmap_start() since 6.12, which knows leaves. Under the mmap lock.
 */
#if COMPAT_6_1
struct compat_follow {
	pte_t *ptep;
	spinlock_t *lock;	/* the page table's, held */
};

static inline int compat_follow_start(struct compat_follow *follow, struct vm_area_struct *vma,
				      unsigned long vaddr)
{
	return follow_pte(vma->vm_mm, vaddr, &follow->ptep, &follow->lock);
}

static inline void compat_follow_end(struct compat_follow *follow)
{
	__acquire(follow->lock);	/* follow_pte() did, and does not say so */
	pte_unmap_unlock(follow->ptep, follow->lock);
}
#else
struct compat_follow {
	struct follow_pfnmap_args args;
};

static inline int compat_follow_start(struct compat_follow *follow, struct vm_area_struct *vma,
				      unsigned long vaddr)
{
	follow->args = (struct follow_pfnmap_args){ .vma = vma, .address = vaddr };
	return follow_pfnmap_start(&follow->args);
}

static inline void compat_follow_end(struct compat_follow *follow)
{
	follow_pfnmap_end(&follow->args);
}
#endif

/*
 * An entry that maps something without a struct page of its own: PUDs and PMDs have that bit since
 * 6.12.
 */
static inline bool compat_pmd_special(pmd_t pmd)
{
#if COMPAT_6_1
	return false;
#else
	return pmd_special(pmd);
#endif
}

static inline bool compat_pud_special(pud_t pud)
{
#if COMPAT_6_1
	return false;
#else
	return pud_special(pud);
#endif
}

/* untagged_addr() covers x86's tags since 6.4 by asking the mm. */
static inline unsigned long compat_untagged_addr(struct mm_struct *mm, unsigned long vaddr)
{
#if COMPAT_6_1
	return untagged_addr(vaddr);
#else
	return untagged_addr_remote(mm, vaddr);
#endif
}

#endif
