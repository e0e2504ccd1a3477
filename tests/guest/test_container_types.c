// SPDX-License-Identifier: GPL-2.0
/*
 * The types that a container may be given. The nesting one is offered, but VT-d refuses it; a
 * refusal leaves the container as it was, to be given another.
 */
#include "fixture.h"

#include <errno.h>

struct type {
	const char *title;
	unsigned long number;
	int error;
};

static const struct type types[] = {
	{ "no type", 0, ENODEV },
	{ "spapr tce", VFIO_SPAPR_TCE_IOMMU, ENODEV },
	{ "cache coherency", VFIO_DMA_CC_IOMMU, ENODEV },
	{ "eeh", VFIO_EEH, ENODEV },
	{ "nesting", VFIO_TYPE1_NESTING_IOMMU, EINVAL },
	{ "spapr tce v2", VFIO_SPAPR_TCE_v2_IOMMU, ENODEV },
	{ "no iommu", VFIO_NOIOMMU_IOMMU, ENODEV },
	{ "unmap all", VFIO_UNMAP_ALL, EINVAL },	/* an extension that each driver has */
	{ "update vaddr", VFIO_UPDATE_VADDR, ENODEV },
	{ "unknown", 4711, ENODEV },
};

static void type_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct type *type = f->variant;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);

	vfio_container_open(&f->container2, type->number);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(vfio_group_open(&f->device, &f->container2, EDU_SECOND),
				 -type->error);
		assert_int_equal(vfio_map(&f->container2, IOVA, m->at, PAGE, DEVICE_BOTH), -EINVAL);
	}
	f->container2.type = VFIO_TYPE1v2_IOMMU;
	vfio_device_open(&f->device, &f->container2, EDU_SECOND);
	assert_map(&f->container2, IOVA, m->at, PAGE);
	assert_int_equal(judge_locked(), PAGE);
}

/* it has one already */
static void second_type_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vfio_call(&f->container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1v2_IOMMU),
			 -EINVAL);
	assert_int_equal(vfio_call(&f->container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1_IOMMU),
			 -EINVAL);
}

int main(void)
{
	struct CMUnitTest tests[guest_rows(types) + 1];
	struct CMUnitTest *test = tests;

	guest_add_rows(test, types, type_is_refused);
	*test = (struct CMUnitTest)guest_test(second_type_is_refused);

	return cmocka_run_group_tests_name("container types", tests, NULL, NULL);
}
