// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that drivers of emulated devices may not pin. A refused pin has pinned nothing.
 */
#include "fixture.h"

#include <errno.h>
#include <sys/mman.h>

#define SIZE (16 * PAGE)

static struct memory *map_small(struct fixture *f, uint32_t flags)
{
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, flags), 0);
	return m;
}

static void assert_refused(struct fixture *f, uint64_t iova, unsigned int npages, uint32_t prot,
			   int error)
{
	int64_t before = judge_pins();

	assert_int_equal(emulated_pin(&f->emulated, iova, npages, prot), -error);
	assert_held(before);
}

static void too_many_or_none(void **state)
{
	struct fixture *f = *state;

	map_small(f, DEVICE_BOTH);
	assert_refused(f, IOVA, 0, DEVICE_BOTH, EINVAL);
	assert_refused(f, IOVA, EMULATED_PIN_MAX + 1, DEVICE_BOTH, E2BIG);
}

static void outside_mappings(void **state)
{
	struct fixture *f = *state;
	struct memory *m;

	assert_refused(f, IOVA, 1, DEVICE_BOTH, EINVAL);
	m = map_small(f, DEVICE_BOTH);
	assert_refused(f, IOVA - PAGE, 1, DEVICE_BOTH, EINVAL);
	assert_refused(f, IOVA - PAGE, 2, DEVICE_BOTH, EINVAL);
	assert_refused(f, IOVA + SIZE, 1, DEVICE_BOTH, EINVAL);
	assert_refused(f, IOVA + SIZE - 2 * PAGE, 3, DEVICE_BOTH, EINVAL);
	assert_map(&f->container, IOVA + SIZE, m->at, SIZE);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + SIZE - 2 * PAGE, 3, DEVICE_BOTH), 3);
	assert_held(3);
}

/* what was pinned before stays so */
static void refused_pin_leaves_others_alone(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f, DEVICE_BOTH);
	char seen[PAGE];

	assert_int_equal(emulated_pin(&f->emulated, IOVA + SIZE - PAGE, 1, DEVICE_BOTH), 1);
	assert_refused(f, IOVA + SIZE - 3 * PAGE, 4, DEVICE_BOTH, EINVAL);
	assert_int_equal(emulated_touch(&f->emulated, IOVA + SIZE - PAGE, seen, PAGE, false), 0);
	assert_memory_equal(seen, m->at + SIZE - PAGE, PAGE);
}

static void directions(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f, DEVICE_READ);

	assert_int_equal(vfio_map(&f->container, IOVA + SIZE, m->at, SIZE, DEVICE_WRITE), 0);
	assert_refused(f, IOVA, 1, DEVICE_WRITE, EPERM);
	assert_refused(f, IOVA, 1, DEVICE_BOTH, EPERM);
	assert_refused(f, IOVA + SIZE, 1, DEVICE_READ, EPERM);
	assert_refused(f, IOVA + SIZE - 2 * PAGE, 3, DEVICE_READ, EPERM);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_READ), 1);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + SIZE, 1, DEVICE_WRITE), 1);
}

/* it is the mapping's directions that count, not those asked for */
static void memory_that_may_only_be_read(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_int_equal(mprotect(m->at + PAGE, PAGE, PROT_READ), 0);
	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(vfio_map(&f->container, IOVA + SIZE, m->at, SIZE, DEVICE_READ), 0);
	assert_refused(f, IOVA + PAGE, 1, DEVICE_READ, EFAULT);
	assert_refused(f, IOVA, 3, DEVICE_READ, EFAULT);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + SIZE, 3, DEVICE_READ), 3);
	assert_held(3);
}

static void memory_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f, DEVICE_BOTH);

	assert_int_equal(munmap(m->at + 2 * PAGE, PAGE), 0);
	assert_refused(f, IOVA + 2 * PAGE, 1, DEVICE_BOTH, EFAULT);
	assert_refused(f, IOVA, 4, DEVICE_BOTH, EFAULT);
}

static void device_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f, DEVICE_BOTH);

	vfio_container_open(&f->container2, VFIO_TYPE1v2_IOMMU);
	edu_open(&f->edu, &f->container2, EDU_FIRST);
	assert_map(&f->container, IOVA + m->size, (void *)f->edu.bar, f->edu.bar_size);
	assert_refused(f, IOVA + m->size, 1, DEVICE_BOTH, EINVAL);
	assert_refused(f, IOVA + m->size - 2 * PAGE, 3, DEVICE_BOTH, EINVAL);
}

/* on both sides of a mapping there is memory that is not in it */
static void between_two_pages(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t iova = IOVA + PAGE / 2, size = 4 * PAGE;

	assert_map(&f->container, IOVA, m->at + PAGE, size);
	assert_int_equal(emulated_pin(&f->emulated, iova, 4, DEVICE_BOTH), 4);
	assert_held(4);
	assert_refused(f, iova, 5, DEVICE_BOTH, EINVAL);
	assert_refused(f, iova + size, 1, DEVICE_BOTH, EINVAL);
	emulated_unpin(&f->emulated, iova, 4);
}

/* in-tree takes the page of memory before the mapping's */
static void reaching_into_a_mapping_from_below(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t iova = IOVA - PAGE / 2;

	assert_map(&f->container, IOVA, m->at + PAGE, 4 * PAGE);
	if (vfio_in_tree()) {
		assert_int_equal(emulated_pin(&f->emulated, iova, 1, DEVICE_BOTH), 1);
		emulated_unpin(&f->emulated, iova, 1);
	} else {
		assert_refused(f, iova, 1, DEVICE_BOTH, EINVAL);
	}
	assert_int_equal(munmap(m->at, PAGE), 0);
	assert_refused(f, iova, 1, DEVICE_BOTH, vfio_in_tree() ? EFAULT : EINVAL);
}

static void first_version_of_type1(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	emulated_close(&f->emulated);
	vfio_container_close(&f->container);
	vfio_container_open(&f->container, VFIO_TYPE1_IOMMU);
	emulated_open(&f->emulated, &f->container, 0);
	assert_map(&f->container, IOVA, m->at, m->size);
	assert_refused(f, IOVA, 1, DEVICE_BOTH, EACCES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(too_many_or_none),
		guest_test_emulated(outside_mappings),
		guest_test_emulated(refused_pin_leaves_others_alone),
		guest_test_emulated(directions),
		guest_test_emulated(memory_that_may_only_be_read),
		guest_test_emulated(memory_that_is_not_there),
		guest_test_emulated(device_memory),
		guest_test_emulated(between_two_pages),
		guest_test_emulated(reaching_into_a_mapping_from_below),
		guest_test_emulated(first_version_of_type1),
	};

	return cmocka_run_group_tests_name("emulated refusals", tests, NULL, NULL);
}
