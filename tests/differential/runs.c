// SPDX-License-Identifier: GPL-2.0
/*
 * Sequences run on both drivers. See runs.h.
 *
 * How a runner ended is part of its text, so that an operation that kills it differs as any other.
 */
#define _GNU_SOURCE
#include "../guest/cm.h"
#include "runner.h"
#include "runs.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

static void load(const char *driver)
{
	char command[64];

	snprintf(command, sizeof(command), "driver %s", driver);
	assert_int_equal(system(command), 0);
}

/* the runner, and whatever processes it left: the driver is in use until they are gone */
static void wait_for(pid_t runner, int text)
{
	int status;
	pid_t pid;

	while ((pid = wait(&status)) > 0) {
		if (pid != runner)
			continue;
		if (WIFSIGNALED(status))
			dprintf(text, "\nended by signal %d\n", WTERMSIG(status));
		else if (status)
			dprintf(text, "\nended with status %d\n", WEXITSTATUS(status));
	}
}

static char *text_of(int fd)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *text = malloc(size + 1);

	assert_non_null(text);
	assert_int_equal(pread(fd, text, size, 0), size);
	text[size] = '\0';
	return text;
}

static char *run_apart(const struct sequence *sequence)
{
	int fd = memfd_create("text", MFD_CLOEXEC);
	char *text;
	pid_t pid;

	assert_true(fd >= 0);
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid)
		runner_run(sequence, fd);
	wait_for(pid, fd);
	text = text_of(fd);
	close(fd);
	return text;
}

void runs_on_both(struct run *runs, unsigned int count)
{
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	load("in-tree");
	for (unsigned int i = 0; i < count; i++)
		runs[i].in_tree = run_apart(&runs[i].sequence);
	load("stride");
	for (unsigned int i = 0; i < count; i++)
		runs[i].other = run_apart(&runs[i].sequence);
}

void runs_free(struct run *runs, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		sequence_free(&runs[i].sequence);
		free(runs[i].in_tree);
		free(runs[i].other);
	}
}
