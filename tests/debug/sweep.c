// SPDX-License-Identifier: GPL-2.0
/*
 * Each of the driver's calls, with its first fault, its second, and so on until it meets none any
 * more: what fails has changed nothing and works the next time, and what works despite its fault
 * has done what it does without one.
 */
#define _GNU_SOURCE
#include "../guest/dirty.h"
#include "../guest/fixture.h"
#include "fault.h"

#include <errno.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#define TESTDEV "0000:00:05.0"
#define TESTDEV_BAR 2
#define NPAGES 64
#define HELD 8		/* pages that the emulated device's driver holds */

/* a call to sweep: NULL where there is nothing to do */
struct sweep {
	const char *title;
	int (*setup)(void **state);		/* the fixture's */
	void (*prepare)(struct fixture *f);	/* before each call */
	int (*call)(struct fixture *f);		/* 0 or -errno */
	void (*undo)(struct fixture *f);	/* after each that worked */
	enum memory_kind kind;
	uint64_t size;
};

/* what witnesses say at a moment */
struct state {
	int64_t pins;
	uint64_t locked;
};

static struct memory *memory;
static uint64_t bitmap[NPAGES / 64];

static struct state state_now(void)
{
	return (struct state){ judge_pins(), judge_locked() };
}

static void expect_state(struct state expected, const char *when, unsigned int nth)
{
	struct state now = state_now();

	if (now.pins == expected.pins && now.locked == expected.locked)
		return;
	fail_msg("%s, fault %u: %lld pins and %llu bytes locked, not %lld and %llu", when, nth,
		 (long long)now.pins, (unsigned long long)now.locked, (long long)expected.pins,
		 (unsigned long long)expected.locked);
}

static void expect_success(int ret, const char *when, unsigned int nth)
{
	if (ret)
		fail_msg("%s, fault %u: %d", when, nth, ret);
}

static void run(void (*step)(struct fixture *f), struct fixture *f)
{
	if (step)
		step(f);
}

/* without a fault: what the call leaves behind */
static struct state rehearse(const struct sweep *s, struct fixture *f)
{
	struct state done;

	run(s->prepare, f);
	expect_success(s->call(f), "rehearsal", 0);
	done = state_now();
	run(s->undo, f);
	return done;
}

/* whether the n-th fault was hit; refused: whether the call failed with it */
static bool try(const struct sweep *s, struct fixture *f, unsigned int nth, struct state done,
		bool *refused)
{
	struct state before;
	bool hit;
	int ret;

	run(s->prepare, f);
	before = state_now();
	fault_arm(nth);
	ret = s->call(f);
	hit = fault_disarm();
	*refused = ret != 0;
	if (*refused && hit) {
		expect_state(before, "refused", nth);
		ret = s->call(f);
	}
	expect_success(ret, *refused && hit ? "again" : "without a fault", nth);
	expect_state(done, "done", nth);
	run(s->undo, f);
	judge_end();
	judge_begin();
	return hit;
}

static void sweep(void **state)
{
	struct fixture *f = *state;
	const struct sweep *s = f->variant;
	unsigned int nth = 0, refusals = 0;
	struct state done;
	bool hit, refused;

	if (s->size)
		memory = memory_get(s->kind, s->size);
	done = rehearse(s, f);
	do {
		hit = try(s, f, ++nth, done, &refused);
		refusals += refused;
	} while (hit);
	print_message("# %s: %u faults, %u refusals\n", s->title, nth - 1, refusals);
	assert_true(nth > 1);
}

static int sweep_setup(void **state)
{
	const struct sweep *s = *state;

	emulated_load();
	return s->setup(state);
}

/* groups */

static void open_container(struct fixture *f)
{
	vfio_container_open(&f->container, VFIO_TYPE1v2_IOMMU);
}

static void open_group(struct fixture *f)
{
	f->device.container = &f->container;
	f->device.group = vfio_group_fd(EDU_SECOND);
	assert_true(f->device.group >= 0);
	f->container.groups++;
}

static int join(struct fixture *f)
{
	return ioctl(f->device.group, VFIO_GROUP_SET_CONTAINER, &f->container.fd) ? -errno : 0;
}

static void close_group(struct fixture *f)
{
	vfio_device_close(&f->device);
}

static void open_container_and_group(struct fixture *f)
{
	open_container(f);
	open_group(f);
	assert_int_equal(join(f), 0);
}

