// SPDX-License-Identifier: GPL-2.0
/*
 * What GET_INFO and CHECK_EXTENSION answer, held against what the IOMMU itself can do.
 */
#include "fixture.h"
#include "info.h"
#include "iommu.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* fields up to and with the page sizes: what the first version of the structure had */
#define INFO_MINIMUM offsetof(struct vfio_iommu_type1_info, cap_offset)

static void info_tells_the_page_sizes(void **state)
{
	struct fixture *f = *state;
	struct vfio_iommu_type1_info *info = info_get(&f->container);

	assert_true(info->flags & VFIO_IOMMU_INFO_PGSIZES);
	assert_int_equal(info->iova_pgsizes, iommu_page_sizes());
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
	uint32_t all = info_entries_left(&f->container);

	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_int_equal(info_entries_left(&f->container), all - 1);
	assert_map(&f->container, IOVA + 4 * PAGE, m->at + 4 * PAGE, 4 * PAGE);
	assert_int_equal(info_entries_left(&f->container), all - 2);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, PAGE, DEVICE_BOTH), -EEXIST);
	assert_int_equal(vfio_map(&f->container, 0, m->at + 8 * PAGE, PAGE, DEVICE_BOTH), -EFAULT);
	assert_int_equal(info_entries_left(&f->container), all - 2);
	assert_unmap(&f->container, IOVA, 8 * PAGE);
	assert_int_equal(info_entries_left(&f->container), all);
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

	assert_extensions(&f->container);
	assert_int_equal(extension(&f->container, VFIO_DMA_CC_IOMMU), iommu_is_coherent());
	assert_int_equal(extension(&f->container, VFIO_UPDATE_VADDR), 1);
}

/* no type chosen yet: vfio asks each driver */
static void extensions_of_a_fresh_container(void **state)
{
	struct fixture *f = *state;

	vfio_container_open(&f->container, VFIO_TYPE1v2_IOMMU);
	assert_extensions(&f->container);
	assert_int_equal(extension(&f->container, VFIO_DMA_CC_IOMMU), 0);
	assert_int_equal(extension(&f->container, VFIO_UPDATE_VADDR), 0);
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
		guest_test(extensions_of_an_open_container),
		guest_test_closed(extensions_of_a_fresh_container),
	};

	return cmocka_run_group_tests_name("info", tests, NULL, NULL);
}
