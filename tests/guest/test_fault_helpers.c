// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that fault memory in are the caller's: its control groups, processors and nice value, and
 * memory comes from where it would have come from without them. After the call they are gone.
 */
#define _GNU_SOURCE
#include "file.h"
#include "fixture.h"

#include <dirent.h>
#include <errno.h>
#include <linux/mempolicy.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define SIZE (264 * MIB)	/* enough for a helper to be worth it */
#define ROOT "/tmp/cgroup"
#define LIMITED ROOT "/limited"
#define PERCENT 20
#define NICE 5

static cpu_set_t all_processors;

static int setup(void **state)
{
	assert_int_equal(sched_getaffinity(0, sizeof(all_processors), &all_processors), 0);
	return fixture_setup(state);
}

static int teardown(void **state)
{
	int err;

	syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
	sched_setaffinity(0, sizeof(all_processors), &all_processors);
	vfio_parameter_set("fault_threads", "16", NULL);
	err = fixture_teardown(state);
	unsetenv("JUDGE_TOLERATES");
	return err;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static bool is_helper(int pid)
{
	char path[64], name[32] = "";
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	file = fopen(path, "r");
	if (!file)
		return false;
	if (!fgets(name, sizeof(name), file))
		name[0] = '\0';
	fclose(file);
	return !strncmp(name, "stride-fault", 12);
}

static unsigned int count_helpers(void)
{
	DIR *proc = opendir("/proc");
	struct dirent *entry;
	unsigned int n = 0;

	assert_non_null(proc);
	while ((entry = readdir(proc)))
		n += is_helper(atoi(entry->d_name));
	closedir(proc);
	return n;
}

/* a node's two processors */
static cpu_set_t processors_of(int node)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(2 * node, &set);
	CPU_SET(2 * node + 1, &set);
	return set;
}

static bool runs_on(int pid, int node)
{
	cpu_set_t set, due = processors_of(node);

	return !sched_getaffinity(pid, sizeof(set), &set) && CPU_EQUAL(&set, &due);
}

/* one in the limited group that has become all that it has to be, or 0 */
static int limited_helper(void)
{
	FILE *group = fopen(LIMITED "/cgroup.procs", "r");
	int pid, found = 0;

	assert_non_null(group);
	while (!found && fscanf(group, "%d", &pid) == 1)
		if (is_helper(pid) && getpriority(PRIO_PROCESS, pid) == NICE &&
		    (runs_on(pid, 0) || runs_on(pid, 1)))
			found = pid;
	fclose(group);
	return found;
}

static void limit_group(const char *cpu, const char *memory)
{
	mkdir(ROOT, 0755);
	assert_true(!mount("none", ROOT, "cgroup2", 0, NULL) || errno == EBUSY);
	file_write(ROOT "/cgroup.subtree_control", "+cpu +memory");
	assert_true(!mkdir(LIMITED, 0755) || errno == EEXIST);
	file_write(LIMITED "/cpu.max", cpu);
	file_write(LIMITED "/memory.max", memory);
}

/* in the child, who may run on both nodes */
static void map_in_group(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_THP_FRESH, SIZE);
	int err;

	file_write(LIMITED "/cgroup.procs", "0");
	assert_int_equal(setpriority(PRIO_PROCESS, 0, NICE), 0);
	err = vfio_map(&f->container, IOVA, m->at, m->size, DEVICE_BOTH);
	_exit(err || vfio_unmap(&f->container, IOVA, m->size, 0, NULL));
}

/* Helpers pay with the caller's processor time, and so the limit holds for all of them together. */
static void are_in_the_callers_group(void **state)
{
	struct fixture *f = *state;
	char percent[32];
	double start, used;
	int helper = 0, status;

	snprintf(percent, sizeof(percent), "%u 100000", PERCENT * 1000);
	limit_group(percent, "max");
	used = file_number(LIMITED "/cpu.stat", "usage_usec %llu") / 1e6;
	start = now();
	if (!fixture_fork(f))
		map_in_group(f);
	while (!helper && !waitpid(f->child, &status, WNOHANG))
		helper = limited_helper();
	assert_true(helper);
	assert_int_equal(fixture_wait(f), 0);
	used = file_number(LIMITED "/cpu.stat", "usage_usec %llu") / 1e6 - used;
	print_message("# %.2f s of processor time in %.2f s\n", used, now() - start);
	/* a period's quota may be used at once at either end */
	assert_true(used <= PERCENT / 100.0 * (now() - start) * 1.1 + 2 * PERCENT / 1000.0);
	assert_int_equal(judge_pins(), 0);
}

