// SPDX-License-Identifier: GPL-2.0
/*
 * The public user API of vfio. See vfio.h.
 */
#include "cm.h"
#include "vfio.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

long vfio_call(const struct vfio_container *container, unsigned long request, const void *arg)
{
	long ret = ioctl(container->fd, request, arg);

	return ret < 0 ? -errno : ret;
}

void vfio_container_open(struct vfio_container *container, unsigned long type)
{
	container->type = type;
	container->groups = 0;
	container->fd = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	assert_true(container->fd >= 0);
}

void vfio_container_close(struct vfio_container *container)
{
	close_fd(&container->fd);
}

bool vfio_in_tree(void)
{
	FILE *file = fopen("/sys/module/vfio_iommu_type1/version", "r");
	int first;

	assert_non_null(file);
	first = fgetc(file);
	fclose(file);
	return first == '0';
}

int vfio_group_fd(const char *name)
{
	const char *bus = strchr(name, ':') ? "pci" : "mdev";
	char link[PATH_MAX], target[PATH_MAX], path[PATH_MAX];
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/bus/%s/devices/%s/iommu_group", bus, name);
	n = readlink(link, target, sizeof(target) - 1);
	assert_true(n > 0);
	target[n] = '\0';
	snprintf(path, sizeof(path), "/dev/vfio/%s", basename(target));
	return open(path, O_RDWR | O_CLOEXEC);
}

int vfio_group_open(struct vfio_device *device, struct vfio_container *container, const char *name)
{
	int ret = 0;

	device->container = container;
	device->fd = -1;
	device->group = vfio_group_fd(name);
	assert_true(device->group >= 0);
	if (ioctl(device->group, VFIO_GROUP_SET_CONTAINER, &container->fd))
		ret = -errno;
	if (!container->groups++ && !ret)
		ret = vfio_call(container, VFIO_SET_IOMMU, (void *)container->type);
	if (ret)
		vfio_device_close(device);
	return ret;
}

void vfio_group_leave(const struct vfio_device *device)
{
	assert_int_equal(ioctl(device->group, VFIO_GROUP_UNSET_CONTAINER), 0);
}

void vfio_device_open(struct vfio_device *device, struct vfio_container *container,
		      const char *name)
{
	assert_int_equal(vfio_group_open(device, container, name), 0);
	device->fd = ioctl(device->group, VFIO_GROUP_GET_DEVICE_FD, name);
	assert_true(device->fd >= 0);
}

void vfio_device_close(struct vfio_device *device)
{
	if (device->group >= 0)
		device->container->groups--;
	close_fd(&device->fd);
	close_fd(&device->group);
}

/* an address aligned to as much of the size as a page table's leaf can cover; none of it mapped */
static void *aligned_address(uint64_t size)
{
	uint64_t align = size < GIB ? size : GIB;
	uintptr_t at = (uintptr_t)mmap(NULL, size + align, PROT_NONE,
				       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_int_not_equal(at, (uintptr_t)MAP_FAILED);
	munmap((void *)at, size + align);
	return (void *)((at + align - 1) & ~(align - 1));
}

void *vfio_device_bar(const struct vfio_device *device, unsigned int bar, void *at, uint64_t *size)
{
	struct vfio_region_info info = { .argsz = sizeof(info), .index = bar };

	assert_int_equal(ioctl(device->fd, VFIO_DEVICE_GET_REGION_INFO, &info), 0);
	assert_true(info.flags & VFIO_REGION_INFO_FLAG_MMAP);
	if (!at)
		at = aligned_address(info.size);
	at = mmap(at, info.size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, device->fd,
		  info.offset);
	assert_ptr_not_equal(at, MAP_FAILED);
	*size = info.size;
	return at;
}

static void change_command(const struct vfio_device *device, uint16_t set, uint16_t clear)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = VFIO_PCI_CONFIG_REGION_INDEX,
	};
	uint16_t command;
	off_t at;

	assert_int_equal(ioctl(device->fd, VFIO_DEVICE_GET_REGION_INFO, &info), 0);
	at = info.offset + PCI_COMMAND;
	assert_int_equal(pread(device->fd, &command, sizeof(command), at), sizeof(command));
	command = (command & ~clear) | set;
	assert_int_equal(pwrite(device->fd, &command, sizeof(command), at), sizeof(command));
}

void vfio_device_enable_dma(const struct vfio_device *device)
{
	change_command(device, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 0);
}

void vfio_device_enable_bars(const struct vfio_device *device, bool enable)
{
	change_command(device, enable ? PCI_COMMAND_MEMORY : 0, enable ? 0 : PCI_COMMAND_MEMORY);
}

int vfio_map(const struct vfio_container *container, uint64_t iova, const void *at, uint64_t size,
	     uint32_t flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.vaddr = (uintptr_t)at,
		.iova = iova,
		.size = size,
	};

	return vfio_call(container, VFIO_IOMMU_MAP_DMA, &map);
}

int vfio_unmap(const struct vfio_container *container, uint64_t iova, uint64_t size, uint32_t flags,
	       uint64_t *written)
{
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.flags = flags,
		.iova = iova,
		.size = size,
	};
	int ret = vfio_call(container, VFIO_IOMMU_UNMAP_DMA, &unmap);

	if (written)
		*written = unmap.size;
	return ret;
}

void vfio_parameter_set(const char *name, const char *value, char old[32])
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/module/vfio_iommu_type1/parameters/%s", name);
	file = fopen(path, "r+");
	assert_non_null(file);
	if (old)
		assert_non_null(fgets(old, 32, file));
	rewind(file);
	assert_true(fputs(value, file) >= 0);
	assert_int_equal(fclose(file), 0);
}
