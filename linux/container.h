/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A container in the kernel: the engine's space, its lock, and what the host keeps beside it.
 *
 * Lock order: container lock, then mmap lock, then page-table lock. vfio's own locks are outside. The
 * container lock is held around every call of the engine, and so in every function of the host's table.
 */
#ifndef STRIDE_CONTAINER_H
#define STRIDE_CONTAINER_H

#include <linux/interval_tree.h>
#include <linux/iommu.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>

#include "../core/map.h"

/**
 * struct container - what an open container of ours is
 * @lock:	serialises everything below
 * @space:	the engine's part
 * @index:	mappings by IOVA
 * @domains:	struct domain
 * @pages:	STRIDE_BATCH pointers, room for what GUP returns
 * @nesting:	domains must allow nesting; constant
 */
struct container {
	struct mutex lock;
	struct stride_space space;
	struct rb_root_cached index;
	struct list_head domains;
	struct page **pages;
	bool nesting;
};

/**
 * struct mapping - a mapping and who pays for it
 * @engine:	the engine's part
 * @node:	in the container's index
 * @mm:		whose locked memory is charged; a reference on the structure, not on the memory
 * @task:	the leader of the process that mapped; its limits count
 * @may_exceed:	it had CAP_IPC_LOCK
 */
struct mapping {
	struct stride_mapping engine;
	struct interval_tree_node node;
	struct mm_struct *mm;
	struct task_struct *task;
	bool may_exceed;
};

/**
 * struct domain - an IOMMU domain and the groups that use it
 * @engine:	the engine's part
 * @domain:	the kernel's
 * @gather:	what was cleared since the last sync
 * @unsynced:	there is something in it
 * @groups:	struct group
 * @next:	in the container's domains
 * @coherent:	no device can bypass the CPU's caches
 */
struct domain {
	struct stride_domain engine;
	struct iommu_domain *domain;
	struct iommu_iotlb_gather gather;
	bool unsynced;
	struct list_head groups;
	struct list_head next;
	bool coherent;
};

/** struct group - a group of devices that uses a domain */
struct group {
	struct iommu_group *group;
	struct list_head next;
};

static inline struct container *container_of_space(struct stride_space *space)
{
	return container_of(space, struct container, space);
}

static inline struct mapping *to_mapping(struct stride_mapping *engine)
{
	return container_of(engine, struct mapping, engine);
}

/* Module parameters, main.c */
extern bool stride_unsafe_interrupts;
extern bool stride_small_pages;
extern bool stride_leaf_pins;

/* The engine's table, host.c */
extern const struct stride_host stride_kernel_host;

/* account.c */
struct stride_mapping *stride_mapping_new(struct stride_space *space);
void stride_mapping_free(struct stride_mapping *mapping);
int stride_charge(struct stride_mapping *mapping, u64 npages);
void stride_uncharge(struct stride_mapping *mapping, u64 npages);

/* pin.c */
int stride_pin(struct stride_space *space, u64 vaddr, u32 npages, bool write,
	       struct stride_extent *out);
void stride_unpin_extents(const struct stride_extent *extents, u32 n, bool dirty);
bool stride_ordinary(u64 pfn, u64 npages);

/* leaf.c, raw.c */
bool stride_leaf(u64 vaddr, u64 pfn, struct stride_leaf *leaf);
int stride_raw(u64 vaddr, u64 npages, bool write, struct stride_extent *out);

/* iommu.c */
int stride_iommu_map(struct stride_domain *domain, u64 iova, const struct stride_extent *extents,
		     u32 n, u32 prot);
u64 stride_iommu_clear(struct stride_domain *domain, u64 iova, u64 bytes);
void stride_iommu_sync(struct stride_domain *domain);

/* group.c */
int stride_attach_group(struct container *container, struct iommu_group *iommu_group);
void stride_detach_group(struct container *container, struct iommu_group *iommu_group);
void stride_detach_all(struct container *container);
bool stride_coherent(struct container *container);

/* ioctl.c, info.c */
long stride_ioctl(struct container *container, unsigned int cmd, unsigned long arg);
long stride_get_info(struct container *container, void __user *arg);

#endif
