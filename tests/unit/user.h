/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A user of one container with one domain, who has memory of every length at one address. In pages.
 */
#ifndef TESTS_USER_H
#define TESTS_USER_H

#include "sim/sim.h"

#define USER_VADDR	0x7f0000000000ULL
#define USER_PAGES	4096

void user_begin(bool v2, u32 available);
void user_end(void);
int user_map(u64 ipn, u64 npages);
long long user_unmap(u64 ipn, u64 npages);
long long user_unmap_all(void);
bool user_has(u64 ipn);

#endif
