// SPDX-License-Identifier: GPL-2.0
/*
 * The driver is unloaded and loaded again while containers open and close.
 *
 * A container holds the driver, so that unloading has to hit upon a moment without one; and a
 * container that opens in the moment without a driver is told so.
 */
#define _GNU_SOURCE
#include "../guest/fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULE "/lib/stride/vfio_iommu_type1.ko"
#define ROUNDS 50

/* a thread that opens a container, maps, and closes it, over and over */
struct client {
	pthread_t thread;
	const char *device;
	char *at;
	unsigned int opened, without_driver;
	bool failed;
};

static bool stop;

static void *come_and_go(void *arg)
{
	struct vfio_container container;
	struct vfio_device device;
	struct client *c = arg;
	int ret;

	while (!__atomic_load_n(&stop, __ATOMIC_RELAXED)) {
		vfio_container_open(&container, VFIO_TYPE1v2_IOMMU);
		ret = vfio_group_open(&device, &container, c->device);
		if (ret == -ENODEV) {
			c->without_driver++;
		} else {
			c->failed |= ret ||
				     vfio_map(&container, IOVA, c->at, THP_SIZE, DEVICE_BOTH);
			__atomic_add_fetch(&c->opened, 1, __ATOMIC_RELAXED);
		}
		if (!ret)
			vfio_device_close(&device);
		vfio_container_close(&container);
	}
	return NULL;
}

static void start(struct client *c, const char *device)
{
	*c = (struct client){ .device = device, .at = memory_get(MEMORY_THP, THP_SIZE)->at };
	assert_int_equal(pthread_create(&c->thread, NULL, come_and_go, c), 0);
}

static void finish(struct client *c)
{
	assert_int_equal(pthread_join(c->thread, NULL), 0);
	assert_false(c->failed);
	print_message("# %s: %u containers, %u times no driver\n", c->device, c->opened,
		      c->without_driver);
}

static void wait_for_a_container(struct client *c)
{
	unsigned int before = __atomic_load_n(&c->opened, __ATOMIC_RELAXED);

	while (__atomic_load_n(&c->opened, __ATOMIC_RELAXED) == before)
		sched_yield();
}

/* the number of times that it was in use */
static unsigned int unload(void)
{
	unsigned int busy = 0;

	while (syscall(SYS_delete_module, "vfio_iommu_type1", O_NONBLOCK)) {
		assert_int_equal(errno, EWOULDBLOCK);
		busy++;
		sched_yield();
	}
	return busy;
}

static void load(void)
{
	int fd = open(MODULE, O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(syscall(SYS_finit_module, fd, "allow_unsafe_interrupts=1", 0), 0);
	close(fd);
}

static void unloaded_and_loaded_while_containers_come_and_go(void **state)
{
	unsigned int busy = 0;
	struct client a, b;

	(void)state;
	stop = false;
	start(&a, EDU_FIRST);
	start(&b, EDU_SECOND);
	for (int i = 0; i < ROUNDS; i++) {
		wait_for_a_container(i % 2 ? &a : &b);
		busy += unload();
		load();
	}
	__atomic_store_n(&stop, true, __ATOMIC_RELAXED);
	finish(&a);
	finish(&b);
	print_message("# %d times unloaded, %u times in use\n", ROUNDS, busy);
	assert_true(busy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_closed(unloaded_and_loaded_while_containers_come_and_go),
	};

	return cmocka_run_group_tests_name("reload", tests, NULL, NULL);
}
