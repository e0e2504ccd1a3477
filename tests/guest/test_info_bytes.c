// SPDX-License-Identifier: GPL-2.0
/*
 * GET_INFO's answer byte by byte, for every size that a client may give: no byte more, none that
 * depends on what was in the structure before, and none of the kernel's own.
 */
#include "dirty.h"
#include "fixture.h"
#include "info.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* what the answer's head can have: up to and with the page sizes, cap_offset, all of it */
#define HEAD_FIRST offsetof(struct vfio_iommu_type1_info, cap_offset)
#define HEAD_OLD (HEAD_FIRST + 4)
#define HEAD sizeof(struct vfio_iommu_type1_info)

#define FILL 0x5a

struct answer {
	char bytes[256];	/* the capabilities, at their place */
	uint32_t size;
};

static void add(struct answer *a, uint16_t id, bool last, const void *capability, uint32_t size)
{
	struct vfio_info_cap_header *header = (void *)(a->bytes + a->size);

	assert_true(a->size + size <= sizeof(a->bytes));
	memcpy(header, capability, size);
	if (judge_kernel_is_later())	/* aligns capabilities */
		size = (size + 7) & ~7u;
	a->size += size;
	header->id = id;
	header->version = 1;
	header->next = last ? 0 : a->size;
}

/* migration, entries left, ranges: in this order */
static void make_answer(struct answer *a, const struct vfio_container *container)
{
	const struct vfio_iommu_type1_info_cap_migration migration = {
		.pgsize_bitmap = PAGE,
		.max_dirty_bitmap_size = DIRTY_MAX,
	};
	const struct vfio_iommu_type1_info_dma_avail avail = {
		.avail = info_entries_left(container),
	};
	struct vfio_iommu_type1_info_cap_iova_range *ranges = info_ranges(container);

	memset(a, 0, sizeof(*a));
	a->size = HEAD;
	add(a, VFIO_IOMMU_TYPE1_INFO_CAP_MIGRATION, false, &migration, sizeof(migration));
	add(a, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL, false, &avail, sizeof(avail));
	add(a, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE, true, ranges,
	    sizeof(*ranges) + ranges->nr_iovas * sizeof(*ranges->iova_ranges));
}

static uint32_t head_written(uint32_t argsz)
{
	if (judge_kernel_is_later())
		return argsz < HEAD ? argsz : HEAD;
	return argsz < HEAD_OLD ? HEAD_FIRST : HEAD_OLD;
}

/* what becomes of the client's bytes */
static int expect(union info *bytes, const struct answer *a, uint64_t pgsizes)
{
	uint32_t argsz = bytes->info.argsz;
	union info head = {
		.info.argsz = argsz < a->size ? a->size : argsz,
		.info.flags = VFIO_IOMMU_INFO_PGSIZES | VFIO_IOMMU_INFO_CAPS,
		.info.iova_pgsizes = pgsizes,
		.info.cap_offset = argsz < a->size ? 0 : HEAD,
	};

	if (argsz < HEAD_FIRST)
		return -EINVAL;
	memcpy(bytes, &head, head_written(argsz));
	if (argsz >= a->size)
		memcpy(bytes->room + HEAD, a->bytes + HEAD, a->size - HEAD);
	return 0;
}

static void assert_answer(struct fixture *f, uint32_t argsz, const struct answer *a,
			  uint64_t pgsizes)
{
	union info got, expected;
	int ret;

	memset(&got, FILL, sizeof(got));
	got.info.argsz = argsz;
	expected = got;
	ret = expect(&expected, a, pgsizes);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &got), ret);
	assert_memory_equal(&got, &expected, sizeof(got));
}

static void every_size(void **state)
{
	struct fixture *f = *state;
	uint64_t pgsizes = info_get(&f->container)->iova_pgsizes;
	struct answer a;

	make_answer(&a, &f->container);
	for (uint32_t argsz = 0; argsz < a.size + 16; argsz++)
		assert_answer(f, argsz, &a, pgsizes);
	assert_answer(f, 1u << 31, &a, pgsizes);
	assert_answer(f, ~0u, &a, pgsizes);
}

/* what is mapped, tracked or attached shows in the entries left alone */
static void whatever_is_mapped(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);
	uint64_t pgsizes = info_get(&f->container)->iova_pgsizes;
	struct answer a;

	assert_map(&f->container, IOVA, m->at, PAGE);
	make_answer(&a, &f->container);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_answer(f, sizeof(union info), &a, pgsizes);
	edu_open(&f->edu2, &f->container, EDU_SECOND);
	assert_answer(f, sizeof(union info), &a, pgsizes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(every_size),
		guest_test(whatever_is_mapped),
		guest_test_v1(every_size),
	};

	return cmocka_run_group_tests_name("info bytes", tests, NULL, NULL);
}
