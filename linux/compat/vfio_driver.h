/* SPDX-License-Identifier: GPL-2.0 */
/*
 * vfio's interface to IOMMU drivers, which the kernel keeps to itself. check-kernel compares this
 * copy with the kernel's own types, and compiles it alone for that: no more headers here.
 */
#ifndef STRIDE_COMPAT_VFIO_DRIVER_H
#define STRIDE_COMPAT_VFIO_DRIVER_H

#include <linux/types.h>

#include "series.h"

struct iommu_domain;
struct iommu_group;
struct module;
struct page;
struct vfio_device;

enum vfio_group_type {
	VFIO_IOMMU,
	VFIO_EMULATED_IOMMU,
	VFIO_NO_IOMMU,
};

#if COMPAT_6_1
enum vfio_iommu_notify_type {
	VFIO_IOMMU_CONTAINER_CLOSE,
};
#endif

struct vfio_iommu_driver_ops {
	char *name;
	struct module *owner;
	void *(*open)(unsigned long type);
	void (*release)(void *data);
	long (*ioctl)(void *data, unsigned int cmd, unsigned long arg);
	int (*attach_group)(void *data, struct iommu_group *group, enum vfio_group_type type);
	void (*detach_group)(void *data, struct iommu_group *group);
	int (*pin_pages)(void *data, struct iommu_group *group, dma_addr_t iova, int npages,
			 int prot, struct page **pages);
	void (*unpin_pages)(void *data, dma_addr_t iova, int npages);
	void (*register_device)(void *data, struct vfio_device *device);
	void (*unregister_device)(void *data, struct vfio_device *device);
	int (*dma_rw)(void *data, dma_addr_t iova, void *buffer, size_t bytes, bool write);
	struct iommu_domain *(*group_iommu_domain)(void *data, struct iommu_group *group);
#if COMPAT_6_1	/* vaddr updates stopped waiting in 6.2 */
	void (*notify)(void *data, enum vfio_iommu_notify_type event);
#endif
};

int vfio_register_iommu_driver(const struct vfio_iommu_driver_ops *ops);
void vfio_unregister_iommu_driver(const struct vfio_iommu_driver_ops *ops);

#endif
