// SPDX-License-Identifier: GPL-2.0
/*
 * The world's beginning and end, its randomness, and what it says of a broken rule.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "sim.h"

#define LIMIT_PAGES_DEFAULT	(1ULL << 40)

struct sim_world sim;

/** sim_random() - the next number of this world (splitmix64) */
u64 sim_random(void)
{
	u64 x = sim.random += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/** sim_below() - a random number below @n, which is not 0 */
u64 sim_below(u64 n)
{
	return sim_random() % n;
}

/** sim_violation() - the end of a world in which the engine broke a rule */
void sim_violation(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fprintf(stderr, "# seed %llu, step %llu: ", sim.seed, sim.step);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	abort();
}

/** sim_begin() - a world with empty processes, and a container without domains */
void sim_begin(u64 seed, struct stride_space_options options)
{
	u32 i;

	sim = (struct sim_world){ .seed = seed, .random = seed };
	for (i = 0; i < SIM_PROCESSES; i++)
		sim.processes[i].limit = LIMIT_PAGES_DEFAULT;
	sim.self = sim.processes;
	if (stride_space_init(&sim.space, &sim_host, options))
		sim_violation("no memory for a space");
}

static void end_process(struct sim_process *process)
{
	if (process->locked != process->leaked)
		sim_violation("a process ends with %llu locked pages, %llu leaked", process->locked,
			      process->leaked);
	sim_switch_to(process);
	sim_zap(0, 1ULL << 52);
}

/** sim_end() - everything goes; what the engine or a domain still holds then is a broken rule */
void sim_end(void)
{
	struct sim_span *span;
	u32 i;

	sim_inject_none();
	while (sim.domains) {
		sim_detach(sim.domains);
		sim_check();
	}
	while (sim.space.emulated)
		sim_emulated_detach();
	stride_unmap_all(&sim.space);
	sim_check();
	stride_space_fini(&sim.space);
	for (i = 0; i < SIM_PROCESSES; i++)
		end_process(&sim.processes[i]);

	sim_span_each(span, &sim.folios) {
		struct sim_folio *folio = sim_container(span, struct sim_folio, span);

		if (folio->pins != folio->leaked || folio->mapped || folio->reached)
			sim_violation("folio 0x%llx ends with %llu pins, mapped %llu, reached %llu",
				      span->first, folio->pins, folio->mapped, folio->reached);
	}
	if (sim.mappings || sim.allocs || !RB_EMPTY(&sim.holds))
		sim_violation("%s mapping, %s hold, %llu allocations are left",
			      sim.mappings ? "a" : "no", RB_EMPTY(&sim.holds) ? "no" : "a",
			      sim.allocs);
	while ((span = sim_span_find(&sim.folios, 0, ~0ULL))) {
		struct sim_folio *folio = sim_container(span, struct sim_folio, span);

		folio->pins = folio->leaked = 0;
		sim_folio_put(folio);
	}
	free(sim.glimpses);
	sim.glimpses = NULL;
}
