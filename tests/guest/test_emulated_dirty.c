// SPDX-License-Identifier: GPL-2.0
/*
 * Which pages are dirty when emulated devices' drivers write to memory: those that they hold, each
 * time; those that they held, or had written by vfio, once. A real device writes anything.
 */
#include "dirty.h"
#include "fixture.h"

#include <errno.h>
#include <sys/mman.h>

/* a word of the bitmap: if a mapping begins within one, the in-tree driver keeps wrong bits */
#define SIZE (64 * PAGE)
#define NEXT (IOVA + SIZE)
#define ALL UINT64_MAX

static struct memory *map_one(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_map(&f->container, IOVA, m->at, SIZE);
	return m;
}

static void start(struct fixture *f)
{
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
}

static struct memory *map_and_start(struct fixture *f)
{
	struct memory *m = map_one(f);

	start(f);
	return m;
}

static void pin(struct fixture *f, uint64_t page, int npages)
{
	assert_int_equal(emulated_pin(&f->emulated, IOVA + page * PAGE, npages, DEVICE_BOTH),
			 npages);
}

static void unpin(struct fixture *f, uint64_t page, int npages)
{
	emulated_unpin(&f->emulated, IOVA + page * PAGE, npages);
}

static void assert_dirty(struct fixture *f, uint64_t expected)
{
	assert_int_equal(dirty_word(&f->container, IOVA), expected);
}

struct way {
	const char *title;
	bool kthread;
};

/* by the caller or a kernel thread, as the test's variant says */
static int copy(struct fixture *f, uint64_t iova, size_t size, bool write)
{
	const struct way *way = f->variant;
	static char buffer[2 * SIZE];

	assert_in_range(size, 1, sizeof(buffer));
	return emulated_rw(&f->emulated, iova, buffer, size, write, way->kthread);
}

/* the process's own writes are none of its business */
static void nothing_at_first(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_one(f);

	pin(f, 1, 2);
	unpin(f, 1, 2);
	start(f);
	assert_dirty(f, 0);
	reach_fill(m->at, m->size);
	assert_dirty(f, 0);
}

static void held_pages_each_time(void **state)
{
	struct fixture *f = *state;

	map_one(f);
	pin(f, 3, 2);
	start(f);
	for (int i = 0; i < 3; i++)
		assert_dirty(f, 3ull << 3);
	pin(f, 10, 1);
	pin(f, 63, 1);
	for (int i = 0; i < 3; i++)
		assert_dirty(f, 3ull << 3 | 1ull << 10 | 1ull << 63);
	start(f);
	assert_dirty(f, 3ull << 3 | 1ull << 10 | 1ull << 63);
}

static void pages_let_go_of_once_more(void **state)
{
	struct fixture *f = *state;

	map_and_start(f);
	emulated_open(&f->emulated2, &f->container, 1);
	pin(f, 0, 4);
	pin(f, 3, 1);
	assert_dirty(f, 0xf);
	unpin(f, 2, 2);
	start(f);
	assert_dirty(f, 0xf);
	assert_dirty(f, 0xb);
	pin(f, 5, 1);
	unpin(f, 5, 1);
	emulated_close(&f->emulated);
	assert_dirty(f, 0x2b);
	assert_dirty(f, 0);
}

static void pages_of_a_refused_pin_once(void **state)
{
	struct fixture *f = *state;

	map_and_start(f);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + 61 * PAGE, 4, DEVICE_BOTH), -EINVAL);
	assert_int_equal(judge_pins(), 0);
	assert_dirty(f, 7ull << 61);
	assert_dirty(f, 0);
	assert_int_equal(emulated_pin(&f->emulated, IOVA - PAGE, 4, DEVICE_BOTH), -EINVAL);
	assert_dirty(f, 0);
}

static void stop_forgets(void **state)
{
	struct fixture *f = *state;

	map_and_start(f);
	pin(f, 0, 2);
	unpin(f, 1, 1);
	assert_int_equal(dirty_switch(&f->container, DIRTY_STOP), 0);
	pin(f, 7, 1);
	unpin(f, 7, 1);
	pin(f, 8, 1);
	start(f);
	assert_dirty(f, 0x101);
}

static void mapping_made_meanwhile(void **state)
{
	struct fixture *f = *state;

	map_and_start(f);
	pin(f, 0, 1);
	assert_unmap(&f->container, IOVA, SIZE);
	map_one(f);
	assert_dirty(f, 0);
	pin(f, 9, 1);
	assert_dirty(f, 1ull << 9);
	unpin(f, 9, 1);
	assert_dirty(f, 1ull << 9);
	assert_dirty(f, 0);
}

