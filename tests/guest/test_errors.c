// SPDX-License-Identifier: GPL-2.0
/*
 * What the driver refuses, and with which code; a refusal changes nothing and writes nothing back.
 */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/mman.h>

#define SIZE (4 * PAGE)
#define UNKNOWN_FLAG (1u << 17)

struct map_case {
	const char *title;
	struct vfio_iommu_type1_dma_map map;	/* vaddr counts from the start of the memory */
	int error;
};

#define MAP_SIZE sizeof(struct vfio_iommu_type1_dma_map)

static const struct map_case map_cases[] = {
	{ "map: argsz 0", { 0, DEVICE_BOTH, 0, IOVA, SIZE }, EINVAL },
	{ "map: argsz short", { MAP_SIZE - 1, DEVICE_BOTH, 0, IOVA, SIZE }, EINVAL },
	{ "map: unknown flag", { MAP_SIZE, DEVICE_BOTH | UNKNOWN_FLAG, 0, IOVA, SIZE }, EINVAL },
	{ "map: neither read nor write", { MAP_SIZE, 0, 0, IOVA, SIZE }, EINVAL },
	{ "map: size 0", { MAP_SIZE, DEVICE_BOTH, 0, IOVA, 0 }, EINVAL },
	{ "map: size misaligned", { MAP_SIZE, DEVICE_BOTH, 0, IOVA, PAGE + 512 }, EINVAL },
	{ "map: iova misaligned", { MAP_SIZE, DEVICE_BOTH, 0, IOVA + 1, SIZE }, EINVAL },
	{ "map: vaddr misaligned", { MAP_SIZE, DEVICE_BOTH, 2048, IOVA, PAGE }, EINVAL },
	{ "map: iova wraps", { MAP_SIZE, DEVICE_BOTH, 0, -PAGE, SIZE }, EINVAL },
	{ "map: vaddr wraps", { MAP_SIZE, DEVICE_BOTH, 0, IOVA, -PAGE }, EINVAL },
	{ "map: MSI window", { MAP_SIZE, DEVICE_BOTH, 0, 0xfee00000, PAGE }, EINVAL },
	{ "map: into the MSI window", { MAP_SIZE, DEVICE_BOTH, 0, 0xfee00000 - PAGE, 2 * PAGE },
	  EINVAL },
	{ "map: around the MSI window", { MAP_SIZE, DEVICE_BOTH, 0, 0xfed00000, 3 * MIB },
	  EINVAL },
};

static void map_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct map_case *c = f->variant;
	struct vfio_iommu_type1_dma_map map = c->map;
	struct memory *m = memory_get(MEMORY_SMALL, 4 * MIB);
	uint64_t written;

	map.vaddr += (uintptr_t)m->at;
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_MAP_DMA, &map), -c->error);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, &written), 0);
	assert_int_equal(written, 0);
}

struct unmap_case {
	const char *title;
	struct vfio_iommu_type1_dma_unmap unmap;
};

#define UNMAP_SIZE sizeof(struct vfio_iommu_type1_dma_unmap)

static const struct unmap_case unmap_cases[] = {
	{ "unmap: argsz 0", { 0, 0, IOVA, SIZE } },
	{ "unmap: argsz short", { UNMAP_SIZE - 1, 0, IOVA, SIZE } },
	{ "unmap: unknown flag", { UNMAP_SIZE, UNKNOWN_FLAG, IOVA, SIZE } },
	{ "unmap: size 0", { UNMAP_SIZE, 0, IOVA, 0 } },
	{ "unmap: size misaligned", { UNMAP_SIZE, 0, IOVA, SIZE + 1 } },
	{ "unmap: iova misaligned", { UNMAP_SIZE, 0, IOVA - 8, SIZE } },
	{ "unmap: wraps", { UNMAP_SIZE, 0, IOVA, -PAGE } },
	{ "unmap: all with a size", { UNMAP_SIZE, VFIO_DMA_UNMAP_FLAG_ALL, 0, SIZE } },
	{ "unmap: all with an iova", { UNMAP_SIZE, VFIO_DMA_UNMAP_FLAG_ALL, IOVA, 0 } },
	{ "unmap: all with an unknown flag",
	  { UNMAP_SIZE, VFIO_DMA_UNMAP_FLAG_ALL | UNKNOWN_FLAG, 0, 0 } },
	{ "unmap: bisects at the start", { UNMAP_SIZE, 0, IOVA + PAGE, 2 * SIZE } },
	{ "unmap: bisects at the end", { UNMAP_SIZE, 0, IOVA - SIZE, SIZE + PAGE } },
	{ "unmap: within a mapping", { UNMAP_SIZE, 0, IOVA + PAGE, PAGE } },
	{ "unmap: a mapping's head", { UNMAP_SIZE, 0, IOVA, PAGE } },
	{ "unmap: a mapping's tail", { UNMAP_SIZE, 0, IOVA + PAGE, SIZE - PAGE } },
};

