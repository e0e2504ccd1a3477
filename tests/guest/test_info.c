// SPDX-License-Identifier: GPL-2.0
/*
 * What GET_INFO and CHECK_EXTENSION answer, held against the IOMMU's own registers in sysfs and
 * against what can then really be mapped.
 */
#include "fixture.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* fields up to and with the page sizes: what the first version of the structure had */
#define INFO_MINIMUM offsetof(struct vfio_iommu_type1_info, cap_offset)

/* the structure and room behind it for all capabilities there may be */
union info {
	struct vfio_iommu_type1_info info;
	char room[4096];
};

/* VT-d: second level large pages of 2 MiB and 1 GiB; snoop control */
#define CAP_2M (1ull << 34)
#define CAP_1G (1ull << 35)
#define ECAP_SNOOP_CONTROL (1ull << 7)

static uint64_t iommu_register(const char *name)
{
	unsigned long long value;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/class/iommu/dmar0/intel-iommu/%s", name);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fscanf(file, "%llx", &value), 1);
	fclose(file);
	return value;
}

/* all of GET_INFO's answer, in a buffer that the next call reuses */
static struct vfio_iommu_type1_info *get_info(struct fixture *f)
{
	static union info answer;

	memset(&answer, 0, sizeof(answer));
	answer.info.argsz = sizeof(answer);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &answer), 0);
	return &answer.info;
}

static void *capability(struct fixture *f, uint16_t id)
{
	struct vfio_iommu_type1_info *info = get_info(f);
	struct vfio_info_cap_header *header;

	assert_true(info->flags & VFIO_IOMMU_INFO_CAPS);
	assert_true(info->cap_offset >= sizeof(*info));
	for (uint32_t at = info->cap_offset; at; at = header->next) {
		assert_in_range(at, info->cap_offset, info->argsz - sizeof(*header));
		header = (void *)((char *)info + at);
		assert_true(!header->next || header->next > at);
		if (header->id == id)
			return header;
	}
	fail_msg("GET_INFO leaves out id %u", id);
	return NULL;
}

static uint32_t entries_left(struct fixture *f)
{
	struct vfio_iommu_type1_info_dma_avail *cap =
		capability(f, VFIO_IOMMU_TYPE1_INFO_DMA_AVAIL);

	assert_int_equal(cap->header.version, 1);
	return cap->avail;
}

static void info_tells_the_page_sizes(void **state)
{
	struct fixture *f = *state;
	uint64_t cap = iommu_register("cap");
	uint64_t expected = PAGE | (cap & CAP_2M ? THP_SIZE : 0) | (cap & CAP_1G ? GIB : 0);
	struct vfio_iommu_type1_info *info = get_info(f);

	assert_true(info->flags & VFIO_IOMMU_INFO_PGSIZES);
	assert_int_equal(info->iova_pgsizes, expected);
}

static void info_refuses_a_short_argsz(void **state)
{
	struct fixture *f = *state;
	struct vfio_iommu_type1_info info;

	for (uint32_t argsz = 0; argsz < INFO_MINIMUM; argsz++) {
		memset(&info, 0x5a, sizeof(info));
		info.argsz = argsz;
		assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &info), -EINVAL);
		assert_int_equal(info.argsz, argsz);
	}
}

/* an old client's structure ends before cap_offset: what lies behind it is not the kernel's */
static void info_of_the_first_version_stays_within_it(void **state)
{
	struct fixture *f = *state;
	struct vfio_iommu_type1_info info;

	memset(&info, 0x5a, sizeof(info));
	info.argsz = INFO_MINIMUM;
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &info), 0);
	assert_true(info.argsz > INFO_MINIMUM);
	assert_int_equal(info.cap_offset, 0x5a5a5a5a);
	assert_true(info.iova_pgsizes & PAGE);
}

static void info_tells_how_much_room_it_wants(void **state)
{
	struct fixture *f = *state;
	union info answer = { .info.argsz = sizeof(answer.info) };
	uint32_t wanted;

	answer.info.cap_offset = 1;
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &answer), 0);
	wanted = answer.info.argsz;
	assert_true(answer.info.flags & VFIO_IOMMU_INFO_CAPS);
	assert_in_range(wanted, sizeof(answer.info) + 1, sizeof(answer));
	assert_int_equal(answer.info.cap_offset, 0);

	answer.info.argsz = wanted - 1;
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &answer), 0);
	assert_int_equal(answer.info.argsz, wanted);
	assert_int_equal(answer.info.cap_offset, 0);

	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &answer), 0);
	assert_int_equal(answer.info.argsz, wanted);
	assert_true(answer.info.cap_offset >= sizeof(answer.info));
}

static void info_without_room_for_capabilities_is_efault(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);
	struct vfio_iommu_type1_info *info = (void *)(m->at + PAGE - sizeof(*info));

	info->argsz = sizeof(union info);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_GET_INFO, info), -EFAULT);
}

static void entries_left_go_down_and_up(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 8 * PAGE);
	uint32_t all = entries_left(f);

	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_int_equal(entries_left(f), all - 1);
	assert_map(&f->container, IOVA + 4 * PAGE, m->at + 4 * PAGE, 4 * PAGE);
	assert_int_equal(entries_left(f), all - 2);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, PAGE, DEVICE_BOTH), -EEXIST);
	assert_int_equal(vfio_map(&f->container, 0, m->at + 8 * PAGE, PAGE, DEVICE_BOTH), -EFAULT);
	assert_int_equal(entries_left(f), all - 2);
	assert_unmap(&f->container, IOVA, 8 * PAGE);
	assert_int_equal(entries_left(f), all);
}

