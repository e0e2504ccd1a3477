// SPDX-License-Identifier: GPL-2.0
/*
 * ioctls from a 32-bit process: the same structures, the same answers. It makes them, and has the
 * mappings; what it is to say is decided here.
 */
#define _GNU_SOURCE
#include "dirty.h"
#include "fixture.h"
#include "info.h"
#include "../guest32/ioctl32.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE (4 * PAGE)

/* of the memory that both have: an argument, a bitmap, what is mapped */
#define ARGUMENT 0
#define BITMAP PAGE
#define MAPPED (16 * PAGE)

/* the bitmap as a 32-bit program knows it by the kernel's header, whose last field is a pointer */
struct bitmap32 {
	uint64_t pgsize;
	uint64_t size;
	uint32_t data;
} __attribute__((packed, aligned(4)));

static int channel, memory;
static char *shared;

static void become_32_bits(struct fixture *f, int end)
{
	if (dup2(end, STDIN_FILENO) < 0 || dup2(end, STDOUT_FILENO) < 0)
		_exit(1);
	/* first out of the way of each other's number */
	dup2(f->container.fd, 100);
	dup2(memory, 101);
	dup2(100, IOCTL32_CONTAINER);
	dup2(101, IOCTL32_MEMORY);
	execl("/bin/ioctl32", "ioctl32", NULL);
	_exit(1);
}

static int32_t answer(void)
{
	ioctl32_answer result;

	if (read(channel, &result, sizeof(result)) != sizeof(result))
		fail_msg("the 32-bit process has ended");
	return result;
}

static int setup(void **state)
{
	struct fixture *f;
	int ends[2];

	fixture_setup(state);
	f = *state;
	memory = memfd_create("guest-test", MFD_CLOEXEC);
	assert_int_equal(ftruncate(memory, IOCTL32_SIZE), 0);
	shared = mmap(NULL, IOCTL32_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
	assert_ptr_not_equal(shared, MAP_FAILED);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	if (!fixture_fork(f))
		become_32_bits(f, ends[1]);
	close(ends[1]);
	channel = ends[0];
	assert_int_equal(answer(), 0);
	return 0;
}

static int teardown(void **state)
{
	int ret;

	close(channel);
	ret = fixture_teardown(state);
	munmap(shared, IOCTL32_SIZE);
	close(memory);
	return ret;
}

static int call32(uint32_t request, uint32_t argument)
{
	struct ioctl32_order order = { request, argument };

	assert_int_equal(write(channel, &order, sizeof(order)), sizeof(order));
	return answer();
}

/* with an argument that is put where it can have it, and read back */
static int call32_with(uint32_t request, void *argument, size_t size)
{
	int ret;

	memcpy(shared + ARGUMENT, argument, size);
	ret = call32(request, IOCTL32_AT + ARGUMENT);
	memcpy(argument, shared + ARGUMENT, size);
	return ret;
}

static int map32(uint64_t vaddr, uint64_t size, uint32_t flags)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = flags,
		.vaddr = vaddr,
		.iova = IOVA,
		.size = size,
	};

	return call32_with(VFIO_IOMMU_MAP_DMA, &map, sizeof(map));
}

static void maps_and_unmaps(void **state)
{
	struct fixture *f = *state;
	struct vfio_iommu_type1_dma_unmap unmap = {
		.argsz = sizeof(unmap),
		.iova = IOVA,
		.size = 2 * SIZE,
	};

	assert_int_equal(map32(IOCTL32_AT + MAPPED, SIZE, DEVICE_BOTH), 0);
	assert_int_equal(judge_locked_by(f->child), SIZE);
	assert_reaches(&f->edu, IOVA + PAGE, shared + MAPPED + PAGE, REACH);
	assert_int_equal(call32_with(VFIO_IOMMU_UNMAP_DMA, &unmap, sizeof(unmap)), 0);
	assert_int_equal(unmap.size, SIZE);
	assert_int_equal(judge_locked_by(f->child), 0);
}

/* addresses of 64 bits are not cut down to 32 */
static void memory_it_cannot_have(void **state)
{
	static const uint64_t vaddrs[] = {
		0xfffff000, 1ull << 32, 1ull << 32 | (IOCTL32_AT + MAPPED), 1ull << 46,
	};
	struct fixture *f = *state;

	for (unsigned int i = 0; i < guest_rows(vaddrs); i++) {
		assert_int_equal(map32(vaddrs[i], PAGE, DEVICE_BOTH), -EFAULT);
		assert_int_equal(map32(vaddrs[i], 2 * PAGE, DEVICE_BOTH), -EFAULT);
	}
	assert_int_equal(map32(-PAGE, 2 * PAGE, DEVICE_BOTH), -EINVAL);
	assert_int_equal(judge_locked_by(f->child), 0);
}

static void arguments_at_the_end_of_its_addresses(void **state)
{
	static const uint32_t requests[] = {
		VFIO_IOMMU_GET_INFO, VFIO_IOMMU_MAP_DMA, VFIO_IOMMU_UNMAP_DMA,
		VFIO_IOMMU_DIRTY_PAGES,
	};
	static const uint32_t arguments[] = { 0, 0xfffff000, 0xfffffff0, 0xfffffffc, 0xffffffff };

	(void)state;
	for (unsigned int i = 0; i < guest_rows(requests); i++)
		for (unsigned int j = 0; j < guest_rows(arguments); j++)
			assert_int_equal(call32(requests[i], arguments[j]), -EFAULT);
}

