/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A user of one container, who has memory of every length at one address, and the driver of an
 * emulated device. In pages.
 */
#ifndef TESTS_USER_H
#define TESTS_USER_H

#include "sim/sim.h"

#define USER_VADDR	0x7f0000000000ULL
#define USER_PAGES	4096

void user_begin(bool v2, u32 available);
void user_begin_emulated(void);
void user_end(void);
int user_attach(void);
void user_detach(void);
int user_map(u64 ipn, u64 npages);
int user_map_prot(u64 ipn, u64 npages, u32 prot);
long long user_unmap(u64 ipn, u64 npages);
long long user_unmap_all(void);
bool user_has(u64 ipn);
int user_hold(u64 ipn, u32 npages);
u32 user_unhold(u64 ipn, u32 npages);
int user_write(u64 iova, u64 bytes);

#endif
