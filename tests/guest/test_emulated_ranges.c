// SPDX-License-Identifier: GPL-2.0
/*
 * Which IOVAs may be mapped, and what a container says of itself, while it has emulated groups:
 * they bring no limits, so there may be mappings that no real group could have.
 */
#include "fixture.h"
#include "info.h"
#include "iommu.h"

#include <errno.h>

#define SIZE (4 * PAGE)
#define MSI_WINDOW 0xfee00000ull
#define BEYOND (1ull << 56)	/* what VT-d translates */
#define TOP (-PAGE)		/* the last page of all */
#define ALL_PAGE_SIZES (-PAGE)

static bool has_ranges(struct fixture *f)
{
	return info_find(info_get(&f->container), VFIO_IOMMU_TYPE1_INFO_CAP_IOVA_RANGE);
}

static struct memory *map_at(struct fixture *f, uint64_t iova)
{
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_map(&f->container, iova, m->at, m->size);
	return m;
}

static void ranges_come_with_a_real_group(void **state)
{
	struct fixture *f = *state;
	struct vfio_iommu_type1_info_cap_iova_range *ranges;

	assert_false(has_ranges(f));
	edu_open(&f->edu, &f->container, EDU_FIRST);
	ranges = info_ranges(&f->container);
	assert_true(ranges->nr_iovas > 1);
	assert_int_equal(ranges->iova_ranges[ranges->nr_iovas - 1].end, iommu_last());
	edu_close(&f->edu);
	ranges = info_ranges(&f->container);
	assert_int_equal(ranges->nr_iovas, 1);
	assert_int_equal(ranges->iova_ranges[0].start, 0);
	assert_int_equal(ranges->iova_ranges[0].end, UINT64_MAX);
}

static void page_sizes(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(info_get(&f->container)->iova_pgsizes, ALL_PAGE_SIZES);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_not_equal(info_get(&f->container)->iova_pgsizes, ALL_PAGE_SIZES);
	edu_close(&f->edu);
	assert_int_equal(info_get(&f->container)->iova_pgsizes, ALL_PAGE_SIZES);
}

static void assert_anywhere(struct fixture *f)
{
	const uint64_t places[] = { 0, MSI_WINDOW, BEYOND, 1ull << 63, TOP - SIZE };

	for (unsigned int i = 0; i < sizeof(places) / sizeof(*places); i++) {
		map_at(f, places[i]);
		assert_int_equal(emulated_pin(&f->emulated, places[i], 4, DEVICE_BOTH), 4);
		assert_unmap(&f->container, places[i], SIZE);
		assert_int_equal(judge_pins(), 0);
	}
	memory_put_all();
}

static void any_iova_without_a_real_group(void **state)
{
	struct fixture *f = *state;

	assert_anywhere(f);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_equal(vfio_map(&f->container, MSI_WINDOW, (void *)f->edu.bar, PAGE,
				  DEVICE_BOTH), -EINVAL);
	edu_close(&f->edu);
	assert_anywhere(f);
}

/* also the second time, and the container stays as it is */
static void assert_cannot_join(struct fixture *f, uint64_t iova, int error)
{
	bool ranges = has_ranges(f);
	char byte;

	for (int i = 0; i < 2; i++) {
		assert_int_equal(vfio_group_open(&f->device, &f->container, EDU_FIRST), -error);
		assert_int_equal(has_ranges(f), ranges);
		assert_int_equal(emulated_rw(&f->emulated, iova, &byte, 1, false, false), 0);
		assert_int_equal(judge_pins(), 0);
		assert_int_equal(judge_locked(), 0);
	}
	assert_unmap(&f->container, iova, SIZE);
	edu_open(&f->edu, &f->container, EDU_FIRST);
}

static void mapping_in_the_msi_window(void **state)
{
	struct fixture *f = *state;

	map_at(f, MSI_WINDOW + PAGE);
	assert_cannot_join(f, MSI_WINDOW + PAGE, EINVAL);
}

/* in-tree all of it is pinned before the IOMMU refuses it */
static void assert_beyond_the_aperture(struct fixture *f)
{
	map_at(f, BEYOND);
	assert_cannot_join(f, BEYOND, vfio_in_tree() ? EFAULT : EINVAL);
}

static void mapping_beyond_the_aperture(void **state)
{
	assert_beyond_the_aperture(*state);
}

static void mapping_beyond_a_later_groups_aperture(void **state)
{
	struct fixture *f = *state;

	edu_open(&f->edu, &f->container, EDU_FIRST);
	edu_close(&f->edu);
	assert_beyond_the_aperture(f);
}

