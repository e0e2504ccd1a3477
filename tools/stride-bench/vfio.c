// SPDX-License-Identifier: GPL-2.0
/*
 * The container: opening it for one device, what may be mapped in it, and the system calls that are
 * measured.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "sysfs.h"
#include "text.h"
#include "vfio.h"

static void explain_unbound(const char *address)
{
	char unbind[128] = "";

	if (sysfs_exists("/sys/bus/pci/devices/%s/driver", address))
		snprintf(unbind, sizeof(unbind), "echo %s >devices/%s/driver/unbind; ",
			 address, address);
	errx(1, "%s is not bound to vfio-pci: as root, 'modprobe vfio-pci; cd /sys/bus/pci; "
	     "echo vfio-pci >devices/%s/driver_override; %secho %s >drivers_probe'",
	     address, address, unbind, address);
}

static void check_device(const char *address)
{
	if (!sysfs_exists("/sys/bus/pci/devices/%s", address))
		errx(1, "%s: no such device: find its full address with 'lspci -D'", address);
	if (!sysfs_exists("/sys/bus/pci/devices/%s/iommu_group", address))
		errx(1, "%s is in no IOMMU group: enable VT-d or AMD-Vi in the firmware and boot "
		     "with 'intel_iommu=on' or 'amd_iommu=on'", address);
	/* This folder also stands for the vendors' own variants of vfio-pci. */
	if (!sysfs_exists("/sys/bus/pci/devices/%s/vfio-dev", address))
		explain_unbound(address);
}

static int open_group(const char *address)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int number = sysfs_link_number("/sys/bus/pci/devices/%s/iommu_group", address);
	char path[64];
	int group;

	snprintf(path, sizeof(path), "/dev/vfio/%d", number);
	group = open(path, O_RDWR | O_CLOEXEC);
	if (group < 0 && (errno == EACCES || errno == EPERM))
		errx(1, "no permission for %s: 'sudo chown %d %s'", path, getuid(), path);
	if (group < 0 && errno == EBUSY)
		errx(1, "%s is in use: end what 'fuser -v %s' shows", path, path);
	if (group < 0)
		err(1, "%s: 'modprobe vfio' gives it, unless the kernel lacks VFIO_GROUP", path);

	if (ioctl(group, VFIO_GROUP_GET_STATUS, &status))
		err(1, "%s: status", path);
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		errx(1, "%s shares its group with devices of other drivers: bind all in "
		     "'ls /sys/kernel/iommu_groups/%d/devices' to vfio-pci", address, number);
	return group;
}

static int open_container(void)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);

	if (container < 0 && errno == EACCES)
		errx(1, "no permission for /dev/vfio/vfio: 'sudo chmod a+rw /dev/vfio/vfio'");
	if (container < 0)
		err(1, "/dev/vfio/vfio: 'modprobe vfio'");
	if (ioctl(container, VFIO_CHECK_EXTENSION, VFIO_TYPE1v2_IOMMU) != 1)
		errx(1, "no type1 driver is loaded: 'modprobe vfio_iommu_type1'");
	return container;
}

static void attach(int container, int group)
{
	if (ioctl(group, VFIO_GROUP_SET_CONTAINER, &container))
		err(1, "the group cannot join the container");
	if (!ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return;
	if (errno == EPERM)
		errx(1, "this machine does not isolate interrupts: if its devices may be trusted, "
		     "'echo Y >/sys/module/vfio_iommu_type1/parameters/allow_unsafe_interrupts'");
	err(1, "the type1 driver refuses the device: see 'dmesg'");
}

void vfio_open(struct vfio *vfio, const char *address)
{
	int group;

	check_device(address);
	group = open_group(address);
	vfio->address = address;
	vfio->container = open_container();
	attach(vfio->container, group);
	vfio->device = ioctl(group, VFIO_GROUP_GET_DEVICE_FD, address);
	if (vfio->device < 0)
		err(1, "%s cannot be opened: see 'dmesg'", address);
}

/* Most threads that fault memory in: stride's parameter, or as many as we have processors. */
static unsigned int fault_threads(void)
{
	long limit = sysfs_number("/sys/module/vfio_iommu_type1/parameters/fault_threads");
	cpu_set_t processors;

	if (limit < 1 || sched_getaffinity(0, sizeof(processors), &processors))
		return 1;
	return limit < CPU_COUNT(&processors) ? limit : CPU_COUNT(&processors);
}

/* Both drivers bear the same name; the in-tree one has always been 0.2, stride starts at 1.0. */
void vfio_driver(struct vfio_driver *driver)
{
	if (!sysfs_read(driver->version, sizeof(driver->version),
			"/sys/module/vfio_iommu_type1/version"))
		errx(1, "no type1 driver is loaded: 'modprobe vfio_iommu_type1'");
	driver->name = atoi(driver->version) >= 1 ? "stride" : "in-tree";
	driver->fault_threads = fault_threads();
}

bool vfio_bar(const struct vfio *vfio, unsigned int index, struct vfio_bar *bar)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_BAR0_REGION_INDEX + index,
	};

	if (ioctl(vfio->device, VFIO_DEVICE_GET_REGION_INFO, &info))
		err(1, "%s: region %u", vfio->address, index);
	bar->size = info.size;
	bar->offset = info.offset;
	return info.size && info.flags & VFIO_REGION_INFO_FLAG_MMAP;
}