static int set_type(struct fixture *f)
{
	return vfio_call(&f->container, VFIO_SET_IOMMU, (void *)f->container.type);
}

static void close_group_and_container(struct fixture *f)
{
	close_group(f);
	vfio_container_close(&f->container);
}

/* memory */

static int map(struct fixture *f)
{
	return vfio_map(&f->container, IOVA, memory->at, memory->size, DEVICE_BOTH);
}

static int map_read_only(struct fixture *f)
{
	return vfio_map(&f->container, IOVA, memory->at, memory->size, DEVICE_READ);
}

static void must_map(struct fixture *f)
{
	assert_int_equal(map(f), 0);
}

static void must_unmap(struct fixture *f)
{
	assert_int_equal(vfio_unmap(&f->container, IOVA, memory->size, 0, NULL), 0);
}

static void unmap_and_forget(struct fixture *f)
{
	must_unmap(f);
	assert_int_equal(madvise(memory->at, memory->size, MADV_DONTNEED), 0);
}

/*
 * The answer is copied out when all is unmapped, in-tree too: a client that gets no answer finds
 * nothing there any more.
 */
static int gone_or(int ret)
{
	return ret == -EFAULT && !judge_locked() ? 0 : ret;
}

static int unmap(struct fixture *f)
{
	return gone_or(vfio_unmap(&f->container, IOVA, memory->size, 0, NULL));
}

static int unmap_all(struct fixture *f)
{
	return gone_or(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL));
}

static void map_twice(struct fixture *f)
{
	must_map(f);
	assert_map(&f->container, 2 * IOVA, memory->at, memory->size);
}

static void open_bar(struct fixture *f)
{
	static struct memory bar;

	vfio_device_open(&f->device, &f->container, TESTDEV);
	bar.at = vfio_device_bar(&f->device, TESTDEV_BAR, NULL, &bar.size);
	memory = &bar;
}

static void close_bar(struct fixture *f)
{
	must_unmap(f);
	munmap(memory->at, memory->size);
	vfio_device_close(&f->device);
}

/* mappings that a group finds when it joins, and that end with it */

static void open_group_after_map(struct fixture *f)
{
	must_map(f);
	open_group(f);
}

static void leave_and_unmap(struct fixture *f)
{
	close_group(f);
	must_unmap(f);
}

static void open_group_and_map(struct fixture *f)
{
	open_container_and_group(f);
	assert_int_equal(set_type(f), 0);
	must_map(f);
}

static int close_all(struct fixture *f)
{
	close_group_and_container(f);
	return 0;
}

/* dirty pages */

static int start(struct fixture *f)
{
	return dirty_switch(&f->container, DIRTY_START);
}

static int stop(struct fixture *f)
{
	return dirty_switch(&f->container, DIRTY_STOP);
}

static void stop_and_unmap(struct fixture *f)
{
	assert_int_equal(stop(f), 0);
	must_unmap(f);
}

static void map_and_start(struct fixture *f)
{
	must_map(f);
	assert_int_equal(start(f), 0);
}

static int get_dirty(struct fixture *f)
{
	return dirty_get(&f->container, IOVA, memory->size, bitmap);
}

static int unmap_dirty(struct fixture *f)
{
	return gone_or(dirty_unmap(&f->container, IOVA, memory->size, bitmap, NULL));
}

static void end_dirty(struct fixture *f)
{
	assert_int_equal(stop(f), 0);
}

/* emulated devices */

static int hold(struct fixture *f)
{
	int ret = emulated_pin(&f->emulated, IOVA, HELD, DEVICE_BOTH);

	return ret == HELD ? 0 : ret;
}

static void map_and_hold(struct fixture *f)
{
	must_map(f);
	assert_int_equal(hold(f), 0);
}

static void let_go_and_unmap(struct fixture *f)
{
	emulated_unpin(&f->emulated, IOVA, HELD);
	must_unmap(f);
}

static void map_start_and_hold(struct fixture *f)
{
	map_and_start(f);
	assert_int_equal(hold(f), 0);
}

static void stop_let_go_and_unmap(struct fixture *f)
{
	assert_int_equal(stop(f), 0);
	let_go_and_unmap(f);
}

static int copy(struct fixture *f)
{
	static char bytes[2 * PAGE];

	return emulated_rw(&f->emulated, IOVA + PAGE / 2, bytes, sizeof(bytes), true, false);
}

