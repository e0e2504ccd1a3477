// SPDX-License-Identifier: GPL-2.0
/*
 * Containers with both real and emulated groups. A real group needs all memory pinned, an emulated
 * one only what its driver pinned; each page is charged once, whoever needs it.
 */
#include "fixture.h"
#include "limit.h"

#include <errno.h>
#include <sys/mman.h>

#define NPAGES 8
#define SIZE (NPAGES * PAGE)
#define HELD 2		/* pages that hold() pins */

static struct memory *map_small(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_map(&f->container, IOVA, m->at, m->size);
	return m;
}

static void hold(struct emulated *e)
{
	assert_int_equal(emulated_pin(e, IOVA + 3 * PAGE, HELD, DEVICE_BOTH), HELD);
}

/* a driver's pin is one of its own */
static void assert_pages(int64_t pinned, uint64_t charged)
{
	assert_int_equal(judge_pins(), pinned);
	assert_int_equal(judge_locked(), charged * PAGE);
}

/* the first page of it, mapped at IOVA; and by its own driver, where it may */
static void assert_emulated_reaches(struct emulated *e, char *at)
{
	char pattern[PAGE];

	reach_fill(pattern, PAGE);
	assert_int_equal(emulated_rw(e, IOVA, pattern, PAGE, true, true), 0);
	assert_memory_equal(at, pattern, PAGE);
}

static void real_group_joins_and_leaves(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f);

	assert_pages(0, 0);
	hold(&f->emulated);
	assert_pages(HELD, HELD);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_pages(NPAGES + HELD, NPAGES);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
	assert_reaches(&f->edu, IOVA + SIZE - REACH, m->at + SIZE - REACH, REACH);

	edu_close(&f->edu);
	assert_pages(HELD, HELD);
	assert_emulated_reaches(&f->emulated, m->at);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, SIZE, DEVICE_BOTH), -EEXIST);

	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_pages(NPAGES + HELD, NPAGES);
	assert_reaches(&f->edu, IOVA + 3 * PAGE, m->at + 3 * PAGE, REACH);
	assert_unmap(&f->container, IOVA, SIZE);
	assert_pages(0, 0);
}

static void pins_beside_a_real_group_cost_nothing(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f);

	hold(&f->emulated);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_BOTH), 1);
	assert_pages(NPAGES + HELD + 1, NPAGES);
	emulated_unpin(&f->emulated, IOVA + 3 * PAGE, HELD);
	assert_pages(NPAGES + 1, NPAGES);
	edu_close(&f->edu);
	assert_pages(1, 1);
	assert_emulated_reaches(&f->emulated, m->at);
}

static void nothing_is_held_when_the_real_group_leaves(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f);

	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_pages(NPAGES, NPAGES);
	edu_close(&f->edu);
	assert_pages(0, 0);
	assert_emulated_reaches(&f->emulated, m->at);
	assert_unmap(&f->container, IOVA, SIZE);
}

static void huge_pages(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_map(&f->container, IOVA, m->at, m->size);
	hold(&f->emulated);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_equal(judge_locked(), m->size);
	assert_reaches(&f->edu, IOVA + THP_SIZE, m->at + THP_SIZE, REACH);
	edu_close(&f->edu);
	assert_pages(HELD, HELD);
}

/* what a real group that may not join leaves behind: what was before */
static void assert_cannot_join(struct fixture *f, int error, char *at)
{
	assert_int_equal(vfio_group_open(&f->device, &f->container, EDU_FIRST), -error);
	assert_pages(HELD, HELD);
	assert_emulated_reaches(&f->emulated, at);
}

static void memory_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f);

	assert_map(&f->container, IOVA + SIZE, m->at, SIZE);
	hold(&f->emulated);
	assert_int_equal(munmap(m->at + 6 * PAGE, PAGE), 0);
	assert_cannot_join(f, EFAULT, m->at);
	assert_unmap(&f->container, IOVA + SIZE, SIZE);
	assert_cannot_join(f, EFAULT, m->at);
	assert_ptr_equal(mmap(m->at + 6 * PAGE, PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), m->at + 6 * PAGE);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_reaches(&f->edu, IOVA + 6 * PAGE, m->at + 6 * PAGE, REACH);
}

