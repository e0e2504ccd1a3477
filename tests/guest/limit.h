/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This process's limit of locked memory.
 */
#ifndef GUEST_LIMIT_H
#define GUEST_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* the limit that a limited test begins with, in pages */
#define LIMIT 8ull

/* fixture_setup() or fixture_setup_emulated(), then the limit; and fixture_teardown() */
int limit_setup(void **state);
int limit_setup_emulated(void **state);
int limit_teardown(void **state);

#define limited_test(f) guest_test_with(f, limit_setup, limit_teardown)
#define limited_test_emulated(f) guest_test_with(f, limit_setup_emulated, limit_teardown)

/* so many pages from now on, and no CAP_IPC_LOCK, which lifts the limit; and back to what was */
void limit_begin(uint64_t pages);
void limit_end(void);

/* between these two */
void limit_set(uint64_t pages);
void limit_lift(bool lift);

#endif
