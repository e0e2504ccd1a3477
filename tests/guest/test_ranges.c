// SPDX-License-Identifier: GPL-2.0
/*
 * Which IOVAs may be mapped, as GET_INFO tells: the IOMMU's aperture less what the groups' devices
 * reserve, whichever groups come and go; held against sysfs, the IOMMU itself and what can
 * then really be mapped. See test_last_page.c for those that end at 2^64.
 *
 * The ISA bridge's group reserves the first 16 MiB in a way that does not count (direct-relaxable).
 */
#include "file.h"
#include "fixture.h"
#include "info.h"
#include "iommu.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* it is in the ISA bridge's group, and may be given to vfio-pci */
#define ISA_GROUP "0000:00:1f.2"

#define MAX_RANGES 8

struct range {
	uint64_t start, end;	/* inclusive */
};

/* a group's next region that counts; they come in order */
static bool next_reserved(FILE *file, struct range *region)
{
	unsigned long long start, end;
	char type[32];

	while (fscanf(file, "%llx %llx %31s", &start, &end, type) == 3) {
		*region = (struct range){ start, end };
		if (strcmp(type, "direct-relaxable"))
			return true;
	}
	return false;
}

/* what the device's group leaves of the aperture */
static unsigned int expected_ranges(const char *bdf, struct range *ranges)
{
	struct range region;
	unsigned int n = 0;
	uint64_t next = 0;
	char path[128];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group/reserved_regions", bdf);
	file = fopen(path, "r");
	assert_non_null(file);
	while (next_reserved(file, &region)) {
		assert_in_range(n, 0, MAX_RANGES - 2);
		if (region.start > next)
			ranges[n++] = (struct range){ next, region.start - 1 };
		next = region.end + 1;
	}
	fclose(file);
	ranges[n++] = (struct range){ next, iommu_last() };
	return n;
}

/* all groups here reserve the same, of what counts */
static void assert_ranges_of(struct fixture *f, const char *bdf)
{
	struct vfio_iommu_type1_info_cap_iova_range *cap = info_ranges(&f->container);
	struct range expected[MAX_RANGES];
	unsigned int n = expected_ranges(bdf, expected);

	assert_int_equal(cap->nr_iovas, n);
	assert_memory_equal(cap->iova_ranges, expected, n * sizeof(*expected));
}

static void ranges_as_groups_come_and_go(void **state)
{
	struct fixture *f = *state;

	assert_ranges_of(f, EDU_FIRST);
	for (int i = 0; i < 2; i++) {
		edu_open(&f->edu2, &f->container, EDU_SECOND);
		assert_ranges_of(f, EDU_FIRST);
		assert_ranges_of(f, EDU_SECOND);
		edu_close(&f->edu);
		assert_ranges_of(f, EDU_SECOND);
		edu_open(&f->edu, &f->container, EDU_FIRST);
		edu_close(&f->edu2);
		assert_ranges_of(f, EDU_FIRST);
	}
	edu_close(&f->edu);
	edu_open(&f->edu2, &f->container, EDU_SECOND);
	assert_ranges_of(f, EDU_SECOND);
}

static void open_isa_group(struct fixture *f)
{
	if (access("/sys/bus/pci/devices/" ISA_GROUP "/driver", F_OK)) {
		file_write("/sys/bus/pci/devices/" ISA_GROUP "/driver_override", "vfio-pci");
		file_write("/sys/bus/pci/drivers_probe", ISA_GROUP);
	}
	vfio_device_open(&f->device, &f->container, ISA_GROUP);
}

/* joins where something is mapped there, and things are mapped there after it has joined */
static void relaxable_region_does_not_count(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);

	assert_map(&f->container, 0, m->at, PAGE);
	open_isa_group(f);
	assert_ranges_of(f, ISA_GROUP);
	assert_ranges_of(f, EDU_FIRST);
	assert_map(&f->container, PAGE, m->at + PAGE, PAGE);
	assert_reaches(&f->edu, PAGE - REACH / 2, m->at + PAGE - REACH / 2, REACH);
	vfio_device_close(&f->device);
	assert_ranges_of(f, EDU_FIRST);
}

/* [iova, iova + size) can be mapped, or not at all */
static void assert_mappable(struct fixture *f, uint64_t iova, void *at, uint64_t size, bool can)
{
	int ret = vfio_map(&f->container, iova, at, size, DEVICE_BOTH);

	assert_int_equal(ret, can ? 0 : -EINVAL);
	if (can)
		assert_unmap(&f->container, iova, size);
}

/* where a mapping can end in a range; in-tree cannot unmap one that ends at 2^64 */
static uint64_t end_of(const struct vfio_iova_range *range)
{
	return range->end == UINT64_MAX ? -PAGE : range->end + 1;
}

static void ranges_are_what_can_be_mapped(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);
	struct vfio_iommu_type1_info_cap_iova_range *cap = info_ranges(&f->container);

	for (uint32_t i = 0; i < cap->nr_iovas; i++) {
		uint64_t start = cap->iova_ranges[i].start, end = end_of(&cap->iova_ranges[i]);

		assert_mappable(f, start, m->at, 2 * PAGE, true);
		assert_mappable(f, end - 2 * PAGE, m->at, 2 * PAGE, true);
		if (end != -PAGE) {
			assert_mappable(f, end - PAGE, m->at, 2 * PAGE, false);
			assert_mappable(f, end, m->at, PAGE, false);
		}
		if (start)
			assert_mappable(f, start - PAGE, m->at, 2 * PAGE, false);
	}
}

static void first_and_last_iova_reach_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * PAGE);
	struct vfio_iommu_type1_info_cap_iova_range *cap = info_ranges(&f->container);
	uint64_t last = end_of(&cap->iova_ranges[cap->nr_iovas - 1]) - PAGE;

	assert_map(&f->container, 0, m->at, PAGE);
	assert_map(&f->container, last, m->at + PAGE, PAGE);
	assert_reaches(&f->edu, 0, m->at, REACH);
	assert_reaches(&f->edu, last + PAGE - REACH, m->at + 2 * PAGE - REACH, REACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(ranges_as_groups_come_and_go),
		guest_test(relaxable_region_does_not_count),
		guest_test(ranges_are_what_can_be_mapped),
		guest_test(first_and_last_iova_reach_memory),
	};

	return cmocka_run_group_tests_name("ranges", tests, NULL, NULL);
}
