/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Emulated devices (mdev), whose driver is the tests' own: tests/mdev.
 *
 * Each has a group of its own that joins a container without any IOMMU. It reaches memory only by
 * what vfio offers its driver, which here does as the test says: pin pages and use them, as if by
 * DMA, or have vfio copy. Results are the driver's: 0 or more, or -errno.
 */
#ifndef GUEST_EMULATED_H
#define GUEST_EMULATED_H

#include "vfio.h"

#include <stddef.h>

/* what one pin can take, by vfio */
#define EMULATED_PIN_MAX 512

struct emulated {
	struct vfio_device device;
};

/* a dma_unmap callback that came */
struct emulated_call {
	uint64_t iova, size;
};

/* the driver, and two devices; once a boot, so calling it again is harmless */
void emulated_load(void);

/* by which vfio knows device 0 or 1 */
const char *emulated_name(unsigned int index);

/* device 0 or 1; the driver unpins on close what it still holds */
void emulated_open(struct emulated *emulated, struct vfio_container *container, unsigned int index);
void emulated_close(struct emulated *emulated);

int emulated_pin(struct emulated *emulated, uint64_t iova, unsigned int npages, uint32_t prot);

/* asserts that the driver holds these pages */
void emulated_unpin(struct emulated *emulated, uint64_t iova, unsigned int npages);

/*
 * The processor reads the pages that the driver has pinned into the buffer, or writes it to them,
 * as DMA would; -EFAULT if any is not pinned by this device.
 */
int emulated_touch(struct emulated *emulated, uint64_t iova, void *buffer, size_t size, bool write);

/* vfio_dma_rw(), called by this process or by a kernel thread */
int emulated_rw(struct emulated *emulated, uint64_t iova, void *buffer, size_t size, bool write,
		bool kthread);

/* the driver is not to unpin in the next n callbacks */
void emulated_ignore(struct emulated *emulated, unsigned int n);

/* the next callback waits until it is resumed; and wait until it does */
void emulated_stall(struct emulated *emulated);
void emulated_wait_stalled(struct emulated *emulated);
void emulated_resume(struct emulated *emulated);

/* the number of callbacks since the last time, or since it was opened, and up to max of them */
unsigned int emulated_calls(struct emulated *emulated, struct emulated_call *calls,
			    unsigned int max);

#endif