static void unmap_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct unmap_case *c = f->variant;
	struct vfio_iommu_type1_dma_unmap unmap = c->unmap;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_UNMAP_DMA, &unmap), -EINVAL);
	assert_memory_equal(&unmap, &c->unmap, sizeof(unmap));
	assert_int_equal(judge_locked(), SIZE);
	assert_unmap(&f->container, IOVA, SIZE);
}

static void overlaps_are_refused(void **state)
{
	static const struct { uint64_t first, count; } ranges[] = {
		{ 8, 4 },	/* the same */
		{ 9, 2 },	/* within */
		{ 8, 1 },	/* its head */
		{ 11, 1 },	/* its tail */
		{ 7, 2 },	/* over its head */
		{ 11, 2 },	/* over its tail */
		{ 6, 8 },	/* around it */
	};
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 16 * PAGE);

	assert_map(&f->container, IOVA + 8 * PAGE, m->at + 8 * PAGE, 4 * PAGE);
	for (unsigned int i = 0; i < sizeof(ranges) / sizeof(*ranges); i++)
		assert_int_equal(vfio_map(&f->container, IOVA + ranges[i].first * PAGE, m->at,
					  ranges[i].count * PAGE, DEVICE_BOTH), -EEXIST);
	assert_int_equal(judge_locked(), 4 * PAGE);
	assert_reaches(&f->edu, IOVA + 8 * PAGE, m->at + 8 * PAGE, REACH);
	assert_map(&f->container, IOVA + 4 * PAGE, m->at, 4 * PAGE);
	assert_map(&f->container, IOVA + 12 * PAGE, m->at, 4 * PAGE);
}

static void bad_pointers_are_refused(void **state)
{
	static const unsigned long requests[] = {
		VFIO_IOMMU_GET_INFO, VFIO_IOMMU_MAP_DMA, VFIO_IOMMU_UNMAP_DMA,
	};
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);
	const void *half_outside = m->at + PAGE - 8;

	for (unsigned int i = 0; i < sizeof(requests) / sizeof(*requests); i++) {
		assert_int_equal(vfio_call(&f->container, requests[i], NULL), -EFAULT);
		assert_int_equal(vfio_call(&f->container, requests[i], m->at + PAGE), -EFAULT);
		assert_int_equal(vfio_call(&f->container, requests[i], half_outside), -EFAULT);
	}
}

/* the answer cannot be delivered, but what was asked for is done */
static void unmap_into_read_only_argument_unmaps(void **state)
{
	struct fixture *f = *state;
	struct memory *argument = memory_get(MEMORY_SMALL, PAGE);
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_map(&f->container, IOVA, m->at, SIZE);
	*(struct vfio_iommu_type1_dma_unmap *)argument->at = (struct vfio_iommu_type1_dma_unmap){
		.argsz = UNMAP_SIZE,
		.iova = IOVA,
		.size = SIZE,
	};
	assert_int_equal(mprotect(argument->at, PAGE, PROT_READ), 0);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_UNMAP_DMA, argument->at), -EFAULT);
	assert_int_equal(judge_locked(), 0);
	assert_map(&f->container, IOVA, m->at, SIZE);
}

static void unknown_ioctls_are_refused(void **state)
{
	struct fixture *f = *state;
	char argument[64] = { sizeof(argument) };

	assert_int_equal(vfio_call(&f->container, _IO(VFIO_TYPE, VFIO_BASE + 99), argument),
			 -ENOTTY);
}

#define MAP_CASES (sizeof(map_cases) / sizeof(*map_cases))
#define UNMAP_CASES (sizeof(unmap_cases) / sizeof(*unmap_cases))

int main(void)
{
	const struct CMUnitTest single[] = {
		guest_test(overlaps_are_refused),
		guest_test(bad_pointers_are_refused),
		guest_test(unmap_into_read_only_argument_unmaps),
		guest_test(unknown_ioctls_are_refused),
	};
	struct CMUnitTest tests[MAP_CASES + UNMAP_CASES + sizeof(single) / sizeof(*single)];
	struct CMUnitTest *test = tests;

	guest_add_rows(test, map_cases, map_is_refused);
	guest_add_rows(test, unmap_cases, unmap_is_refused);
	memcpy(test, single, sizeof(single));

	return cmocka_run_group_tests_name("errors", tests, NULL, NULL);
}
