/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The public user API of vfio, as thin as it can be.
 *
 * What must work for a test to go on is asserted here; what a test judges comes back as 0 or
 * -errno. A closed descriptor is -1, so that closing twice is harmless and a teardown may close
 * whatever a failed test has left open.
 */
#ifndef GUEST_VFIO_H
#define GUEST_VFIO_H

#include <linux/vfio.h>
#include <stdbool.h>
#include <stdint.h>

#define PAGE 4096ull
#define MIB (1ull << 20)
#define GIB (1ull << 30)

#define DEVICE_READ VFIO_DMA_MAP_FLAG_READ
#define DEVICE_WRITE VFIO_DMA_MAP_FLAG_WRITE
#define DEVICE_BOTH (DEVICE_READ | DEVICE_WRITE)

struct vfio_container {
	int fd;
	unsigned long type;	/* VFIO_TYPE1_IOMMU or VFIO_TYPE1v2_IOMMU */
	int groups;		/* a container has its type while it has groups */
};

struct vfio_device {
	struct vfio_container *container;
	int group;
	int fd;
};

void vfio_container_open(struct vfio_container *container, unsigned long type);
void vfio_container_close(struct vfio_container *container);

/* which driver is judged, where the two are intended to differ */
bool vfio_in_tree(void);

/*
 * The device's group joins the container, and leaves it again. The name is a PCI device's address
 * or an emulated device's UUID.
 */
void vfio_device_open(struct vfio_device *device, struct vfio_container *container,
		      const char *name);
void vfio_device_close(struct vfio_device *device);

/* the first half of vfio_device_open(): whether the group may join; if not, the device is closed */
int vfio_group_open(struct vfio_device *device, struct vfio_container *container, const char *name);

/* its group leaves the container, but stays open; it has no open device */
void vfio_group_leave(const struct vfio_device *device);

/* its group alone, in no container: a descriptor, or -1 */
int vfio_group_fd(const char *name);

/*
 * Maps a whole BAR into this process, over what is at the address, or for NULL where it is aligned
 * so that huge leaves can map it. The caller unmaps it.
 */
void *vfio_device_bar(const struct vfio_device *device, unsigned int bar, void *at, uint64_t *size);
void vfio_device_enable_bars(const struct vfio_device *device, bool enable);
void vfio_device_enable_dma(const struct vfio_device *device);

int vfio_map(const struct vfio_container *container, uint64_t iova, const void *at, uint64_t size,
	     uint32_t flags);

/* written: the size field as the kernel left it, also after an error; may be NULL */
int vfio_unmap(const struct vfio_container *container, uint64_t iova, uint64_t size, uint32_t flags,
	       uint64_t *written);

/* any ioctl of the container: its result, or -errno */
long vfio_call(const struct vfio_container *container, unsigned long request, const void *arg);

/* for both reading and writing; and a whole mapping's end */
#define assert_map(container, iova, at, size) \
	assert_int_equal(vfio_map(container, iova, at, size, DEVICE_BOTH), 0)

#define assert_unmap(container, iova, size) \
	do { \
		uint64_t _written; \
		assert_int_equal(vfio_unmap(container, iova, size, 0, &_written), 0); \
		assert_int_equal(_written, size); \
	} while (0)

/* a parameter of whichever driver is loaded; writing asserts, old (may be NULL) gets the value */
void vfio_parameter_set(const char *name, const char *value, char old[32]);

#endif
