/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The pages that an emulated device has pinned and not unpinned. Callers hold the device's lock.
 */
#ifndef TEST_MDEV_HELD_H
#define TEST_MDEV_HELD_H

#include <linux/vfio.h>
#include <linux/xarray.h>

/* by IOVA: each page with the number of pins on it */
struct held {
	struct vfio_device *vdev;
	struct xarray pages;
};

void held_init(struct held *held, struct vfio_device *vdev);

/* as vfio_pin_pages() and vfio_unpin_pages() */
int held_pin(struct held *held, u64 iova, u32 npages, u32 prot);
int held_unpin(struct held *held, u64 iova, u32 npages);

/* drops all pins on pages that begin in [first, last] */
void held_drop(struct held *held, u64 first, u64 last);

/* between a kernel buffer and the pages */
int held_copy(struct held *held, u64 iova, void *buffer, u64 size, bool write);

#endif
