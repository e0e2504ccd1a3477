// SPDX-License-Identifier: GPL-2.0
/*
 * Each kind of memory, whole and clipped at odd pages, with huge IOMMU pages and without.
 */
#include "fixture.h"

#include <string.h>

struct variant {
	const char *title;
	enum memory_kind kind;
	uint64_t size;		/* of the memory */
	uint64_t head, tail;	/* pages left out of the mapping at either end */
	uint64_t shift;		/* pages by which IOVA and address are aligned unlike */
	bool small;		/* disable_hugepages=Y */
};

static const struct variant variants[] = {
	{ "single pages", MEMORY_SMALL, 4 * MIB, 3, 5, 0, false },
	{ "THP", MEMORY_THP, 8 * MIB, 0, 0, 0, false },
	{ "THP, one page", MEMORY_THP, THP_SIZE, 77, 434, 77, false },
	{ "THP, within one leaf", MEMORY_THP, THP_SIZE, 100, 200, 0, false },
	{ "THP, clipped", MEMORY_THP, 8 * MIB, 300, 17, 300, false },
	{ "THP, aligned unlike", MEMORY_THP, 8 * MIB, 1, 511, 5, false },
	{ "THP, never touched", MEMORY_THP_FRESH, 8 * MIB, 300, 17, 300, false },
	{ "hugetlb 2M", MEMORY_HUGETLB_2M, 8 * MIB, 0, 0, 0, false },
	{ "hugetlb 2M, clipped", MEMORY_HUGETLB_2M, 8 * MIB, 511, 511, 511, false },
	{ "hugetlb 1G, clipped", MEMORY_HUGETLB_1G, GIB, 3, 5, 3, false },
	{ "shared memory", MEMORY_SHMEM, 4 * MIB, 3, 5, 0, false },
	{ "shared memory, huge", MEMORY_SHMEM_THP, 8 * MIB, 300, 17, 300, false },
	{ "memfd", MEMORY_MEMFD, 4 * MIB, 3, 5, 0, false },
	{ "file", MEMORY_FILE, 4 * MIB, 3, 5, 0, false },
	{ "THP, clipped, no huge pages", MEMORY_THP, 8 * MIB, 300, 17, 300, true },
	{ "hugetlb 2M, clipped, no huge pages", MEMORY_HUGETLB_2M, 8 * MIB, 511, 511, 511, true },
	{ "single pages, no huge pages", MEMORY_SMALL, 4 * MIB, 3, 5, 0, true },
};

static const struct variant zero_variants[] = {
	{ "zero pages", MEMORY_ZERO, 4 * MIB, 3, 5, 0, false },
	{ "huge zero pages", MEMORY_ZERO_THP, 8 * MIB, 300, 17, 300, false },
	{ "zero pages, no huge pages", MEMORY_ZERO, 4 * MIB, 3, 5, 0, true },
};

static int setup(void **state)
{
	const struct variant *v = *state;

	vfio_parameter_set("disable_hugepages", v->small ? "Y" : "N", NULL);
	return fixture_setup(state);
}

static int teardown(void **state)
{
	vfio_parameter_set("disable_hugepages", "N", NULL);
	return fixture_teardown(state);
}

struct mapping {
	char *at;
	uint64_t iova, size;
};

static struct mapping map_variant(struct fixture *f, const struct variant *v, uint32_t flags)
{
	struct memory *m = memory_get(v->kind, v->size);
	struct mapping mapping = {
		.at = m->at + v->head * PAGE,
		.iova = IOVA + v->shift * PAGE,
		.size = v->size - (v->head + v->tail) * PAGE,
	};

	assert_int_equal(vfio_map(&f->container, mapping.iova, mapping.at, mapping.size, flags), 0);
	return mapping;
}

/* where the last but one leaf of the memory ends, if that is within the mapping; else its middle */
static uint64_t boundary(const struct mapping *mapping)
{
	uintptr_t end = ((uintptr_t)mapping->at + mapping->size - 1) & ~(THP_SIZE - 1);
	uint64_t offset = end - (uintptr_t)mapping->at;

	return end > (uintptr_t)mapping->at ? offset : mapping->size / PAGE / 2 * PAGE;
}

static void is_reached_from_end_to_end(void **state)
{
	struct fixture *f = *state;
	struct mapping m = map_variant(f, f->variant, DEVICE_BOTH);
	uint64_t last = m.size - REACH, cross = boundary(&m);
	uint64_t half = m.size > PAGE ? EDU_MAX / 2 : 0;

	assert_int_equal(judge_locked(), m.size);
	assert_reaches(&f->edu, m.iova, m.at, REACH);
	assert_reaches(&f->edu, m.iova + cross - half, m.at + cross - half, EDU_MAX);
	assert_reaches(&f->edu, m.iova + last, m.at + last, REACH);
	assert_unmap(&f->container, m.iova, m.size);
	assert_int_equal(judge_locked(), 0);
	assert_not_written(&f->edu, m.iova + cross, m.at + cross);
}

/*
 * A transfer that fails would leave zeros behind as well, but also a fault in the kernel's log, if
 * there have not been too many just before: these tests come first. Kernels differ in whether such
 * a page stays the zero page, which costs nothing, or is replaced.
 */
static void is_read_as_zeros(void **state)
{
	static const char zeros[EDU_MAX];
	struct fixture *f = *state;
	struct mapping m = map_variant(f, f->variant, DEVICE_READ);
	uint64_t cross = boundary(&m) - EDU_MAX / 2;

	assert_true(!judge_locked() || judge_locked() == m.size);
	assert_device_sees(&f->edu, m.iova, zeros, REACH);
	assert_device_sees(&f->edu, m.iova + cross, zeros, EDU_MAX);
	assert_unmap(&f->container, m.iova, m.size);
	assert_memory_equal(m.at + cross, zeros, EDU_MAX);
}

int main(void)
{
	struct CMUnitTest tests[guest_rows(variants) + guest_rows(zero_variants)];
	struct CMUnitTest *test = tests;

	guest_add_rows_with(test, zero_variants, is_read_as_zeros, setup, teardown);
	guest_add_rows_with(test, variants, is_reached_from_end_to_end, setup, teardown);

	return cmocka_run_group_tests_name("kinds", tests, NULL, NULL);
}
