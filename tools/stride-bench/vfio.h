/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One device behind one type1v2 container. Whatever stands in the way ends the program with one
 * line that names the command which mends it; so no call here returns an error.
 */
#ifndef STRIDE_BENCH_VFIO_H
#define STRIDE_BENCH_VFIO_H

#include <stdbool.h>
#include <stdint.h>

struct vfio {
	const char *address;	/* of the PCI device, as in sysfs */
	int container;
	int device;
};

struct vfio_bar {
	uint64_t size;
	uint64_t offset;	/* into the device's file, for mmap */
};

/* The driver that serves the containers of this machine. */
struct vfio_driver {
	const char *name;	/* "in-tree" or "stride" */
	char version[32];
	unsigned int fault_threads;	/* at most, that fault missing memory in */
};

void vfio_open(struct vfio *vfio, const char *address);
void vfio_driver(struct vfio_driver *driver);

/* Is this a memory BAR that may be mapped? If so, where. */
bool vfio_bar(const struct vfio *vfio, unsigned int index, struct vfio_bar *bar);

/* The lowest IOVA, aligned to 1 GiB, from which on @size bytes may be mapped. */
uint64_t vfio_iova(const struct vfio *vfio, uint64_t size);

/* Both return the nanoseconds that it took, in calls of @call bytes, which divides @size. */
uint64_t vfio_map(const struct vfio *vfio, uint64_t iova, void *addr, uint64_t size, uint64_t call,
		  uint32_t flags);
uint64_t vfio_unmap(const struct vfio *vfio, uint64_t iova, uint64_t size, uint64_t call);

#endif
