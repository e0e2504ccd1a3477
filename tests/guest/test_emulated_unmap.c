// SPDX-License-Identifier: GPL-2.0
/*
 * Before a mapping goes in which drivers of emulated devices hold pages, they are called to let go.
 */
#include "fixture.h"

#include <errno.h>
#include <string.h>

#define SIZE (4 * PAGE)
#define MAPPINGS 4u
#define CALLS_MAX 11	/* before a driver that does not unpin is given up */

static uint64_t iova_of(unsigned int mapping)
{
	return IOVA + mapping * SIZE;
}

/* mappings one behind the other, of the memory of which each is a part; the second device too */
static struct memory *map_all(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SMALL, MAPPINGS * SIZE);

	emulated_open(&f->emulated2, &f->container, 1);
	for (unsigned int i = 0; i < MAPPINGS; i++)
		assert_map(&f->container, iova_of(i), m->at + i * SIZE, SIZE);
	return m;
}

static void pin(struct emulated *e, unsigned int mapping)
{
	assert_int_equal(emulated_pin(e, iova_of(mapping) + PAGE, 2, DEVICE_BOTH), 2);
}

/* so many calls, each for the mapping, all since the last time */
static void assert_called(struct emulated *e, unsigned int times, unsigned int mapping)
{
	struct emulated_call calls[32];

	assert_int_equal(emulated_calls(e, calls, 32), times);
	for (unsigned int i = 0; i < times; i++) {
		assert_int_equal(calls[i].iova, iova_of(mapping));
		assert_int_equal(calls[i].size, SIZE);
	}
}

static void only_for_mappings_with_pins(void **state)
{
	struct fixture *f = *state;

	map_all(f);
	pin(&f->emulated, 1);
	assert_unmap(&f->container, iova_of(0), SIZE);
	assert_called(&f->emulated, 0, 0);
	assert_int_equal(judge_pins(), 2);
	assert_unmap(&f->container, iova_of(1), SIZE);
	assert_called(&f->emulated, 1, 1);
	assert_int_equal(judge_pins(), 0);
	assert_int_equal(judge_locked(), 0);
	assert_unmap(&f->container, iova_of(2), SIZE);
	assert_called(&f->emulated, 0, 0);
}

static void not_for_pins_given_up_before(void **state)
{
	struct fixture *f = *state;

	map_all(f);
	pin(&f->emulated, 0);
	emulated_unpin(&f->emulated, iova_of(0) + PAGE, 2);
	assert_unmap(&f->container, iova_of(0), SIZE);
	assert_called(&f->emulated, 0, 0);
}

static void every_device_is_called(void **state)
{
	struct fixture *f = *state;

	map_all(f);
	pin(&f->emulated, 1);
	assert_unmap(&f->container, iova_of(1), SIZE);
	assert_called(&f->emulated, 1, 1);
	assert_called(&f->emulated2, 1, 1);
	pin(&f->emulated, 2);
	pin(&f->emulated2, 2);
	assert_int_equal(judge_pins(), 2);
	assert_unmap(&f->container, iova_of(2), SIZE);
	assert_called(&f->emulated, 1, 2);
	assert_called(&f->emulated2, 1, 2);
	assert_int_equal(judge_pins(), 0);
}

static void device_that_left_is_not_called(void **state)
{
	struct fixture *f = *state;

	map_all(f);
	pin(&f->emulated, 1);
	pin(&f->emulated2, 2);
	emulated_close(&f->emulated);
	assert_int_equal(judge_pins(), 2);
	assert_unmap(&f->container, iova_of(1), SIZE);
	assert_called(&f->emulated2, 0, 0);
	assert_unmap(&f->container, iova_of(2), SIZE);
	assert_called(&f->emulated2, 1, 2);
}

/* mappings 0, 1 and 3, of which 1 has none; what is behind stays */
static void assert_called_for_two(struct fixture *f)
{
	struct emulated_call calls[2];

	assert_int_equal(emulated_calls(&f->emulated, calls, 2), 2);
	assert_int_equal(calls[0].iova, iova_of(0));
	assert_int_equal(calls[0].size, SIZE);
	assert_int_equal(calls[1].iova, iova_of(2));
	assert_int_equal(calls[1].size, SIZE);
	assert_int_equal(emulated_calls(&f->emulated, NULL, 0), 0);
}

static void range_over_several_mappings(void **state)
{
	struct fixture *f = *state;
	uint64_t unmapped;

	map_all(f);
	pin(&f->emulated, 0);
	pin(&f->emulated, 2);
	pin(&f->emulated, 3);
	assert_int_equal(vfio_unmap(&f->container, IOVA - SIZE, 4 * SIZE, 0, &unmapped), 0);
	assert_int_equal(unmapped, 3 * SIZE);
	assert_called_for_two(f);
	assert_int_equal(judge_pins(), 2);
	assert_unmap(&f->container, iova_of(3), SIZE);
}