/* in-tree does not find it again */
static void mapping_of_the_last_page(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	bool lost = vfio_in_tree();
	uint64_t unmapped;
	char byte;

	assert_map(&f->container, TOP, m->at, PAGE);
	assert_int_equal(vfio_map(&f->container, TOP, m->at, PAGE, DEVICE_BOTH),
			 lost ? 0 : -EEXIST);
	assert_int_equal(emulated_pin(&f->emulated, TOP, 1, DEVICE_BOTH), lost ? -EINVAL : 1);
	assert_int_equal(emulated_rw(&f->emulated, UINT64_MAX, &byte, 1, false, false),
			 lost ? -EINVAL : 0);
	assert_int_equal(vfio_unmap(&f->container, TOP, PAGE, 0, &unmapped), 0);
	assert_int_equal(unmapped, lost ? 0 : PAGE);
	assert_int_equal(judge_pins(), 0);
}

/* in-tree only does if there is one below */
static void all_mappings_with_the_last_page(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_at(f, IOVA);
	const uint32_t all = VFIO_DMA_UNMAP_FLAG_ALL;
	uint64_t unmapped;

	assert_map(&f->container, TOP, m->at, PAGE);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, all, &unmapped), 0);
	assert_int_equal(unmapped, SIZE + PAGE);
	assert_map(&f->container, TOP, m->at, PAGE);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, all, &unmapped), 0);
	assert_int_equal(unmapped, vfio_in_tree() ? 0 : PAGE);
}

/* in-tree finds nothing in a range up to there */
static void range_with_the_last_page(void **state)
{
	struct fixture *f = *state;
	uint64_t unmapped;

	map_at(f, TOP - SIZE);
	assert_int_equal(vfio_unmap(&f->container, TOP - SIZE, SIZE + PAGE, 0, &unmapped), 0);
	assert_int_equal(unmapped, vfio_in_tree() ? 0 : SIZE);
}

static void ranges_that_wrap(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_int_equal(vfio_map(&f->container, TOP, m->at, 2 * PAGE, DEVICE_BOTH), -EINVAL);
	assert_int_equal(vfio_unmap(&f->container, TOP, 2 * PAGE, 0, NULL), -EINVAL);
}

static void addresses_stay_as_they_are(void **state)
{
	struct fixture *f = *state;
	const uint32_t vaddr = VFIO_DMA_UNMAP_FLAG_VADDR, all = VFIO_DMA_UNMAP_FLAG_ALL;
	void *extension = (void *)VFIO_UPDATE_VADDR;

	map_at(f, IOVA);
	assert_int_equal(vfio_call(&f->container, VFIO_CHECK_EXTENSION, extension), 0);
	assert_int_equal(vfio_unmap(&f->container, IOVA, SIZE, vaddr, NULL), -EBUSY);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, vaddr | all, NULL), -EBUSY);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_equal(vfio_call(&f->container, VFIO_CHECK_EXTENSION, extension), 0);
	assert_int_equal(vfio_unmap(&f->container, IOVA, SIZE, vaddr, NULL), -EBUSY);
	emulated_close(&f->emulated);
	assert_int_equal(vfio_call(&f->container, VFIO_CHECK_EXTENSION, extension), 1);
}

static void nothing_that_is_not_coherent(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vfio_call(&f->container, VFIO_CHECK_EXTENSION,
				   (void *)VFIO_DMA_CC_IOMMU), 1);
}

static void nesting_container(void **state)
{
	struct fixture *f = *state;
	struct memory *m;
	char pattern[PAGE];

	emulated_close(&f->emulated);
	vfio_container_close(&f->container);
	vfio_container_open(&f->container, VFIO_TYPE1_NESTING_IOMMU);
	emulated_open(&f->emulated, &f->container, 0);
	m = map_at(f, IOVA);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_BOTH), 1);
	reach_fill(pattern, PAGE);
	assert_int_equal(emulated_touch(&f->emulated, IOVA, pattern, PAGE, true), 0);
	assert_memory_equal(m->at, pattern, PAGE);
	assert_int_equal(vfio_unmap(&f->container, IOVA, PAGE, 0, NULL), -EINVAL);
	assert_unmap(&f->container, IOVA, SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(ranges_come_with_a_real_group),
		guest_test_emulated(page_sizes),
		guest_test_emulated(any_iova_without_a_real_group),
		guest_test_emulated(mapping_in_the_msi_window),
		guest_test_emulated(mapping_beyond_the_aperture),
		guest_test_emulated(mapping_beyond_a_later_groups_aperture),
		guest_test_emulated(mapping_of_the_last_page),
		guest_test_emulated(all_mappings_with_the_last_page),
		guest_test_emulated(range_with_the_last_page),
		guest_test_emulated(ranges_that_wrap),
		guest_test_emulated(addresses_stay_as_they_are),
		guest_test_emulated(nothing_that_is_not_coherent),
		guest_test_emulated(nesting_container),
	};

	if (iommu_last() > BEYOND)
		cmocka_set_skip_filter("mapping_beyond_*");
	return cmocka_run_group_tests_name("emulated ranges", tests, NULL, NULL);
}
