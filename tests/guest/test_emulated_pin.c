// SPDX-License-Identifier: GPL-2.0
/*
 * Pages pinned for emulated devices: which ones, and what they cost. Each page is pinned and
 * charged once, whoever holds it.
 */
#include "fixture.h"
#include "limit.h"

#include <errno.h>
#include <string.h>

#define SIZE (16 * PAGE)

static struct memory *map_small(struct fixture *f, uint32_t flags)
{
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, flags), 0);
	return m;
}

/* writes by the driver, which the process sees, and the other way round */
static void assert_shares(struct emulated *e, uint64_t iova, char *at, size_t size)
{
	char pattern[4 * PAGE], seen[4 * PAGE];

	assert_in_range(size, 1, sizeof(pattern));
	reach_fill(pattern, size);
	assert_int_equal(emulated_touch(e, iova, pattern, size, true), 0);
	assert_memory_equal(at, pattern, size);
	reach_fill(at, size);
	assert_int_equal(emulated_touch(e, iova, seen, size, false), 0);
	assert_memory_equal(at, seen, size);
}

static void pages_are_the_processs_own(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f, DEVICE_BOTH);

	assert_held(0);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + 2 * PAGE, 4, DEVICE_BOTH), 4);
	assert_held(4);
	assert_shares(&f->emulated, IOVA + 2 * PAGE, m->at + 2 * PAGE, 4 * PAGE);
	emulated_unpin(&f->emulated, IOVA + 3 * PAGE, 2);
	assert_held(2);
	assert_shares(&f->emulated, IOVA + 5 * PAGE, m->at + 5 * PAGE, PAGE);
}

static void pages_of_huge_ones(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP, 2 * THP_SIZE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + THP_SIZE - PAGE, 2, DEVICE_BOTH), 2);
	assert_held(2);
	assert_shares(&f->emulated, IOVA + THP_SIZE - PAGE, m->at + THP_SIZE - PAGE, 2 * PAGE);
}

static void pages_never_touched(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL_FRESH, SIZE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 2, DEVICE_BOTH), 2);
	assert_held(2);
	assert_shares(&f->emulated, IOVA, m->at, 2 * PAGE);
}

static void pages_never_written(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_ZERO, SIZE);
	char seen[PAGE], zero[PAGE] = { 0 };

	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_READ), 0);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_READ), 1);
	memset(seen, 1, sizeof(seen));
	assert_int_equal(emulated_touch(&f->emulated, IOVA, seen, PAGE, false), 0);
	assert_memory_equal(seen, zero, PAGE);
}

static void most_pages_at_once(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * EMULATED_PIN_MAX * PAGE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, EMULATED_PIN_MAX, DEVICE_BOTH),
			 EMULATED_PIN_MAX);
	assert_held(EMULATED_PIN_MAX);
}

static void pinned_twice_is_one_pin(void **state)
{
	struct fixture *f = *state;

	map_small(f, DEVICE_BOTH);
	emulated_open(&f->emulated2, &f->container, 1);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 2, DEVICE_BOTH), 2);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + PAGE, 2, DEVICE_BOTH), 2);
	assert_int_equal(emulated_pin(&f->emulated2, IOVA + PAGE, 1, DEVICE_BOTH), 1);
	assert_held(3);
	emulated_unpin(&f->emulated, IOVA, 2);
	assert_held(2);
	emulated_unpin(&f->emulated, IOVA + PAGE, 2);
	assert_held(1);
	emulated_unpin(&f->emulated2, IOVA + PAGE, 1);
	assert_held(0);
}

static void closing_gives_up_what_is_held(void **state)
{
	struct fixture *f = *state;

	map_small(f, DEVICE_BOTH);
	emulated_open(&f->emulated2, &f->container, 1);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 3, DEVICE_BOTH), 3);
	assert_int_equal(emulated_pin(&f->emulated2, IOVA, 1, DEVICE_BOTH), 1);
	emulated_close(&f->emulated);
	assert_held(1);
	emulated_close(&f->emulated2);
	assert_held(0);
}

/* in-tree such a pin is another one than that of the page's first byte */
static void within_a_page(void **state)
{
	struct fixture *f = *state;
	uint64_t apart = vfio_in_tree();

	map_small(f, DEVICE_BOTH);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_BOTH), 1);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + 1, 1, DEVICE_BOTH), 1);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + PAGE - 1, 1, DEVICE_BOTH), 1);
	assert_held(1 + 2 * apart);
	emulated_unpin(&f->emulated, IOVA, 1);
	assert_held(1 + apart);
	emulated_unpin(&f->emulated, IOVA + PAGE - 1, 1);
	assert_held(1);
	emulated_unpin(&f->emulated, IOVA + 1, 1);
	assert_held(0);
}

static void limit_of_locked_memory(void **state)
{
	struct fixture *f = *state;

	map_small(f, DEVICE_BOTH);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, LIMIT + 1, DEVICE_BOTH), -ENOMEM);
	assert_held(0);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, LIMIT, DEVICE_BOTH), LIMIT);
	assert_held(LIMIT);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + LIMIT * PAGE, 1, DEVICE_BOTH), -ENOMEM);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, LIMIT, DEVICE_BOTH), LIMIT);
	emulated_unpin(&f->emulated, IOVA, 1);
	emulated_unpin(&f->emulated, IOVA, 1);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + LIMIT * PAGE, 1, DEVICE_BOTH), 1);
	assert_held(LIMIT);
}

/* had when it mapped */
static void capability_of_the_one_who_mapped(void **state)
{
	struct fixture *f = *state;

	limit_lift(true);
	map_small(f, DEVICE_BOTH);
	limit_lift(false);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 2 * LIMIT, DEVICE_BOTH), 2 * LIMIT);
	assert_held(2 * LIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(pages_are_the_processs_own),
		guest_test_emulated(pages_of_huge_ones),
		guest_test_emulated(pages_never_touched),
		guest_test_emulated(pages_never_written),
		guest_test_emulated(most_pages_at_once),
		guest_test_emulated(pinned_twice_is_one_pin),
		guest_test_emulated(closing_gives_up_what_is_held),
		guest_test_emulated(within_a_page),
		limited_test_emulated(limit_of_locked_memory),
		limited_test_emulated(capability_of_the_one_who_mapped),
	};

	return cmocka_run_group_tests_name("emulated pin", tests, NULL, NULL);
}
