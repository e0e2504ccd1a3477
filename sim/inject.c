// SPDX-License-Identifier: GPL-2.0
/*
 * Failures on demand.
 */
#include "inject.h"

struct sim_calls sim_calls;

/** sim_inject() - the @nth call from now on (1: the next) returns @with; a signal stays pending */
void sim_inject(enum sim_call call, u64 nth, int with)
{
	sim_calls.fail_at[call] = sim_calls.made[call] + nth;
	sim_calls.fail_with[call] = with;
}

/** sim_inject_none() - no call fails any more; forgets how many were hit */
void sim_inject_none(void)
{
	u32 i;

	for (i = 0; i < SIM_CALLS; i++)
		sim_calls.fail_at[i] = 0;
	sim_calls.hits = 0;
}

/** sim_count() - a call is made */
void sim_count(enum sim_call call)
{
	sim_calls.made[call]++;
	sim_calls.since = call == SIM_CALL_RESCHED ? 0 : sim_calls.since + 1;
	if (sim_calls.since > sim_calls.longest)
		sim_calls.longest = sim_calls.since;
}

/** sim_hit() - counts a call; is it to fail, and @with what? */
bool sim_hit(enum sim_call call, int *with)
{
	u64 nth, fail_at = sim_calls.fail_at[call];

	sim_count(call);
	nth = sim_calls.made[call];
	*with = sim_calls.fail_with[call];
	if (!fail_at || nth < fail_at || (nth > fail_at && call != SIM_CALL_KILLED))
		return false;
	sim_calls.hits++;
	return true;
}
