/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rule for calls that fail: nothing has changed.
 */
#ifndef SIM_CHECK_AFTER_FAILURE_H
#define SIM_CHECK_AFTER_FAILURE_H

#include <host_types.h>

/** struct sim_state - what a call that fails must leave as it was */
struct sim_state {
	u64 pins;
	u64 pinned;		/* sums up which folios are */
	u64 locked;		/* sums up who is charged what */
	u64 mappings;		/* sums up all that is known of them */
	u64 holds;
	u64 dirty;		/* sums up which pages the user would hear are */
	u64 allocs;
	u64 bytes;
	u64 available;
	u64 translated;		/* sums up what all domains translate */
	u64 vaddr_invalid_count;
	u64 groups;		/* sums up what groups there are */
	u64 tracking;
};

struct sim_state sim_state(void);
void sim_check_same(const struct sim_state *before);

#endif
