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
	u64 pinned;		/* a hash of each folio's pins */
	u64 locked;		/* a hash of each process's locked memory */
	u64 mappings;		/* a hash of what the user can know of each */
	u64 holds;
	u64 dirty;		/* a hash of the pages that would be reported */
	u64 allocs;
	u64 bytes;
	u64 available;
	u64 translated;		/* a hash of every domain's translations */
	u64 vaddr_invalid_count;
	u64 groups;		/* a hash of how many groups and devices there are */
	u64 tracking;
};

struct sim_state sim_state(void);
void sim_check_same(const struct sim_state *before);

#endif
