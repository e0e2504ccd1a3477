// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's fault injection. See fault.h.
 */
#include "../guest/cm.h"
#include "fault.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KNOBS "/sys/kernel/debug/"

static int fail_nth = -1;

static void turn(const char *knob, const char *value)
{
	FILE *file = fopen(knob, "w");

	if (!file)
		fail_msg("no %s: this takes the kernel of make debug-kernel", knob);
	fputs(value, file);
	assert_int_equal(fclose(file), 0);
}

void fault_prepare(void)
{
	turn(KNOBS "failslab/ignore-gfp-wait", "N");
	turn(KNOBS "failslab/verbose", "0");
	turn(KNOBS "fail_page_alloc/ignore-gfp-wait", "N");
	turn(KNOBS "fail_page_alloc/ignore-gfp-highmem", "N");
	turn(KNOBS "fail_page_alloc/min-order", "0");
	turn(KNOBS "fail_page_alloc/verbose", "0");
	turn(KNOBS "fail_usercopy/verbose", "0");
	fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	assert_true(fail_nth >= 0);
}

void fault_arm(unsigned int nth)
{
	char text[16];
	int length = snprintf(text, sizeof(text), "%u", nth);

	assert_int_equal(pwrite(fail_nth, text, length, 0), length);
}

/*
 * The file says how many are left to go. As long as there are any, reading and writing it are
 * counted too, and may be what fails.
 */
bool fault_disarm(void)
{
	char left[16] = "";
	bool hit = pread(fail_nth, left, sizeof(left) - 1, 0) > 0 && !atoi(left);

	while (pwrite(fail_nth, "0", 1, 0) != 1)
		;
	return hit;
}
