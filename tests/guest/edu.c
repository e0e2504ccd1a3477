// SPDX-License-Identifier: GPL-2.0
/*
 * QEMU's edu device. See edu.h.
 */
#include "cm.h"
#include "edu.h"

#include <fcntl.h>
#include <limits.h>
#include <linux/pci_regs.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#define EDU_ID 0x010000ed
#define EDU_BAR_SIZE MIB
#define EDU_SOURCE 0x80
#define EDU_DESTINATION 0x88
#define EDU_COUNT 0x90
#define EDU_COMMAND 0x98
#define EDU_START 1
#define EDU_TO_MEMORY 2
#define EDU_BUFFER 0x40000

#define TRANSFER_MS 100
#define TRANSFER_LIMIT_MS 5000

static volatile uint64_t *edu_register(struct edu *edu, size_t offset)
{
	return (volatile uint64_t *)((volatile char *)edu->bar + offset);
}

static void check_identity(struct edu *edu)
{
	assert_int_equal(*(volatile uint32_t *)edu->bar, EDU_ID);
}

void edu_open(struct edu *edu, struct vfio_container *container, const char *bdf)
{
	vfio_device_open(&edu->device, container, bdf);
	vfio_device_enable_dma(&edu->device);
	edu->bar = vfio_device_bar(&edu->device, 0, NULL, &edu->bar_size);
	check_identity(edu);
}

static void sysfs_enable_dma(const char *bdf)
{
	char path[PATH_MAX];
	uint16_t command;
	int fd;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(pread(fd, &command, sizeof(command), PCI_COMMAND), sizeof(command));
	command |= PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER;
	assert_int_equal(pwrite(fd, &command, sizeof(command), PCI_COMMAND), sizeof(command));
	close(fd);
}

void edu_open_bare(struct edu *edu, const char *bdf)
{
	char path[PATH_MAX];
	void *bar;
	int fd;

	sysfs_enable_dma(bdf);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0", bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	bar = mmap(NULL, EDU_BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_ptr_not_equal(bar, MAP_FAILED);
	edu->bar = bar;
	edu->bar_size = EDU_BAR_SIZE;
	check_identity(edu);
}

void edu_close(struct edu *edu)
{
	if (edu->bar)
		munmap((void *)edu->bar, edu->bar_size);
	edu->bar = NULL;
	vfio_device_close(&edu->device);
}

/*
 * Polled, not by interrupt: a device without vfio has none to wait for. It never ends before its
 * time, so asking earlier would only cost an emulated processor's time.
 */
static void wait_for_end(struct edu *edu)
{
	struct timespec pause = { .tv_nsec = TRANSFER_MS * 1000000 };

	for (int i = 0; i < TRANSFER_LIMIT_MS; i++) {
		nanosleep(&pause, NULL);
		if (!(*edu_register(edu, EDU_COMMAND) & EDU_START))
			return;
		pause.tv_nsec = 1000000;
	}
	fail_msg("the edu device does not end its transfer");
}

static void transfer(struct edu *edu, uint64_t from, uint64_t to, uint64_t size, uint64_t command)
{
	assert_in_range(size, 1, EDU_MAX);
	*edu_register(edu, EDU_SOURCE) = from;
	*edu_register(edu, EDU_DESTINATION) = to;
	*edu_register(edu, EDU_COUNT) = size;
	*edu_register(edu, EDU_COMMAND) = command | EDU_START;
	wait_for_end(edu);
}

void edu_load(struct edu *edu, uint64_t iova, uint64_t size)
{
	transfer(edu, iova, EDU_BUFFER, size, 0);
}

void edu_store(struct edu *edu, uint64_t iova, uint64_t size)
{
	transfer(edu, EDU_BUFFER, iova, size, EDU_TO_MEMORY);
}

static void *scratch_get(struct edu *edu)
{
	void *at = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(at, MAP_FAILED);
	assert_map(edu->device.container, EDU_SCRATCH_IOVA, at, PAGE);
	return at;
}

static void scratch_put(struct edu *edu, void *at)
{
	assert_unmap(edu->device.container, EDU_SCRATCH_IOVA, PAGE);
	munmap(at, PAGE);
}

void edu_buffer(struct edu *edu, void *to, uint64_t size)
{
	void *scratch = scratch_get(edu);

	edu_store(edu, EDU_SCRATCH_IOVA, size);
	memcpy(to, scratch, size);
	scratch_put(edu, scratch);
}

void edu_read(struct edu *edu, uint64_t iova, void *to, uint64_t size)
{
	edu_load(edu, iova, size);
	edu_buffer(edu, to, size);
}

void edu_write(struct edu *edu, uint64_t iova, const void *from, uint64_t size)
{
	void *scratch = scratch_get(edu);

	memcpy(scratch, from, size);
	edu_load(edu, EDU_SCRATCH_IOVA, size);
	scratch_put(edu, scratch);
	edu_store(edu, iova, size);
}
