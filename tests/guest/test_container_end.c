// SPDX-License-Identifier: GPL-2.0
/*
 * A container ends, as its last group leaves, while other threads are in its ioctls. vfio does not
 * wait for them: what comes late must find out by itself.
 *
 * The calls of emulated devices' drivers need no test here: vfio lets no group leave whose device
 * is open.
 */
#include "dirty.h"
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

#define ROUNDS 8
#define SIZE (2 * MIB)

static struct memory *memory;

static int map(const struct fixture *f)
{
	return vfio_map(&f->container, IOVA, memory->at, SIZE, DEVICE_BOTH);
}

static int unmap(const struct fixture *f)
{
	return vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, NULL);
}

static int get_info(const struct fixture *f)
{
	struct vfio_iommu_type1_info info = { .argsz = sizeof(info) };

	return vfio_call(&f->container, VFIO_IOMMU_GET_INFO, &info);
}

static int check_extension(const struct fixture *f)
{
	return vfio_call(&f->container, VFIO_CHECK_EXTENSION, (void *)VFIO_DMA_CC_IOMMU);
}

static int dirty_begin(const struct fixture *f)
{
	return dirty_switch(&f->container, DIRTY_START);
}

static int dirty_report(const struct fixture *f)
{
	uint64_t bitmap[DIRTY_BYTES(SIZE / PAGE) / 8];

	return dirty_get(&f->container, IOVA, SIZE, bitmap);
}

static int dirty_end(const struct fixture *f)
{
	return dirty_switch(&f->container, DIRTY_STOP);
}

static int unknown(const struct fixture *f)
{
	return vfio_call(&f->container, _IO(VFIO_TYPE, VFIO_BASE + 99), NULL);
}

/* EINVAL is vfio's own answer where a container has no driver, and so a late call's */
static struct caller {
	const char *name;
	int (*call)(const struct fixture *f);
	int error;		/* another one that is right */
	pthread_t thread;
	atomic_uint calls;	/* in this round */
	atomic_int wrong;	/* an error that is not right */
} callers[] = {
	{ .name = "map", .call = map, .error = -EEXIST },
	{ .name = "unmap", .call = unmap },
	{ .name = "get info", .call = get_info },
	{ .name = "check extension", .call = check_extension },
	{ .name = "start dirty tracking", .call = dirty_begin, .error = -EACCES },
	{ .name = "get dirty pages", .call = dirty_report, .error = -EACCES },
	{ .name = "stop dirty tracking", .call = dirty_end, .error = -EACCES },
	{ .name = "unknown", .call = unknown, .error = -ENOTTY },
};

static struct fixture *fixture;
static pthread_barrier_t barrier;
static atomic_bool ended;

static void *call_over_and_over(void *arg)
{
	struct caller *caller = arg;
	int ret;

	for (int round = 0; round < ROUNDS; round++) {
		pthread_barrier_wait(&barrier);
		while (!ended) {
			ret = caller->call(fixture);
			if (ret < 0 && ret != -EINVAL && ret != caller->error)
				caller->wrong = ret;
			caller->calls++;
		}
		pthread_barrier_wait(&barrier);
	}
	return NULL;
}

static void start_all(void)
{
	assert_int_equal(pthread_barrier_init(&barrier, NULL, guest_rows(callers) + 1), 0);
	for (unsigned int i = 0; i < guest_rows(callers); i++)
		assert_int_equal(pthread_create(&callers[i].thread, NULL, call_over_and_over,
						&callers[i]), 0);
}

static void finish_all(void)
{
	for (unsigned int i = 0; i < guest_rows(callers); i++)
		assert_int_equal(pthread_join(callers[i].thread, NULL), 0);
}

/* all of them are at it, and the container ends a little later in each round */
static void wait_for_calls(unsigned int round)
{
	for (unsigned int i = 0; i < guest_rows(callers); i++)
		while (!callers[i].calls)
			sched_yield();
	while (round--)
		sched_yield();
}

static void judge_all(void)
{
	for (unsigned int i = 0; i < guest_rows(callers); i++) {
		if (callers[i].wrong)
			fail_msg("%s: error %d", callers[i].name, -callers[i].wrong);
		callers[i].calls = 0;
	}
	assert_held(0);
}

/* how the container ends */
static const struct ending {
	const char *title;
	unsigned long type;
	unsigned int groups;
	bool emulated;
	bool close;		/* the group's file, rather than UNSET_CONTAINER */
} endings[] = {
	{ "its_group_leaves", VFIO_TYPE1v2_IOMMU, 1, false, false },
	{ "its_group_is_closed", VFIO_TYPE1v2_IOMMU, 1, false, true },
	{ "its_two_groups_leave", VFIO_TYPE1v2_IOMMU, 2, false, false },
	{ "type1_its_group_leaves", VFIO_TYPE1_IOMMU, 1, false, false },
	{ "its_emulated_group_leaves", VFIO_TYPE1v2_IOMMU, 1, true, false },
	{ "its_emulated_group_is_closed", VFIO_TYPE1v2_IOMMU, 1, true, true },
};

static void join_groups(const struct ending *ending, struct vfio_device *const *devices)
{
	const char *const reals[] = { EDU_FIRST, EDU_SECOND };

	for (unsigned int i = 0; i < ending->groups; i++)
		assert_int_equal(vfio_group_open(devices[i], &fixture->container,
						 ending->emulated ? emulated_name(i) : reals[i]),
				 0);
}

static void leave_groups(const struct ending *ending, struct vfio_device *const *devices)
{
	for (unsigned int i = 0; i < ending->groups; i++) {
		if (!ending->close)
			vfio_group_leave(devices[i]);
		vfio_device_close(devices[i]);
	}
}

static void others_are_in_its_ioctls(void **state)
{
	struct vfio_device *devices[2];
	const struct ending *ending;

	fixture = *state;
	ending = fixture->variant;
	devices[0] = &fixture->edu.device;
	devices[1] = &fixture->edu2.device;
	memory = memory_get(MEMORY_SMALL, SIZE);
	emulated_load();
	vfio_container_open(&fixture->container, ending->type);
	start_all();
	for (unsigned int round = 0; round < ROUNDS; round++) {
		ended = false;
		join_groups(ending, devices);
		pthread_barrier_wait(&barrier);
		wait_for_calls(round);
		leave_groups(ending, devices);
		ended = true;
		pthread_barrier_wait(&barrier);
		judge_all();
	}
	finish_all();
}

int main(void)
{
	struct CMUnitTest tests[guest_rows(endings)], *test = tests;

	guest_add_rows_with(test, endings, others_are_in_its_ioctls, fixture_setup_closed,
			    fixture_teardown);
	if (vfio_in_tree())	/* it goes on with memory that was freed */
		cmocka_set_skip_filter("*");
	return cmocka_run_group_tests_name("container end", tests, NULL, NULL);
}