/* 20 bytes is what a 32-bit program's structure has, without the padding */
static void info_is_the_same(void **state)
{
	static const uint32_t sizes[] = { 0, 15, 16, 19, 20, 24, 60, sizeof(union info) };
	struct fixture *f = *state;

	for (unsigned int i = 0; i < guest_rows(sizes); i++) {
		union info narrow, wide;

		memset(&narrow, 0x5a, sizeof(narrow));
		narrow.info.argsz = sizes[i];
		wide = narrow;
		assert_int_equal(call32_with(VFIO_IOMMU_GET_INFO, &narrow, sizeof(narrow)),
				 vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &wide));
		assert_memory_equal(&narrow, &wide, sizeof(wide));
	}
}

static void extensions_are_the_same(void **state)
{
	struct fixture *f = *state;

	for (unsigned long i = 0; i < 16; i++)
		assert_int_equal(call32(VFIO_CHECK_EXTENSION, i),
				 vfio_call(&f->container, VFIO_CHECK_EXTENSION, (void *)i));
	assert_int_equal(call32(VFIO_CHECK_EXTENSION, 0xffffffff), 0);
	assert_int_equal(call32(_IO(VFIO_TYPE, VFIO_BASE + 99), IOCTL32_AT), -ENOTTY);
}

static void start_tracking(void)
{
	struct vfio_iommu_type1_dirty_bitmap start = { .argsz = DIRTY_HEAD, .flags = DIRTY_START };

	assert_int_equal(map32(IOCTL32_AT + MAPPED, SIZE, DEVICE_BOTH), 0);
	assert_int_equal(call32_with(VFIO_IOMMU_DIRTY_PAGES, &start, sizeof(start)), 0);
}

static int dirty32(uint32_t request, uint32_t flags, uint64_t bitmap)
{
	struct dirty_argument argument = dirty_argument(flags, IOVA, SIZE, (void *)bitmap);

	return call32_with(request, &argument, sizeof(argument));
}

static void tracks_dirty_pages(void **state)
{
	const uint64_t *bitmap = (const uint64_t *)(shared + BITMAP);

	(void)state;
	start_tracking();
	assert_int_equal(dirty32(VFIO_IOMMU_DIRTY_PAGES, DIRTY_GET, IOCTL32_AT + BITMAP), 0);
	assert_int_equal(bitmap[0], 0xf);
	assert_int_equal(bitmap[1], 0);
	assert_int_equal(dirty32(VFIO_IOMMU_UNMAP_DMA, DIRTY_UNMAP, IOCTL32_AT + BITMAP + 8), 0);
	assert_int_equal(bitmap[1], 0xf);
}

static void bitmaps_it_cannot_have(void **state)
{
	static const struct {
		uint64_t at;
		int error;
	} bitmaps[] = {
		{ 0, EFAULT }, { 0xfffffff8, EFAULT }, { 0xfffffffc, EFAULT },
		{ 1ull << 32 | (IOCTL32_AT + BITMAP), EFAULT }, { 1ull << 63, EINVAL },
		{ -8, EINVAL },
	};
	struct fixture *f = *state;

	start_tracking();
	for (unsigned int i = 0; i < guest_rows(bitmaps); i++) {
		assert_int_equal(dirty32(VFIO_IOMMU_DIRTY_PAGES, DIRTY_GET, bitmaps[i].at),
				 -bitmaps[i].error);
		assert_int_equal(dirty32(VFIO_IOMMU_UNMAP_DMA, DIRTY_UNMAP, bitmaps[i].at),
				 -bitmaps[i].error);
	}
	assert_int_equal(judge_locked_by(f->child), SIZE);
}

/* a program that believes the header: its structure ends four bytes early */
static void bitmap_of_the_header_is_too_short(void **state)
{
	struct {
		uint32_t argsz, flags;
		uint64_t iova, size;
		struct bitmap32 bitmap;
	} __attribute__((packed, aligned(4))) argument = {
		sizeof(argument), DIRTY_GET, IOVA, SIZE, { PAGE, 8, IOCTL32_AT + BITMAP },
	};

	(void)state;
	start_tracking();
	assert_int_equal(call32_with(VFIO_IOMMU_DIRTY_PAGES, &argument, sizeof(argument)), -EINVAL);
	argument.flags = DIRTY_UNMAP;
	assert_int_equal(call32_with(VFIO_IOMMU_UNMAP_DMA, &argument, sizeof(argument)), -EINVAL);
}

static void takes_over_a_mapping(void **state)
{
	struct fixture *f = *state;

	assert_map(&f->container, IOVA, shared + MAPPED, SIZE);
	assert_int_equal(vfio_unmap(&f->container, IOVA, SIZE, VFIO_DMA_UNMAP_FLAG_VADDR, NULL), 0);
	assert_int_equal(map32(IOCTL32_AT + MAPPED, SIZE, VFIO_DMA_MAP_FLAG_VADDR), 0);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_locked_by(f->child), SIZE);
}

#define compat_test(f) guest_test_with(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		compat_test(maps_and_unmaps),
		compat_test(memory_it_cannot_have),
		compat_test(arguments_at_the_end_of_its_addresses),
		compat_test(info_is_the_same),
		compat_test(extensions_are_the_same),
		compat_test(tracks_dirty_pages),
		compat_test(bitmaps_it_cannot_have),
		compat_test(bitmap_of_the_header_is_too_short),
		compat_test(takes_over_a_mapping),
	};

	return cmocka_run_group_tests_name("compat", tests, NULL, NULL);
}
