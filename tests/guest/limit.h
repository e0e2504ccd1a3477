/* SPDX-License-Identifier: GPL-2.0 */
/*
 * This process's limit of locked memory.
 */
#ifndef GUEST_LIMIT_H
#define GUEST_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

/* so many pages from now on, and no CAP_IPC_LOCK, which lifts the limit; and back to what was */
void limit_begin(uint64_t pages);
void limit_end(void);

/* between these two */
void limit_set(uint64_t pages);
void limit_lift(bool lift);

#endif
