// SPDX-License-Identifier: GPL-2.0
/*
 * Several threads at once: unmapping calls drivers, which call back into vfio, while others map,
 * pin and come and go.
 */
#include "dirty.h"
#include "fixture.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>

#define SIZE (16 * PAGE)
#define PINNED 8
#define ROUNDS 300
#define MAPPINGS 64

/* a thread that maps, pins and unmaps over and over, each time ready together with the others */
struct unmapper {
	pthread_t thread;
	struct fixture *fixture;
	uint64_t iova;
	char *at;
	pthread_barrier_t *barrier;
	bool failed;
};

static void *unmap_over_and_over(void *arg)
{
	struct unmapper *u = arg;
	struct vfio_container *container = &u->fixture->container;
	uint64_t size;

	for (int i = 0; i < ROUNDS; i++) {
		u->failed |= vfio_map(container, u->iova, u->at, SIZE, DEVICE_BOTH) != 0;
		u->failed |= emulated_pin(&u->fixture->emulated, u->iova, PINNED, DEVICE_BOTH) !=
			     PINNED;
		pthread_barrier_wait(u->barrier);
		u->failed |= vfio_unmap(container, u->iova, SIZE, 0, &size) || size != SIZE;
		pthread_barrier_wait(u->barrier);
	}
	return NULL;
}

static void start(struct unmapper *u)
{
	assert_int_equal(pthread_create(&u->thread, NULL, unmap_over_and_over, u), 0);
}

static void finish(struct unmapper *u)
{
	assert_int_equal(pthread_join(u->thread, NULL), 0);
	assert_false(u->failed);
}

/* once a round: a driver that pins again whenever it was called to unpin would be a wrong one */
static void pinning_what_is_being_unmapped(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	pthread_barrier_t barrier;
	struct unmapper u = { .fixture = f, .iova = IOVA, .at = m->at, .barrier = &barrier };
	char bytes[PAGE];
	int ret;

	assert_int_equal(pthread_barrier_init(&barrier, NULL, 2), 0);
	start(&u);
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&barrier);
		ret = emulated_pin(&f->emulated, IOVA + 2 * PAGE, PINNED, DEVICE_BOTH);
		assert_true(ret == PINNED || ret == -EINVAL);
		ret = emulated_rw(&f->emulated, IOVA, bytes, PAGE, true, true);
		assert_true(ret == 0 || ret == -EINVAL);
		ret = emulated_touch(&f->emulated, IOVA + 2 * PAGE, bytes, PAGE, true);
		assert_true(ret == 0 || ret == -EFAULT);
		pthread_barrier_wait(&barrier);
	}
	finish(&u);
	assert_int_equal(judge_pins(), 0);
}

/*
 * a thread that pins the first pages of many mappings over and over, whether they are there or not
 */
struct pinner {
	pthread_t thread;
	struct fixture *fixture;
	pthread_barrier_t all_pinned;
	atomic_bool stop;
};

static void *pin_over_and_over(void *arg)
{
	struct pinner *p = arg;

	for (int round = 0; !p->stop; round++) {
		for (int i = 0; i < MAPPINGS; i++)
			emulated_pin(&p->fixture->emulated, IOVA + i * PAGE, 1, DEVICE_BOTH);
		if (!round)
			pthread_barrier_wait(&p->all_pinned);
	}
	return NULL;
}

/* what is unmapped does not come back by being pinned again */
static void unmapping_what_is_being_pinned(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, MAPPINGS * PAGE);
	struct pinner p = { .fixture = f };

	for (int i = 0; i < MAPPINGS; i++)
		assert_map(&f->container, IOVA + i * PAGE, m->at + i * PAGE, PAGE);
	assert_int_equal(pthread_barrier_init(&p.all_pinned, NULL, 2), 0);
	assert_int_equal(pthread_create(&p.thread, NULL, pin_over_and_over, &p), 0);
	pthread_barrier_wait(&p.all_pinned);
	assert_unmap(&f->container, IOVA, MAPPINGS * PAGE);
	p.stop = true;
	assert_int_equal(pthread_join(p.thread, NULL), 0);
	assert_int_equal(judge_pins(), 0);
}

/* in-tree they would wait for each other for ever */
static void two_unmap_while_a_device_comes_and_goes(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	pthread_barrier_t barrier;
	struct unmapper u[2];

	assert_int_equal(pthread_barrier_init(&barrier, NULL, 3), 0);
	for (int i = 0; i < 2; i++) {
		u[i] = (struct unmapper){ .fixture = f, .iova = IOVA + i * SIZE, .at = m->at,
					  .barrier = &barrier };
		start(&u[i]);
	}
	for (int i = 0; i < ROUNDS; i++) {
		pthread_barrier_wait(&barrier);
		emulated_open(&f->emulated2, &f->container, 1);
		emulated_close(&f->emulated2);
		pthread_barrier_wait(&barrier);
	}
	finish(&u[0]);
	finish(&u[1]);
	assert_int_equal(judge_pins(), 0);
}

static void *unmap_two(void *arg)
{
	const struct fixture *f = arg;

	return (void *)(intptr_t)vfio_unmap(&f->container, IOVA, 2 * SIZE, 0, NULL);
}

/*
 * The first one's range takes no new pins all the while; in-tree it does. Asserted only when the
 * first one is back: a stalled callback would keep the teardown waiting.
 */
static void two_unmaps_of_which_one_fails(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, 2 * SIZE);
	int before, refused, after;
	pthread_t first;
	void *ret;

	emulated_open(&f->emulated2, &f->container, 1);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_map(&f->container, IOVA + SIZE, m->at + SIZE, SIZE);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_BOTH), 1);
	emulated_stall(&f->emulated);
	assert_int_equal(pthread_create(&first, NULL, unmap_two, f), 0);
	emulated_wait_stalled(&f->emulated);
	before = emulated_pin(&f->emulated2, IOVA + SIZE, 1, DEVICE_BOTH);
	refused = dirty_unmap(&f->container, IOVA + SIZE, SIZE, m->reserved, NULL);
	after = emulated_pin(&f->emulated2, IOVA + SIZE, 1, DEVICE_BOTH);
	emulated_resume(&f->emulated);
	assert_int_equal(pthread_join(first, &ret), 0);

	assert_int_equal(before, -EINVAL);
	assert_int_equal(refused, -EFAULT);
	assert_int_equal(after, -EINVAL);
	assert_int_equal((intptr_t)ret, 0);
	assert_held(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(pinning_what_is_being_unmapped),
		guest_test_emulated(unmapping_what_is_being_pinned),
		guest_test_emulated(two_unmap_while_a_device_comes_and_goes),
		guest_test_emulated(two_unmaps_of_which_one_fails),
	};

	if (vfio_in_tree())
		cmocka_set_skip_filter("two_unmap*");
	return cmocka_run_group_tests_name("emulated race", tests, NULL, NULL);
}