static void all_mappings_at_once(void **state)
{
	struct fixture *f = *state;
	uint64_t unmapped;

	map_all(f);
	pin(&f->emulated, 0);
	pin(&f->emulated, 2);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, &unmapped), 0);
	assert_int_equal(unmapped, MAPPINGS * SIZE);
	assert_called_for_two(f);
	assert_int_equal(judge_pins(), 0);
}

/* also if it was slow to do so for the mapping before */
static void driver_is_called_until_it_unpins(void **state)
{
	const unsigned int ignored[MAPPINGS] = { 1, 2, CALLS_MAX - 2, CALLS_MAX - 1 };
	struct fixture *f = *state;

	map_all(f);
	for (unsigned int i = 0; i < MAPPINGS; i++) {
		pin(&f->emulated, i);
		emulated_ignore(&f->emulated, ignored[i]);
		assert_unmap(&f->container, iova_of(i), SIZE);
		assert_called(&f->emulated, ignored[i] + 1, i);
		assert_called(&f->emulated2, ignored[i] + 1, i);
		assert_int_equal(judge_pins(), 0);
	}
}

static void refused_unmap_calls_nobody(void **state)
{
	struct fixture *f = *state;

	map_all(f);
	pin(&f->emulated, 0);
	assert_int_equal(vfio_unmap(&f->container, IOVA, PAGE, 0, NULL), -EINVAL);
	assert_int_equal(vfio_unmap(&f->container, IOVA, SIZE + PAGE, 0, NULL), -EINVAL);
	assert_int_equal(vfio_unmap(&f->container, IOVA, PAGE, VFIO_DMA_UNMAP_FLAG_ALL, NULL),
			 -EINVAL);
	assert_called(&f->emulated, 0, 0);
	assert_int_equal(judge_pins(), 2);
}

/* mappings 0 and 1 are there as they were, and the device holds its pages of 1 */
static void assert_unchanged(struct fixture *f, const struct memory *m)
{
	char pattern[2 * PAGE], seen[2 * SIZE];

	for (unsigned int i = 0; i < 2; i++)
		assert_int_equal(vfio_map(&f->container, iova_of(i), m->at, SIZE, DEVICE_BOTH),
				 -EEXIST);
	assert_int_equal(judge_pins(), 2);
	assert_int_equal(judge_locked(), 2 * PAGE);
	reach_fill(pattern, sizeof(pattern));
	assert_int_equal(emulated_touch(&f->emulated, iova_of(1) + PAGE, pattern, 2 * PAGE, true),
			 0);
	assert_memory_equal(m->at + SIZE + PAGE, pattern, 2 * PAGE);
	assert_int_equal(emulated_rw(&f->emulated, IOVA, seen, 2 * SIZE, false, false), 0);
	assert_memory_equal(seen, m->at, 2 * SIZE);
}

/* the kernel's log says so, once; in-tree this would be the end of the kernel */
static void driver_that_never_unpins(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_all(f);
	uint64_t size;

	pin(&f->emulated, 1);
	emulated_ignore(&f->emulated, 3 * CALLS_MAX);
	assert_int_equal(vfio_unmap(&f->container, IOVA, 2 * SIZE, 0, &size), -EBUSY);
	assert_int_equal(size, 2 * SIZE);
	assert_called(&f->emulated, CALLS_MAX, 1);
	assert_unchanged(f, m);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, &size), -EBUSY);
	assert_int_equal(size, 0);
	assert_called(&f->emulated, CALLS_MAX, 1);
	assert_unchanged(f, m);

	emulated_ignore(&f->emulated, CALLS_MAX - 1);
	assert_unmap(&f->container, IOVA, 2 * SIZE);
	assert_called(&f->emulated, CALLS_MAX, 1);
	assert_int_equal(judge_pins(), 0);
	assert_int_equal(judge_log_lines("driver still holds pages after its dma_unmap"), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(only_for_mappings_with_pins),
		guest_test_emulated(not_for_pins_given_up_before),
		guest_test_emulated(every_device_is_called),
		guest_test_emulated(device_that_left_is_not_called),
		guest_test_emulated(range_over_several_mappings),
		guest_test_emulated(all_mappings_at_once),
		guest_test_emulated(driver_is_called_until_it_unpins),
		guest_test_emulated(refused_unmap_calls_nobody),
		guest_test_emulated(driver_that_never_unpins),
	};

	if (vfio_in_tree())
		cmocka_set_skip_filter("driver_that_never_unpins");
	return cmocka_run_group_tests_name("emulated unmap", tests, NULL, NULL);
}