/* the driver lets go first; what it held is dirty all the same */
static void unmap_of_held_pages(void **state)
{
	struct fixture *f = *state;
	uint64_t word = 0, unmapped;
	struct emulated_call called;

	map_and_start(f);
	emulated_open(&f->emulated2, &f->container, 1);
	pin(f, 2, 2);
	assert_int_equal(emulated_pin(&f->emulated2, IOVA + 4 * PAGE, 1, DEVICE_BOTH), 1);
	emulated_ignore(&f->emulated, 3);
	assert_int_equal(dirty_unmap(&f->container, IOVA, SIZE, &word, &unmapped), 0);
	assert_int_equal(unmapped, SIZE);
	assert_int_equal(word, 7ull << 2);
	assert_int_equal(emulated_calls(&f->emulated, &called, 1), 4);
	assert_int_equal(called.iova, IOVA);
	assert_held(0);
}

static void writes_once_and_reads_never(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_start(f);

	assert_map(&f->container, NEXT, m->at, SIZE);
	assert_int_equal(copy(f, IOVA, 2 * SIZE, false), 0);
	assert_dirty(f, 0);
	assert_int_equal(copy(f, IOVA + 5 * PAGE + 100, 1, true), 0);
	assert_int_equal(copy(f, IOVA + 8 * PAGE - 1, 2, true), 0);
	assert_int_equal(copy(f, IOVA + 20 * PAGE, 3 * PAGE, true), 0);
	assert_dirty(f, 1ull << 5 | 3ull << 7 | 7ull << 20);
	assert_dirty(f, 0);
	assert_int_equal(copy(f, NEXT - 1, 2, true), 0);
	assert_dirty(f, 1ull << 63);
	assert_int_equal(dirty_word(&f->container, NEXT), 1);
	assert_int_equal(copy(f, IOVA, 2 * SIZE, true), 0);
	assert_dirty(f, ALL);
	assert_int_equal(dirty_word(&f->container, NEXT), ALL);
	assert_dirty(f, 0);
	assert_held(0);
}

/* pieces before the one that fails are done */
static void writes_that_fail(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_start(f);

	assert_int_equal(vfio_map(&f->container, NEXT, m->at, SIZE, DEVICE_READ), 0);
	assert_int_equal(copy(f, NEXT, 1, true), -EPERM);
	assert_int_equal(dirty_word(&f->container, NEXT), 0);
	assert_int_equal(copy(f, NEXT - 2 * PAGE, 3 * PAGE, true), -EPERM);
	assert_dirty(f, 3ull << 62);
	assert_int_equal(dirty_word(&f->container, NEXT), 0);
}

/* in-tree does not mark the pages that it has written then */
static void write_that_fails_half_way(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_start(f);
	char before = m->at[3 * PAGE - 1] = 1;

	assert_int_equal(munmap(m->at + 3 * PAGE, PAGE), 0);
	assert_int_equal(copy(f, IOVA + PAGE, 3 * PAGE, true), -EFAULT);
	assert_int_not_equal(m->at[3 * PAGE - 1], before);
	assert_dirty(f, vfio_in_tree() ? 0 : 3ull << 1);
	assert_int_equal(copy(f, IOVA + 3 * PAGE, 1, true), -EFAULT);
	assert_dirty(f, 0);
}

static void everything_while_a_real_group_is_there(void **state)
{
	struct fixture *f = *state;

	map_and_start(f);
	pin(f, 3, 2);
	edu_open(&f->edu, &f->container, EDU_FIRST);
	for (int i = 0; i < 3; i++)
		assert_dirty(f, ALL);
	unpin(f, 3, 1);
	edu_close(&f->edu);
	assert_dirty(f, ALL);
	assert_dirty(f, 1ull << 4);
}

/* in-tree has forgotten it by then */
static void bitmap_that_cannot_be_written(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_and_start(f), *bitmap = memory_get(MEMORY_SMALL, PAGE);
	uint64_t far = IOVA + 64 * PAGE * PAGE;

	assert_map(&f->container, far, m->at, SIZE);
	pin(f, 2, 2);
	unpin(f, 3, 1);
	assert_int_equal(dirty_get(&f->container, IOVA, far + SIZE - IOVA, bitmap->at), -EFAULT);
	assert_dirty(f, vfio_in_tree() ? 1ull << 2 : 3ull << 2);
	assert_dirty(f, 1ull << 2);
}

#define one_way(f, title, kthread) \
	{ title, f, fixture_setup_emulated, fixture_teardown, \
	  (void *)&(const struct way){ title, kthread } }
#define both_ways(f) one_way(f, #f " by_process", false), one_way(f, #f " by_kthread", true)

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(nothing_at_first),
		guest_test_emulated(held_pages_each_time),
		guest_test_emulated(pages_let_go_of_once_more),
		guest_test_emulated(pages_of_a_refused_pin_once),
		guest_test_emulated(stop_forgets),
		guest_test_emulated(mapping_made_meanwhile),
		guest_test_emulated(unmap_of_held_pages),
		both_ways(writes_once_and_reads_never),
		both_ways(writes_that_fail),
		both_ways(write_that_fails_half_way),
		guest_test_emulated(everything_while_a_real_group_is_there),
		guest_test_emulated(bitmap_that_cannot_be_written),
	};

	return cmocka_run_group_tests_name("emulated dirty", tests, NULL, NULL);
}
