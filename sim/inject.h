/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The calls that a host serves: how many were made, and which are to fail.
 */
#ifndef SIM_INJECT_H
#define SIM_INJECT_H

#include <host_types.h>

/*
 * A host call. Those up to SIM_CALL_KILLED can be made to fail; SIM_CALL_SWEEP is within a map that
 * fails, the way back from what it had mapped.
 */
enum sim_call {
	SIM_CALL_ALLOC,
	SIM_CALL_MAPPING_NEW,
	SIM_CALL_PIN,
	SIM_CALL_LEAF,
	SIM_CALL_PFNMAP,
	SIM_CALL_CHARGE,
	SIM_CALL_MAP,
	SIM_CALL_CLEAR,
	SIM_CALL_CHANGE_OWNER,
	SIM_CALL_HOLD_ADD,
	SIM_CALL_ACCESS,
	SIM_CALL_COPY_IN,
	SIM_CALL_COPY_OUT,
	SIM_CALL_SWEEP,
	SIM_CALL_KILLED,
	SIM_CALL_RESCHED,
	SIM_CALL_UNPIN,
	SIM_CALL_SYNC,
	SIM_CALL_NOTIFY_DMA_UNMAP,
	SIM_CALLS,
};

/**
 * struct sim_calls - all host calls
 * @made:	so far, of each kind
 * @fail_at:	which of them fails; 0 none
 * @fail_with:	what it returns then
 * @hits:	injected failures that were hit
 * @since:	calls made since others last had a chance to run
 * @longest:	the most that there ever were
 * @erratic:	pins and clears do less than they were asked to, at random
 */
struct sim_calls {
	u64 made[SIM_CALLS];
	u64 fail_at[SIM_CALLS];
	int fail_with[SIM_CALLS];
	u64 hits;
	u64 since;
	u64 longest;
	bool erratic;
};

extern struct sim_calls sim_calls;

void sim_inject(enum sim_call call, u64 nth, int with);
void sim_inject_none(void);
void sim_count(enum sim_call call);
bool sim_hit(enum sim_call call, int *with);

#endif
