/* SPDX-License-Identifier: GPL-2.0 */
/*
 * QEMU's edu device: real DMA through the IOMMU, at 100 ms a transfer.
 *
 * The device has a buffer of its own, which only its DMA reaches: edu_load() fills it from an
 * IOVA, edu_store() writes it to an IOVA. A transfer that the IOMMU refuses ends like any other;
 * whether it happened is to be seen in memory alone (see reach.h).
 */
#ifndef GUEST_EDU_H
#define GUEST_EDU_H

#include "vfio.h"

#define EDU_FIRST "0000:00:06.0"
#define EDU_SECOND "0000:00:07.0"

/* half of the buffer: QEMU before 8.1 ends at a transfer that reaches the buffer's end */
#define EDU_MAX 2048ull

/* a page of IOVA that edu_read() and edu_write() map and unmap for themselves */
#define EDU_SCRATCH_IOVA 0x10000ull

struct edu {
	struct vfio_device device;
	volatile void *bar;
	uint64_t bar_size;
};

void edu_open(struct edu *edu, struct vfio_container *container, const char *bdf);

/* without vfio, by way of sysfs: a device that no container has */
void edu_open_bare(struct edu *edu, const char *bdf);
void edu_close(struct edu *edu);

/* one transfer each */
void edu_load(struct edu *edu, uint64_t iova, uint64_t size);
void edu_store(struct edu *edu, uint64_t iova, uint64_t size);

/* two transfers each: what the device reads at an IOVA, and what it is to write there */
void edu_read(struct edu *edu, uint64_t iova, void *to, uint64_t size);
void edu_write(struct edu *edu, uint64_t iova, const void *from, uint64_t size);

/* the second half alone of edu_read(): what the device's buffer holds */
void edu_buffer(struct edu *edu, void *to, uint64_t size);

#endif
