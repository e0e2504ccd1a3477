/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Independent witnesses: what the kernel itself says of pins, locked memory and trouble.
 *
 * judge_begin() and judge_end() enclose each test. After it every page that was pinned is
 * unpinned, this process has no locked memory, and the kernel's log has no warning; a fault of
 * the IOMMU counts as one unless the test provokes it and said so. $JUDGE_TOLERATES is a regular
 * expression of lines that count as none, to the end of the stack that follows them.
 */
#ifndef GUEST_JUDGE_H
#define GUEST_JUDGE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

void judge_begin(void);
void judge_end(void);
void judge_expect_faults(void);

/* pins taken since judge_begin() and not dropped, as the kernel counts: a page or a folio each */
int64_t judge_pins(void);

/* pins taken since judge_begin(), also those that were dropped */
int64_t judge_pins_taken(void);

/* what this process, or another, is charged, in bytes */
uint64_t judge_locked(void);
uint64_t judge_locked_by(pid_t pid);

/* lines in the kernel's log, since it booted, that match */
unsigned int judge_log_lines(const char *expression);

/* 6.12 or later, rather than 6.1 */
bool judge_kernel_is_later(void);

#endif
