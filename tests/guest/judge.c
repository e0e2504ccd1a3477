// SPDX-License-Identifier: GPL-2.0
/*
 * Independent witnesses. See judge.h.
 */
#include "cm.h"
#include "judge.h"

#include <fcntl.h>
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#define FAULT "DMAR: .*fault|AMD-Vi: .*FAULT"
#define TROUBLE "WARNING:|BUG:|Oops|Call Trace|general protection|" FAULT

static int kmsg = -1;
static bool faults_expected;
static int64_t taken_before, dropped_before;

/* the kernel keeps these counters per CPU: reading stat_refresh folds them */
static void fold_counters(void)
{
	char line[64];
	FILE *file = fopen("/proc/sys/vm/stat_refresh", "r");

	assert_non_null(file);
	assert_null(fgets(line, sizeof(line), file));
	fclose(file);
}

/* the number after a name at the start of a line; a file without it fails the test */
static uint64_t number_of(const char *path, const char *name)
{
	unsigned long long number = 0;
	bool found = false;
	char line[256];
	FILE *file = fopen(path, "r");

	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file))
		found = !strncmp(line, name, strlen(name)) &&
			sscanf(line + strlen(name), " %llu", &number) == 1;
	fclose(file);
	if (!found)
		fail_msg("%s says nothing of %s", path, name);
	return number;
}

static int64_t pins_taken(void)
{
	fold_counters();
	return number_of("/proc/vmstat", "nr_foll_pin_acquired");
}

static int64_t pins_dropped(void)
{
	fold_counters();
	return number_of("/proc/vmstat", "nr_foll_pin_released");
}

int64_t judge_pins_taken(void)
{
	return pins_taken() - taken_before;
}

int64_t judge_pins(void)
{
	return judge_pins_taken() - (pins_dropped() - dropped_before);
}

uint64_t judge_locked_by(pid_t pid)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	return 1024 * (number_of(path, "VmLck:") + number_of(path, "VmPin:"));
}

uint64_t judge_locked(void)
{
	return judge_locked_by(getpid());
}

void judge_expect_faults(void)
{
	faults_expected = true;
}

bool judge_kernel_is_later(void)
{
	struct utsname name;
	int major, minor;

	assert_int_equal(uname(&name), 0);
	assert_int_equal(sscanf(name.release, "%d.%d", &major, &minor), 2);
	return major > 6 || (major == 6 && minor >= 12);
}

static int open_log(void)
{
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	assert_true(log >= 0);
	return log;
}

void judge_begin(void)
{
	faults_expected = false;
	taken_before = pins_taken();
	dropped_before = pins_dropped();
	assert_int_equal(judge_locked(), 0);
	kmsg = open_log();
	assert_int_equal(lseek(kmsg, 0, SEEK_END), 0);
}

static bool matches(const char *line, const char *expression)
{
	regex_t regex;
	bool found;

	assert_int_equal(regcomp(&regex, expression, REG_EXTENDED | REG_NOSUB), 0);
	found = !regexec(&regex, line, 0, NULL, 0);
	regfree(&regex);
	return found;
}

/* the kernel's next record; false at the end of the log */
static bool next_record(int log, char *record, size_t size)
{
	ssize_t n;

	do {
		n = read(log, record, size - 1);
	} while (n < 0 && errno == EPIPE);	/* some were overwritten: go on with the oldest */
	if (n < 0)
		return false;
	record[n] = '\0';
	return true;
}

unsigned int judge_log_lines(const char *expression)
{
	unsigned int lines = 0;
	char record[2048];
	int log = open_log();

	while (next_record(log, record, sizeof(record)))
		lines += matches(record, expression);
	close(log);
	return lines;
}

static int count_trouble(void)
{
	const char *tolerated = getenv("JUDGE_TOLERATES");
	bool tolerating = false;
	char record[2048];
	int troubles = 0;

	while (next_record(kmsg, record, sizeof(record))) {
		if (tolerated && matches(record, tolerated))
			tolerating = true;
		if (tolerating) {
			tolerating = !matches(record, "</TASK>");
			continue;
		}
		if (!matches(record, TROUBLE))
			continue;
		if (faults_expected && matches(record, FAULT))
			continue;
		print_error("kernel log: %s\n", record);
		troubles++;
	}
	return troubles;
}

void judge_end(void)
{
	int troubles = count_trouble();

	close(kmsg);
	kmsg = -1;
	assert_int_equal(judge_pins(), 0);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(troubles, 0);
}
