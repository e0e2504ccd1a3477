/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A container in the kernel: the engine's space, its lock, and what the host keeps beside it.
 *
 * Lock order: devices lock, container lock, mmap lock, page-table lock. vfio's own locks are
 * outside. The container lock is held around every call of the engine, and so in every function of
 * the host's table, but dropped while emulated devices' drivers are called: they come back for it,
 * with the devices lock held. So nobody who holds the container lock may wait for that one.
 */
#ifndef STRIDE_CONTAINER_H
#define STRIDE_CONTAINER_H

#include <linux/iommu.h>
#include <linux/lockdep.h>
#include <linux/mutex.h>
#include <linux/rbtree.h>
#include <linux/refcount.h>
#include <linux/types.h>

#include "../core/stride.h"

enum vfio_group_type;
struct team;
struct vfio_device;
struct vm_area_struct;

/**
 * struct faulting - what the calling thread faults in ahead of its pins
 * @vm_start:	the VMA of which a page was pinned last, bytes
 * @vm_end:	its end; 0 if there was none
 * @step:	its largest leaf, bytes
 * @tried_start: what of it has had its turn
 * @tried_end:	up to here
 * @team:	the thread and its helpers, or NULL
 */
struct faulting {
	unsigned long vm_start;
	unsigned long vm_end;
	unsigned long step;
	unsigned long tried_start;
	unsigned long tried_end;
	struct team *team;
};

/**
 * struct container - what an open container of ours is
 * @references:	vfio's until it releases the container, and one of each operation under way
 * @rcu:	frees it when no one can be about to take a reference
 * @number:	what vfio knows it by, never used again; constant
 * @link:	in the table of open containers
 * @lock:	serialises everything below but @devices
 * @closed:	released: only the memory is left
 * @space:	the engine's part
 * @index:	mappings by IOVA
 * @holds:	what emulated devices' drivers hold, by IOVA
 * @domains:	struct domain
 * @emulated:	struct group, of emulated devices
 * @pages:	STRIDE_BATCH pointers, room for what GUP returns
 * @faulting:	of the thread that holds @lock, and cleared when it lets go
 * @nesting:	domains must allow nesting; constant
 * @devices_lock: guards @devices
 * @devices:	open emulated devices whose drivers want to know what is unmapped
 */
struct container {
	refcount_t references;
	struct rcu_head rcu;
	unsigned long number;
	struct hlist_node link;
	struct mutex lock;	/* protects all but what devices_lock does */
	bool closed;
	struct stride_space space;
	struct rb_root index;
	struct rb_root holds;
	struct list_head domains;
	struct list_head emulated;
	struct page **pages;
	struct faulting faulting;
	bool nesting;
	struct mutex devices_lock;	/* protects devices; outside lock */
	struct list_head devices;
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
	struct rb_node node;
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

/**
 * struct group - a group of devices, real ones with a domain or emulated ones
 * @group:	the kernel's
 * @next:	in the domain's groups, or in the container's emulated ones
 * @pinned_page_dirty_scope: its devices write only to pages that their drivers hold
 */
struct group {
	struct iommu_group *group;
	struct list_head next;
	bool pinned_page_dirty_scope;
};

/**
 * struct hold - a page that drivers of emulated devices hold
 * @engine:	the engine's part
 * @node:	in the container's holds
 */
struct hold {
	struct stride_hold engine;
	struct rb_node node;
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
extern bool stride_disable_hugepages;
extern unsigned int stride_entry_limit;
extern bool stride_leaf_pins;
extern unsigned int stride_fault_threads;

/* container.c */
void *stride_vfio_open(unsigned long type);
void stride_vfio_release(void *data);
int stride_vfio_attach_group(void *data, struct iommu_group *iommu_group,
			     enum vfio_group_type type);
void stride_vfio_detach_group(void *data, struct iommu_group *iommu_group);
struct container *stride_container_get(void *data);
void stride_container_put(struct container *container);
int stride_container_lock(struct container *container);
void stride_container_unlock(struct container *container);
struct container *stride_container_enter(void *data);
void stride_container_leave(struct container *container);

/* The engine's table, host.c */
extern const struct stride_host stride_kernel_host;

/* account.c */
struct stride_mapping *stride_mapping_new(struct stride_space *space);
void stride_mapping_free(struct stride_mapping *mapping);
int stride_charge(struct stride_mapping *mapping, u64 npages);
u64 stride_charge_room(const struct stride_mapping *mapping);
void stride_uncharge(struct stride_mapping *mapping, u64 npages);
int stride_change_owner(struct stride_mapping *mapping);

/* pin.c */
int stride_pin(struct stride_space *space, struct stride_mapping *mapping, u64 vaddr, u32 npages,
	       u64 ahead, struct stride_extent *out);
void stride_unpin_extents(const struct stride_extent *extents, u32 n, bool dirty);
bool stride_is_ram(u64 pfn, u64 npages);

/* fault_ahead.c */
void stride_fault_ahead(struct container *container, unsigned long vaddr, u64 npages, bool write);
void stride_fault_ahead_in(struct container *container, struct vm_area_struct *vma);
void stride_fault_ahead_end(struct container *container);

/* leaf.c, pfnmap.c */
bool stride_leaf(struct stride_mapping *mapping, u64 vaddr, u64 npages, u64 pfn,
		 struct stride_leaf *leaf);
int stride_pfnmap(struct stride_mapping *mapping, u64 vaddr, u64 npages, struct stride_extent *out);

/* iommu.c */
int stride_iommu_map(struct stride_domain *domain, u64 iova, const struct stride_extent *extents,
		     u32 n, u32 prot, bool *left);
u64 stride_iommu_clear(struct stride_domain *domain, u64 iova, u64 bytes);
void stride_iommu_sync(struct stride_domain *domain);

/* group.c */
int stride_attach_group(struct container *container, struct iommu_group *iommu_group,
			bool emulated);
void stride_detach_group(struct container *container, struct iommu_group *iommu_group);
void stride_detach_all(struct container *container);
bool stride_coherent(struct container *container);
void stride_set_pinned_page_dirty_scope(struct container *container,
					struct iommu_group *iommu_group);

/* reserved.c */
int stride_valid_ranges(struct container *container, struct stride_ranges *valid);
int stride_reserve_msi(struct domain *domain, struct iommu_group *iommu_group);

/* emulated.c */
int stride_vfio_pin_pages(void *data, struct iommu_group *iommu_group, dma_addr_t iova, int npages,
			  int prot, struct page **pages);
void stride_vfio_unpin_pages(void *data, dma_addr_t iova, int npages);
int stride_vfio_dma_rw(void *data, dma_addr_t iova, void *buffer, size_t bytes, bool write);
void stride_vfio_register_device(void *data, struct vfio_device *device);
void stride_vfio_unregister_device(void *data, struct vfio_device *device);
void stride_notify_dma_unmap(struct stride_space *space, u64 iova, u64 bytes);
long stride_access_memory(struct stride_mapping *mapping, u64 vaddr, void *buffer, u64 bytes,
			  bool write);

/* ioctl.c, info.c */
long stride_vfio_ioctl(void *data, unsigned int cmd, unsigned long arg);
long stride_get_info(struct container *container, void __user *arg);

#endif
