// SPDX-License-Identifier: GPL-2.0
/*
 * A mapping that another process made. See other.h.
 */
#define _GNU_SOURCE
#include "other.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

/* the parent's ends; an exec closes the child's */
static int news = -1, orders = -1;

static void close_ends(void)
{
	close(news);
	close(orders);
	news = -1;
	orders = -1;
}

static void child(struct fixture *f, const struct memory *m, char fill, int report, int wait)
{
	char byte;

	memset(m->at, fill, m->size);
	assert_map(&f->container, IOVA, m->at, m->size);
	if (write(report, "", 1) == 1 && read(wait, &byte, 1) == 1)
		execlp("sleep", "sleep", "1000", NULL);
	_exit(1);
}

void other_maps(struct fixture *f, const struct memory *m, char fill)
{
	int report[2], order[2];
	char byte;

	assert_int_equal(pipe2(report, O_CLOEXEC), 0);
	assert_int_equal(pipe2(order, O_CLOEXEC), 0);
	if (!fixture_fork(f)) {
		close(order[1]);
		child(f, m, fill, report[1], order[0]);
	}
	close(report[1]);
	close(order[0]);
	news = report[0];
	orders = order[1];
	assert_int_equal(read(news, &byte, 1), 1);
}

void other_ends(struct fixture *f)
{
	assert_int_equal(kill(f->child, SIGKILL), 0);
	fixture_wait(f);
	close_ends();
}

void other_execs(struct fixture *f)
{
	char byte;

	(void)f;
	assert_int_equal(write(orders, "", 1), 1);
	assert_int_equal(read(news, &byte, 1), 0);
	close_ends();
}