static struct vfio_iommu_type1_info *get_info(int container)
{
	struct vfio_iommu_type1_info *info = NULL;
	uint32_t size = sizeof(*info);

	/* The first answer says how much room the second one needs. */
	for (;;) {
		info = realloc(info, size);
		if (!info)
			err(1, "container");
		*info = (struct vfio_iommu_type1_info){ .argsz = size };
		if (ioctl(container, VFIO_IOMMU_GET_INFO, info))
			err(1, "VFIO_IOMMU_GET_INFO");
		if (info->argsz <= size)
			return info;
		size = info->argsz;
	}
}

static const struct vfio_iommu_type1_info_cap_iova_range *
valid_ranges(const struct vfio_iommu_type1_info *info)
{
	uint32_t next = info->flags & VFIO_IOMMU_INFO_CAPS ? info->cap_offset : 0;

	while (next) {
		const struct vfio_info_cap_header *cap = (const void *)((const char *)info + next);

		if (cap->id == VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE)
			return (const void *)cap;
		next = cap->next;
	}
	errx(1, "the type1 driver does not tell its valid IOVA ranges: a kernel from 5.4 on does");
}

uint64_t vfio_iova(const struct vfio *vfio, uint64_t size)
{
	struct vfio_iommu_type1_info *info = get_info(vfio->container);
	const struct vfio_iommu_type1_info_cap_iova_range *valid = valid_ranges(info);
	char text[SIZE_TEXT];

	for (uint32_t i = 0; i < valid->nr_iovas; i++) {
		uint64_t start = (valid->iova_ranges[i].start + GIB - 1) & ~(GIB - 1);
		uint64_t last = valid->iova_ranges[i].end;

		if (start <= last && size - 1 <= last - start) {
			free(info);
			return start;
		}
	}
	errx(1, "the IOMMU has no room for %s: ask for less", size_text(text, size));
}

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ULL + now.tv_nsec;
}

uint64_t vfio_map(const struct vfio *vfio, uint64_t iova, void *addr, uint64_t size, uint64_t call,
		  uint32_t flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.size = call,
	};
	uint64_t start = now_ns();

	for (uint64_t done = 0; done < size; done += call) {
		map.vaddr = (uintptr_t)addr + done;
		map.iova = iova + done;
		if (ioctl(vfio->container, VFIO_IOMMU_MAP_DMA, &map))
			err(1, "VFIO_IOMMU_MAP_DMA: see 'dmesg'");
	}
	return now_ns() - start;
}

uint64_t vfio_unmap(const struct vfio *vfio, uint64_t iova, uint64_t size, uint64_t call)
{
	struct vfio_iommu_type1_dma_unmap unmap = { .argsz = sizeof(unmap), .size = call };
	uint64_t start = now_ns();

	for (uint64_t done = 0; done < size; done += call) {
		unmap.iova = iova + done;
		if (ioctl(vfio->container, VFIO_IOMMU_UNMAP_DMA, &unmap))
			err(1, "VFIO_IOMMU_UNMAP_DMA: see 'dmesg'");
		if (unmap.size != call)
			errx(1, "the driver unmapped %#llx of %#llx bytes: report this", unmap.size,
			     (unsigned long long)call);
	}
	return now_ns() - start;
}