static struct vfio_iommu_type1_info_cap_iova_range *iova_ranges(struct fixture *f)
{
	struct vfio_iommu_type1_info_cap_iova_range *cap =
		capability(f, VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);

	assert_int_equal(cap->header.version, 1);
	assert_in_range(cap->nr_iovas, 1, 64);
	return cap;
}

static void ranges_are_ordered_and_spare_the_msi_window(void **state)
{
	struct vfio_iommu_type1_info_cap_iova_range *cap = iova_ranges(*state);
	uint64_t next = 0;

	assert_int_equal(cap->iova_ranges[0].start, 0);
	for (uint32_t i = 0; i < cap->nr_iovas; i++) {
		uint64_t start = cap->iova_ranges[i].start, end = cap->iova_ranges[i].end;

		assert_true(start >= next && start < end);
		assert_true(end < 0xfee00000 || start > 0xfeefffff);
		next = end + 1;
	}
	assert_true(next > (1ull << 38));
}

/* [iova, iova + size) can be mapped, or not at all */
static void assert_mappable(struct fixture *f, uint64_t iova, void *at, uint64_t size, bool can)
{
	int ret = vfio_map(&f->container, iova, at, size, DEVICE_BOTH);

	assert_int_equal(ret, can ? 0 : -EINVAL);
	if (can)
		assert_unmap(&f->container, iova, size);
}

static void ranges_are_what_can_be_mapped(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);
	struct vfio_iommu_type1_info_cap_iova_range *cap = iova_ranges(f);

	for (uint32_t i = 0; i < cap->nr_iovas; i++) {
		uint64_t start = cap->iova_ranges[i].start, end = cap->iova_ranges[i].end;

		assert_mappable(f, start, m->at, 2 * PAGE, true);
		assert_mappable(f, end + 1 - 2 * PAGE, m->at, 2 * PAGE, true);
		assert_mappable(f, end + 1 - PAGE, m->at, 2 * PAGE, false);
		assert_mappable(f, end + 1, m->at, PAGE, false);
		if (start)
			assert_mappable(f, start - PAGE, m->at, 2 * PAGE, false);
	}
}

static void first_and_last_iova_reach_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);
	struct vfio_iommu_type1_info_cap_iova_range *cap = iova_ranges(f);
	uint64_t last = cap->iova_ranges[cap->nr_iovas - 1].end + 1 - PAGE;

	assert_map(&f->container, 0, m->at, PAGE);
	assert_map(&f->container, last, m->at + PAGE, PAGE);
	assert_reaches(&f->edu, 0, m->at, REACH);
	assert_reaches(&f->edu, last + PAGE - REACH, m->at + 2 * PAGE - REACH, REACH);
}

static long extension(const struct vfio_container *container, unsigned long which)
{
	return vfio_call(container, VFIO_CHECK_EXTENSION, (void *)which);
}

static void assert_extensions(const struct vfio_container *container)
{
	assert_int_equal(extension(container, VFIO_TYPE1_IOMMU), 1);
	assert_int_equal(extension(container, VFIO_TYPE1v2_IOMMU), 1);
	assert_int_equal(extension(container, VFIO_TYPE1_NESTING_IOMMU), 1);
	assert_int_equal(extension(container, VFIO_UNMAP_ALL), 1);
	assert_int_equal(extension(container, VFIO_SPAPR_TCE_IOMMU), 0);
	assert_int_equal(extension(container, VFIO_SPAPR_TCE_v2_IOMMU), 0);
	assert_int_equal(extension(container, 0), 0);
	assert_int_equal(extension(container, 4711), 0);
}

static void extensions_of_an_open_container(void **state)
{
	struct fixture *f = *state;
	bool coherent = iommu_register("ecap") & ECAP_SNOOP_CONTROL;

	assert_extensions(&f->container);
	assert_int_equal(extension(&f->container, VFIO_DMA_CC_IOMMU), coherent);
}

/* no model chosen yet: vfio asks each driver */
static void extensions_of_a_fresh_container(void **state)
{
	struct fixture *f = *state;

	vfio_container_open(&f->container, VFIO_TYPE1v2_IOMMU);
	assert_extensions(&f->container);
	assert_int_equal(extension(&f->container, VFIO_DMA_CC_IOMMU), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(info_tells_the_page_sizes),
		guest_test(info_refuses_a_short_argsz),
		guest_test(info_of_the_first_version_stays_within_it),
		guest_test(info_tells_how_much_room_it_wants),
		guest_test(info_without_room_for_capabilities_is_efault),
		guest_test(entries_left_go_down_and_up),
		guest_test(ranges_are_ordered_and_spare_the_msi_window),
		guest_test(ranges_are_what_can_be_mapped),
		guest_test(first_and_last_iova_reach_memory),
		guest_test(extensions_of_an_open_container),
		guest_test_closed(extensions_of_a_fresh_container),
	};

	return cmocka_run_group_tests_name("info", tests, NULL, NULL);
}
