// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated devices. See emulated.h.
 */
#include "../mdev/test_mdev.h"
#include "cm.h"
#include "emulated.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define MODULE "/lib/stride/test_mdev.ko"
#define CREATE "/sys/devices/test_mdev/mdev_supported_types/-any/create"

static const char *const uuids[] = {
	"5f3d0000-7374-7269-6465-000000000001",
	"5f3d0000-7374-7269-6465-000000000002",
};

static void create(const char *uuid)
{
	FILE *file = fopen(CREATE, "w");

	assert_non_null(file);
	assert_true(fputs(uuid, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

void emulated_load(void)
{
	if (!access("/sys/module/test_mdev", F_OK))
		return;
	assert_int_equal(system("modprobe mdev && insmod " MODULE), 0);
	create(uuids[0]);
	create(uuids[1]);
}

const char *emulated_name(unsigned int index)
{
	return uuids[index];
}

void emulated_open(struct emulated *emulated, struct vfio_container *container, unsigned int index)
{
	vfio_device_open(&emulated->device, container, emulated_name(index));
}

void emulated_close(struct emulated *emulated)
{
	vfio_device_close(&emulated->device);
}

static int call(struct emulated *emulated, unsigned long request, const void *arg)
{
	int ret = ioctl(emulated->device.fd, request, arg);

	return ret < 0 ? -errno : ret;
}

int emulated_pin(struct emulated *emulated, uint64_t iova, unsigned int npages, uint32_t prot)
{
	struct test_mdev_pages pages = { .iova = iova, .npages = npages, .prot = prot };

	return call(emulated, TEST_MDEV_PIN, &pages);
}

void emulated_unpin(struct emulated *emulated, uint64_t iova, unsigned int npages)
{
	struct test_mdev_pages pages = { .iova = iova, .npages = npages };

	assert_int_equal(call(emulated, TEST_MDEV_UNPIN, &pages), 0);
}

int emulated_touch(struct emulated *emulated, uint64_t iova, void *buffer, size_t size, bool write)
{
	struct test_mdev_transfer transfer = {
		.iova = iova,
		.buffer = (uintptr_t)buffer,
		.size = size,
		.write = write,
	};

	return call(emulated, TEST_MDEV_TOUCH, &transfer);
}

int emulated_rw(struct emulated *emulated, uint64_t iova, void *buffer, size_t size, bool write,
		bool kthread)
{
	struct test_mdev_transfer transfer = {
		.iova = iova,
		.buffer = (uintptr_t)buffer,
		.size = size,
		.write = write,
		.kthread = kthread,
	};

	return call(emulated, TEST_MDEV_RW, &transfer);
}

void emulated_ignore(struct emulated *emulated, unsigned int n)
{
	assert_int_equal(call(emulated, TEST_MDEV_IGNORE, (void *)(uintptr_t)n), 0);
}

void emulated_stall(struct emulated *emulated)
{
	assert_int_equal(call(emulated, TEST_MDEV_STALL, NULL), 0);
}

void emulated_wait_stalled(struct emulated *emulated)
{
	assert_int_equal(call(emulated, TEST_MDEV_STALLED, NULL), 0);
}

void emulated_resume(struct emulated *emulated)
{
	assert_int_equal(call(emulated, TEST_MDEV_RESUME, NULL), 0);
}

unsigned int emulated_calls(struct emulated *emulated, struct emulated_call *calls,
			    unsigned int max)
{
	struct test_mdev_calls log;

	assert_int_equal(call(emulated, TEST_MDEV_CALLS, &log), 0);
	assert_in_range(log.count, 0, TEST_MDEV_CALLS_MAX);
	for (unsigned int i = 0; i < log.count && i < max; i++)
		calls[i] = (struct emulated_call){ log.calls[i].iova, log.calls[i].size };
	return log.count;
}
