// SPDX-License-Identifier: GPL-2.0
/*
 * The world's beginning and end.
 */
#include "access.h"
#include "check_between_calls.h"
#include "container.h"
#include "emulated.h"
#include "gup.h"
#include "heap.h"
#include "host.h"
#include "inject.h"
#include "iommu.h"
#include "memory.h"
#include "run.h"
#include "table.h"
#include "world.h"

/** sim_begin() - a world with empty processes, and a container without domains */
void sim_begin(u64 seed, struct stride_space_options options)
{
	sim_run_begin(seed);
	sim_calls = (struct sim_calls){ 0 };
	sim_heap = (struct sim_heap){ 0 };
	sim_memory = (struct sim_memory){ 0 };
	sim_processes_begin();
	sim = (struct sim_container){ 0 };
	sim_user = (struct sim_buffer){ 0 };
	sim_gup = (struct sim_gup){ 0 };
	sim_dma_unmap = NULL;
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

/* Only folios whose pins leaked may be left. */
static void end_memory(void)
{
	struct sim_folio *folio;
	struct sim_span *span;

	while ((span = sim_span_find(&sim_memory.folios, 0, ~0ULL))) {
		folio = sim_container_of(span, struct sim_folio, span);
		if (folio->pins != folio->leaked || folio->mapped || folio->reached)
			sim_violation("folio 0x%llx ends with %llu pins, mapped %llu, reached %llu",
				      span->first, folio->pins, folio->mapped, folio->reached);
		folio->pins = 0;
		folio->leaked = 0;
		sim_folio_put(folio);
	}
}

/** sim_end() - everything goes; what the engine or a domain still holds then is a violation */
void sim_end(void)
{
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
	if (sim.space.unmappings)
		sim_violation("an unmap is under way at the end");
	stride_space_fini(&sim.space);
	for (i = 0; i < SIM_PROCESSES; i++)
		end_process(&sim_processes[i]);
	end_memory();
	if (sim.mappings || sim_heap.allocs || !RB_EMPTY(&sim.holds))
		sim_violation("%s mapping, %s hold, %llu allocations are left",
			      sim.mappings ? "a" : "no", RB_EMPTY(&sim.holds) ? "no" : "a",
			      sim_heap.allocs);
	sim_observe_end();
}
