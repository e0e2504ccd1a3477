/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each host call is made to fail once: the first, the second, and so on until the operation no
 * longer makes that many. Each time all of it must be undone, the caller must get that error, and
 * the same must then succeed.
 */
#ifndef TESTS_FAULTS_H
#define TESTS_FAULTS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "scene.h"

#define IOVA	0x100000ULL

/**
 * struct operation - something that a user does
 * @name:	for messages
 * @prepare:	what is there before
 * @run:	returns what the engine answers
 * @harmless:	a failing call of this kind may be made up for, a bit each
 */
struct operation {
	const char *name;
	void (*prepare)(void);
	int (*run)(void);
	u32 harmless;
};

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

int run_operations(const struct operation *operations, size_t n, const struct CMUnitTest *others,
		   size_t m);
struct sim_state refuse_undo(void (*prepare)(void), int (*run)(void), u64 nth,
			     enum sim_call call);

void set_memory(u64 page, u64 count, u32 order, u64 pfn, long long step, enum sim_kind kind);
void set_mixed(void);
int map_at(u64 iova, u64 npages);
void domains(u32 n);
int attach(void);

#endif
