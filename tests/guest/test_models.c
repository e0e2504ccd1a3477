// SPDX-License-Identifier: GPL-2.0
/*
 * The models that a container may be given. The nesting one is offered, but VT-d refuses it; a
 * refusal leaves the container as it was, to be given another.
 */
#include "fixture.h"

#include <errno.h>

struct model {
	const char *title;
	unsigned long number;
	int error;
};

static const struct model models[] = {
	{ "no model", 0, ENODEV },
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

static void model_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct model *model = f->variant;
	struct memory *m = memory_get(MEMORY_SMALL, PAGE);

	vfio_container_open(&f->container2, model->number);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(vfio_group_open(&f->device, &f->container2, EDU_SECOND),
				 -model->error);
		assert_int_equal(vfio_map(&f->container2, IOVA, m->at, PAGE, DEVICE_BOTH), -EINVAL);
	}
	f->container2.model = VFIO_TYPE1v2_IOMMU;
	vfio_device_open(&f->device, &f->container2, EDU_SECOND);
	assert_map(&f->container2, IOVA, m->at, PAGE);
	assert_int_equal(judge_locked(), PAGE);
}

/* it has one already */
static void second_model_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(vfio_call(&f->container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1v2_IOMMU),
			 -EINVAL);
	assert_int_equal(vfio_call(&f->container, VFIO_SET_IOMMU, (void *)VFIO_TYPE1_IOMMU),
			 -EINVAL);
}

int main(void)
{
	struct CMUnitTest tests[guest_rows(models) + 1];
	struct CMUnitTest *test = tests;

	guest_add_rows(test, models, model_is_refused);
	*test = (struct CMUnitTest)guest_test(second_model_is_refused);

	return cmocka_run_group_tests_name("models", tests, NULL, NULL);
}
