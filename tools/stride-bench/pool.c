// SPDX-License-Identifier: GPL-2.0
/*
 * The hugetlb pools. What a pool held before it was raised is written back when the memory is
 * released, when the program exits for whatever reason, and when a signal ends it. Pages still in
 * use then are freed by the kernel with the process.
 *
 * Signals go to a thread of their own, so that one that comes in the middle of a long map does
 * not wait for its end: _exit() kills the mapping thread, and the kernel gives up the map.
 */
#include <err.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "limits.h"
#include "pool.h"
#include "sysfs.h"
#include "text.h"

#define POOL "/sys/kernel/mm/hugepages/hugepages-%llukB/"

/* One pool is raised at a time. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long long raised_kib;	/* its page size, 0: none; under lock */
static long pages_before;		/* under lock */

static void restore_locked(void)
{
	if (!raised_kib)
		return;
	if (!sysfs_write(pages_before, POOL "nr_hugepages", raised_kib))
		warn("put the hugetlb pool back: 'echo %ld >" POOL "nr_hugepages'", pages_before,
		     raised_kib);
	raised_kib = 0;
}

void pool_restore(void)
{
	pthread_mutex_lock(&lock);
	restore_locked();
	pthread_mutex_unlock(&lock);
}

static void *end_on_signal(void *signals)
{
	int number;

	sigwait(signals, &number);
	pthread_mutex_lock(&lock);
	restore_locked();
	_exit(128 + number);
}

void pool_guard(void)
{
	static const int ends[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT };
	static sigset_t signals;
	struct sigaction action;
	pthread_t thread;

	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		/* What is ignored, as under nohup, stays so. */
		if (!sigaction(ends[i], NULL, &action) && action.sa_handler != SIG_IGN)
			sigaddset(&signals, ends[i]);
	}
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
	if (pthread_create(&thread, NULL, end_on_signal, &signals))
		errx(1, "no thread for signals can be started: see 'ulimit -u'");
	atexit(pool_restore);
}

static long spare_pages(unsigned long long kib)
{
	return sysfs_number(POOL "free_hugepages", kib) - sysfs_number(POOL "resv_hugepages", kib);
}

void pool_raise(uint64_t page, uint64_t size)
{
	unsigned long long kib = page / KIB;
	long pages = size / page, spare, wanted;
	char text[SIZE_TEXT];

	size_text(text, page);
	if (!sysfs_exists(POOL, kib))
		errx(1, "this processor or kernel has no hugetlb pages of %s", text);
	spare = spare_pages(kib);
	if (spare >= pages)
		return;
	limits_check_memory((pages - spare) * page);

	pthread_mutex_lock(&lock);
	/* Surplus pages are counted in nr_hugepages but are not what the administrator set. */
	wanted = sysfs_number(POOL "nr_hugepages", kib) + pages - spare;
	pages_before = sysfs_number(POOL "nr_hugepages", kib) -
		       sysfs_number(POOL "surplus_hugepages", kib);
	raised_kib = kib;
	if (!sysfs_write(wanted, POOL "nr_hugepages", kib)) {
		raised_kib = 0;
		pthread_mutex_unlock(&lock);
		err(1, "hugetlb pool: 'echo %ld | sudo tee " POOL "nr_hugepages'", wanted, kib);
	}
	pthread_mutex_unlock(&lock);

	spare = spare_pages(kib);
	if (spare < pages)
		errx(1, "only %ld of %ld hugetlb pages of %s can be had: as root, 'echo 1 "
		     ">/proc/sys/vm/compact_memory', or boot with 'hugepagesz=%lluK hugepages=%ld'",
		     spare, pages, text, kib, pages);
}
