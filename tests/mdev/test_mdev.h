/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The ioctls by which a test has an emulated device use its memory. For user space too: see
 * tests/guest/emulated.h, which is how tests call them.
 */
#ifndef TEST_MDEV_H
#define TEST_MDEV_H

#include <linux/ioctl.h>
#include <linux/types.h>

struct test_mdev_pages {
	__u64 iova;
	__u32 npages;
	__u32 prot;		/* to pin: VFIO_DMA_MAP_FLAG_READ, WRITE */
};

struct test_mdev_transfer {
	__u64 iova;
	__u64 buffer;		/* in the caller's memory */
	__u64 size;
	__u32 write;		/* to the IOVA */
	__u32 kthread;		/* vfio_dma_rw() by a kernel thread instead of the caller */
};

/* one call of the device's dma_unmap */
struct test_mdev_call {
	__u64 iova;
	__u64 size;
};

#define TEST_MDEV_CALLS_MAX 64

struct test_mdev_calls {
	__u32 count;		/* also of those that there was no room for */
	__u32 reserved;
	struct test_mdev_call calls[TEST_MDEV_CALLS_MAX];
};

/* vfio_pin_pages()'s result; to unpin pages that the device does not all hold is EINVAL */
#define TEST_MDEV_PIN _IOW('t', 0, struct test_mdev_pages)
#define TEST_MDEV_UNPIN _IOW('t', 1, struct test_mdev_pages)

/* reads or writes the pages that the device holds; EFAULT where it holds none */
#define TEST_MDEV_TOUCH _IOW('t', 2, struct test_mdev_transfer)

/* vfio_dma_rw()'s result */
#define TEST_MDEV_RW _IOW('t', 3, struct test_mdev_transfer)

/* the next so many calls of dma_unmap unpin nothing */
#define TEST_MDEV_IGNORE _IO('t', 4)

/* the calls since the last time */
#define TEST_MDEV_CALLS _IOR('t', 5, struct test_mdev_calls)

/* the next call of dma_unmap waits; wait until it is there; let it go on */
#define TEST_MDEV_STALL _IO('t', 6)
#define TEST_MDEV_STALLED _IO('t', 7)
#define TEST_MDEV_RESUME _IO('t', 8)

/* the file in /dev to which pfns are written, a __u64 each, to map their pages in that order */
#define TEST_MDEV_PFNMAP "test_pfnmap"
#define TEST_MDEV_PFNS_MAX 512

#endif
