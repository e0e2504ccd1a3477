// SPDX-License-Identifier: GPL-2.0
/*
 * Runs a sequence. See runner.h.
 */
#include "../guest/cm.h"
#include "../guest/judge.h"
#include "operations.h"
#include "peer.h"
#include "runner.h"
#include "world.h"

#include <unistd.h>

#define LIMIT 300	/* seconds */

static void run_one(const struct sequence *s, unsigned int i)
{
	const struct operation *op = &s->operations[i];

	say("%u %c %s", i, "AB"[op->process], op->type->name);
	if (op->process == myself)
		op->type->run(op);
	else if (world->pids[op->process])
		peer_run(i);
	else
		say(" -> gone");
	say("\n");
	world_tell();
	dma_look();
}

/* what is left ends in one of several orders; then no page may be pinned any more */
static void end(unsigned int how)
{
	bool containers_first = how & 1, peer_first = how & 2, backwards = how & 4;

	say("end %u\n", how);
	if (containers_first) {
		peer_close_containers();
		world_close_containers();
	}
	if (peer_first)
		peer_end();
	world_close_groups(backwards);
	world_tell();
	peer_end();
	say("pins left: %lld\n", (long long)judge_pins());
	if (!vfio_in_tree())
		judge_end();
}

void runner_run(const struct sequence *s, int text)
{
	alarm(LIMIT);
	parameters_reset();
	judge_begin();
	judge_expect_faults();
	world_make(text);
	peer_start(s);
	world_enter(0);
	for (unsigned int i = 0; i < s->count; i++)
		run_one(s, i);
	end(s->seed % 8);
	_exit(0);
}
