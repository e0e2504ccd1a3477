// SPDX-License-Identifier: GPL-2.0
/*
 * A container with the first edu device. See fixture.h.
 */
#define _GNU_SOURCE
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fixture fixture;
static pid_t owner;

/* to the kernel's log */
static void announce(const char *title)
{
	int log = open("/dev/kmsg", O_WRONLY | O_CLOEXEC);
	char line[256];

	assert_true(log >= 0);
	snprintf(line, sizeof(line), "%s: %s\n", program_invocation_short_name, title);
	assert_int_equal(write(log, line, strlen(line)), strlen(line));
	close(log);
}

int fixture_setup_closed(void **state)
{
	const struct vfio_container no_container = { .fd = -1 };
	const struct vfio_device no_device = { .group = -1, .fd = -1 };

	fixture = (struct fixture){
		.container = no_container,
		.edu.device = no_device,
		.container2 = no_container,
		.edu2.device = no_device,
		.emulated.device = no_device,
		.emulated2.device = no_device,
		.device = no_device,
		.variant = *state,
	};
	*state = &fixture;
	owner = getpid();
	announce(*(const char *const *)fixture.variant);
	judge_begin();
	return 0;
}

static int setup_type(void **state, unsigned long type)
{
	fixture_setup_closed(state);
	vfio_container_open(&fixture.container, type);
	edu_open(&fixture.edu, &fixture.container, EDU_FIRST);
	return 0;
}

int fixture_setup(void **state)
{
	return setup_type(state, VFIO_TYPE1v2_IOMMU);
}

int fixture_setup_v1(void **state)
{
	return setup_type(state, VFIO_TYPE1_IOMMU);
}

int fixture_setup_emulated(void **state)
{
	emulated_load();
	fixture_setup_closed(state);
	vfio_container_open(&fixture.container, VFIO_TYPE1v2_IOMMU);
	emulated_open(&fixture.emulated, &fixture.container, 0);
	return 0;
}

pid_t fixture_fork(struct fixture *f)
{
	f->child = fork();
	assert_true(f->child >= 0);
	return f->child;
}

int fixture_wait(struct fixture *f)
{
	int status;

	assert_int_equal(waitpid(f->child, &status, 0), f->child);
	f->child = 0;
	return status;
}

int fixture_teardown(void **state)
{
	(void)state;
	if (getpid() != owner)	/* a child that failed an assertion */
		_exit(FIXTURE_CHILD_FAILED);
	if (fixture.child > 0) {
		kill(fixture.child, SIGKILL);
		fixture_wait(&fixture);
	}
	vfio_device_close(&fixture.device);
	emulated_close(&fixture.emulated2);
	emulated_close(&fixture.emulated);
	edu_close(&fixture.edu2);
	edu_close(&fixture.edu);
	vfio_container_close(&fixture.container2);
	vfio_container_close(&fixture.container);
	memory_put_all();
	judge_end();
	return 0;
}