/* The process that maps is killed for it, and the call ends, though helpers are no part of it. */
static void end_at_the_callers_memory_limit(void **state)
{
	static const char *const threads[] = { "1", "16" };
	struct fixture *f = *state;
	int status;

	assert_int_equal(setenv("JUDGE_TOLERATES", "invoked oom-killer", 1), 0);
	for (int i = 0; i < 2; i++) {
		vfio_parameter_set("fault_threads", threads[i], NULL);
		limit_group("max 100000", "134217728");
		alarm(100);
		if (!fixture_fork(f))
			map_in_group(f);
		status = fixture_wait(f);
		alarm(0);
		assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
		assert_int_equal(judge_pins(), 0);
		assert_int_equal(count_helpers(), 0);
	}
}

static void are_gone_after_the_call(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_THP_FRESH, SIZE);

	assert_map(&f->container, IOVA, m->at, m->size);
	assert_int_equal(count_helpers(), 0);
	assert_int_equal(mprotect(m->at, m->size, PROT_NONE), 0);
	assert_unmap(&f->container, IOVA, m->size);
}

/* pages of a node under an address, as numa_maps has them */
static uint64_t pages_on(const struct memory *m, unsigned int node)
{
	FILE *file = fopen("/proc/self/numa_maps", "r");
	unsigned long long pages = 0;
	char line[1024], name[16];
	char *found;

	assert_non_null(file);
	snprintf(name, sizeof(name), " N%u=", node);
	while (fgets(line, sizeof(line), file))
		if (strtoull(line, NULL, 16) == (uintptr_t)m->at) {
			found = strstr(line, name);
			if (found)
				pages = strtoull(found + strlen(name), NULL, 10);
		}
	fclose(file);
	return pages;
}

struct row {
	const char *title;
	bool of_memory;		/* rather than of the task */
	int mode;
	unsigned long nodes;
};

static struct memory *map_with_policy(struct fixture *f, const struct row *row)
{
	struct memory *m = memory_get(MEMORY_THP_FRESH, SIZE);
	const unsigned long *nodes = row->nodes ? &row->nodes : NULL;

	if (row->of_memory)
		assert_int_equal(syscall(SYS_mbind, m->at, m->size, row->mode, nodes, 8, 0), 0);
	else
		assert_int_equal(syscall(SYS_set_mempolicy, row->mode, nodes, 8), 0);
	assert_map(&f->container, IOVA, m->at, m->size);
	return m;
}

static void leave_memory_in_its_place(void **state)
{
	static const char *const threads[] = { "1", "16" };
	struct fixture *f = *state;
	cpu_set_t near = processors_of(0);
	uint64_t pages[2][2];

	assert_int_equal(sched_setaffinity(0, sizeof(near), &near), 0);
	for (int i = 0; i < 2; i++) {
		struct memory *m;

		vfio_parameter_set("fault_threads", threads[i], NULL);
		m = map_with_policy(f, f->variant);
		pages[i][0] = pages_on(m, 0);
		pages[i][1] = pages_on(m, 1);
		assert_int_equal(pages[i][0] + pages[i][1], m->size / PAGE);
		assert_unmap(&f->container, IOVA, m->size);
		memory_put_all();
	}
	print_message("# %llu and %llu pages; %llu and %llu\n", (unsigned long long)pages[0][0],
		      (unsigned long long)pages[0][1], (unsigned long long)pages[1][0],
		      (unsigned long long)pages[1][1]);
	assert_int_equal(pages[1][0], pages[0][0]);
}

static const struct row rows[] = {
	{ .title = "memory_of_a_task_without_policy", .mode = MPOL_DEFAULT },
	{ .title = "memory_of_a_task_bound_elsewhere", .mode = MPOL_BIND, .nodes = 2 },
	{ .title = "memory_of_a_task_that_prefers_elsewhere", .mode = MPOL_PREFERRED, .nodes = 2 },
	{ .title = "memory_of_a_task_that_interleaves", .mode = MPOL_INTERLEAVE, .nodes = 3 },
	{ .title = "memory_bound_elsewhere", .of_memory = true, .mode = MPOL_BIND, .nodes = 2 },
	{ .title = "memory_that_is_interleaved", .of_memory = true, .mode = MPOL_INTERLEAVE,
	  .nodes = 3 },
};

#define helpers_test(f) guest_test_with(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest alone[] = {
		helpers_test(are_in_the_callers_group),
		helpers_test(are_gone_after_the_call),
		helpers_test(end_at_the_callers_memory_limit),
	};
	struct CMUnitTest tests[guest_rows(rows) + guest_rows(alone)], *test = tests;

	if (sysconf(_SC_NPROCESSORS_ONLN) != 4) {
		printf("Bail out! needs four processors in two nodes: PROCESSORS=4\n");
		return 1;
	}
	guest_add_rows_with(test, rows, leave_memory_in_its_place, setup, teardown);
	memcpy(test, alone, sizeof(alone));
	return cmocka_run_group_tests_name("fault_helpers", tests, NULL, NULL);
}