/* pages that a driver holds count once */
static void limit_of_locked_memory(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f);

	hold(&f->emulated);
	limit_set(NPAGES - 1);
	assert_cannot_join(f, ENOMEM, m->at);
	limit_set(NPAGES);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_pages(NPAGES + HELD, NPAGES);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_BOTH), 1);
	assert_pages(NPAGES + HELD + 1, NPAGES);
	edu_close(&f->edu);
	assert_pages(HELD + 1, HELD + 1);
}

static void limit_within_the_second_mapping(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f);

	assert_map(&f->container, IOVA + SIZE, m->at, SIZE);
	hold(&f->emulated);
	limit_set(NPAGES + 2);
	assert_cannot_join(f, ENOMEM, m->at);
	limit_set(2 * NPAGES);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_pages(2 * NPAGES + HELD, 2 * NPAGES);
}

enum { EMULATED, REAL, REAL2, GROUPS };

static void join(struct fixture *f, unsigned int group)
{
	if (group == EMULATED)
		emulated_open(&f->emulated, &f->container, 0);
	else
		edu_open(group == REAL ? &f->edu : &f->edu2, &f->container,
			 group == REAL ? EDU_FIRST : EDU_SECOND);
}

static void leave(struct fixture *f, unsigned int group)
{
	if (group == EMULATED)
		emulated_close(&f->emulated);
	else
		edu_close(group == REAL ? &f->edu : &f->edu2);
}

/* groups: a bit for each that is in the container, of which any real one reaches the memory */
static void assert_state(struct fixture *f, unsigned int groups, char *at)
{
	bool emulated = groups & 1 << EMULATED, real = groups & (1 << REAL | 1 << REAL2);

	assert_pages((real ? NPAGES : 0) + (emulated ? HELD : 0),
		     real ? NPAGES : emulated ? HELD : 0);
	if (emulated)
		assert_emulated_reaches(&f->emulated, at);
	if (groups & 1 << REAL)
		assert_device_sees(&f->edu, IOVA, at, REACH);
	if (groups & 1 << REAL2)
		assert_device_sees(&f->edu2, IOVA, at, REACH);
}

static void walk(struct fixture *f, struct memory *m, const unsigned char joining[GROUPS],
		 const unsigned char leaving[GROUPS])
{
	unsigned int groups = 0;

	for (unsigned int i = 0; i < GROUPS; i++) {
		join(f, joining[i]);
		groups |= 1 << joining[i];
		if (i == 0)
			assert_map(&f->container, IOVA, m->at, SIZE);
		if (joining[i] == EMULATED)
			hold(&f->emulated);
		assert_state(f, groups, m->at);
	}
	for (unsigned int i = 0; i < GROUPS; i++) {
		leave(f, leaving[i]);
		groups &= ~(1 << leaving[i]);
		assert_state(f, groups, m->at);
	}
}

static void every_order_of_joining_and_leaving(void **state)
{
	static const unsigned char orders[][GROUPS] = {
		{ 0, 1, 2 }, { 0, 2, 1 }, { 1, 0, 2 }, { 1, 2, 0 }, { 2, 0, 1 }, { 2, 1, 0 },
	};
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	vfio_container_open(&f->container, VFIO_TYPE1v2_IOMMU);
	for (unsigned int i = 0; i < 6; i++)
		for (unsigned int j = 0; j < 6; j++)
			walk(f, m, orders[i], orders[j]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(real_group_joins_and_leaves),
		guest_test_emulated(pins_beside_a_real_group_cost_nothing),
		guest_test_emulated(nothing_is_held_when_the_real_group_leaves),
		guest_test_emulated(huge_pages),
		guest_test_emulated(memory_that_is_not_there),
		limited_test_emulated(limit_of_locked_memory),
		limited_test_emulated(limit_within_the_second_mapping),
		guest_test_closed(every_order_of_joining_and_leaving),
	};

	emulated_load();
	return cmocka_run_group_tests_name("emulated mixed", tests, NULL, NULL);
}
