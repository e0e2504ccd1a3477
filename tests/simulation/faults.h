/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Each call that a host serves is made to fail once: the first, the second, and so on until the
 * scenario no longer makes that many. Each time all of it must be undone, the caller must get that
 * error, and the same must then succeed.
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
 * struct scenario - something that a user does
 * @prepare:	what is there before
 * @act:	returns what the engine answers
 * @harmless:	a failing call of this kind may be made up for, a bit each
 */
struct scenario {
	const char *name;
	void (*prepare)(void);
	int (*act)(void);
	u32 harmless;
};

#define SCENARIO(scenario) { (scenario).name, test_scenario, NULL, NULL, (void *)&(scenario) }

void test_scenario(void **state);

void put(u64 page, u64 count, u32 order, u64 pfn, long long step, enum sim_kind kind);
void put_mixed(void);
int map_at(u64 iova, u64 npages);
void domains(u32 n);
int attach(void);

#endif