static void hold_and_open_group(struct fixture *f)
{
	map_and_hold(f);
	open_group(f);
}

static void leave_let_go_and_unmap(struct fixture *f)
{
	close_group(f);
	let_go_and_unmap(f);
}

#define NOTHING MEMORY_SMALL, 0
#define SMALL MEMORY_SMALL, NPAGES * PAGE
#define FRESH MEMORY_SMALL_FRESH, NPAGES * PAGE
#define HUGE MEMORY_THP, 2 * THP_SIZE
#define HUGETLB MEMORY_HUGETLB_2M, 2 * THP_SIZE
#define GIGANTIC MEMORY_HUGETLB_1G, GIB
#define MEMFD MEMORY_MEMFD, NPAGES * PAGE
#define SHMEM_HUGE MEMORY_SHMEM_THP, 2 * THP_SIZE
#define ZERO MEMORY_ZERO, NPAGES * PAGE

#define CLOSED fixture_setup_closed
#define REAL fixture_setup
#define EMULATED fixture_setup_emulated

static const struct sweep sweeps[] = {
	{ "first group", CLOSED, open_container_and_group, set_type, close_group_and_container,
	  NOTHING },
	{ "late group", REAL, open_group_after_map, join, leave_and_unmap, HUGE },
	{ "group that finds pages", EMULATED, open_group_after_map, join, leave_and_unmap, SMALL },
	{ "group that finds THP", EMULATED, open_group_after_map, join, leave_and_unmap, HUGE },
	{ "group that finds held pages", EMULATED, hold_and_open_group, join,
	  leave_let_go_and_unmap, SMALL },
	{ "close", CLOSED, open_group_and_map, close_all, NULL, SMALL },

	{ "map 4 KiB pages", REAL, NULL, map, must_unmap, SMALL },
	{ "map pages never touched", REAL, NULL, map, unmap_and_forget, FRESH },
	{ "map THP", REAL, NULL, map, must_unmap, HUGE },
	{ "map hugetlb", REAL, NULL, map, must_unmap, HUGETLB },
	{ "map hugetlb of 1 GiB", REAL, NULL, map, must_unmap, GIGANTIC },
	{ "map memfd", REAL, NULL, map, must_unmap, MEMFD },
	{ "map shmem THP", REAL, NULL, map, must_unmap, SHMEM_HUGE },
	{ "map zero pages", REAL, NULL, map_read_only, must_unmap, ZERO },
	{ "map BAR", REAL, open_bar, map, close_bar, NOTHING },

	{ "unmap 4 KiB pages", REAL, must_map, unmap, NULL, SMALL },
	{ "unmap THP", REAL, must_map, unmap, NULL, HUGE },
	{ "unmap all", REAL, map_twice, unmap_all, NULL, SMALL },
	{ "unmap with dirty pages", REAL, map_and_start, unmap_dirty, end_dirty, SMALL },
	{ "unmap held pages", EMULATED, map_and_hold, unmap, NULL, SMALL },

	{ "dirty start", REAL, must_map, start, stop_and_unmap, SMALL },
	{ "dirty start with held pages", EMULATED, map_and_hold, start, stop_let_go_and_unmap,
	  SMALL },
	{ "dirty get", REAL, map_and_start, get_dirty, stop_and_unmap, SMALL },
	{ "dirty get of held pages", EMULATED, map_start_and_hold, get_dirty, stop_let_go_and_unmap,
	  SMALL },

	{ "emulated pin", EMULATED, must_map, hold, let_go_and_unmap, SMALL },
	{ "emulated pin while tracked", EMULATED, map_and_start, hold, stop_let_go_and_unmap,
	  SMALL },
	{ "emulated copy", EMULATED, must_map, copy, must_unmap, SMALL },
	{ "emulated copy while tracked", EMULATED, map_and_start, copy, stop_and_unmap, SMALL },
};

static int prepare_faults(void **state)
{
	(void)state;
	fault_prepare();
	return 0;
}

int main(void)
{
	struct CMUnitTest tests[guest_rows(sweeps)], *next = tests;

	guest_add_rows_with(next, sweeps, sweep, sweep_setup, fixture_teardown);
	return cmocka_run_group_tests_name("sweep", tests, prepare_faults, NULL);
}
