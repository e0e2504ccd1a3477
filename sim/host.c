// SPDX-License-Identifier: GPL-2.0
/*
 * The table that the engine calls through, failures on demand, and the small services: memory for
 * records, mappings and their index, the fatal signal.
 */
#include <malloc.h>
#include <stdlib.h>
#include "sim.h"

/** sim_inject() - let the @nth call from now on (1: the next) return @with; a signal stays */
void sim_inject(enum sim_call call, u64 nth, int with)
{
	sim.fail_at[call] = sim.calls[call] + nth;
	sim.fail_with[call] = with;
}

/** sim_inject_none() - no call fails any more; forgets how many did */
void sim_inject_none(void)
{
	u32 i;

	for (i = 0; i < SIM_CALLS; i++)
		sim.fail_at[i] = 0;
	sim.failed = 0;
}

/** sim_hit() - counts a call; is it to fail, and with what? */
bool sim_hit(enum sim_call call, int *with)
{
	u64 nth = ++sim.calls[call], fail_at = sim.fail_at[call];

	*with = sim.fail_with[call];
	if (!fail_at || nth < fail_at || (nth > fail_at && call != SIM_CALL_KILLED))
		return false;
	sim.failed++;
	return true;
}

static void *host_alloc(size_t bytes)
{
	void *memory;
	int none;

	if (sim_hit(SIM_CALL_ALLOC, &none))
		return NULL;
	memory = malloc(bytes);
	sim.allocs++;
	sim.bytes += malloc_usable_size(memory);
	if (bytes > sim.max_alloc)
		sim.max_alloc = bytes;
	return memory;
}

static void host_free(void *memory)
{
	if (!memory)
		return;
	sim.allocs--;
	sim.bytes -= malloc_usable_size(memory);
	free(memory);
}

/** sim_mapping_of() - the host's part of it */
struct sim_mapping *sim_mapping_of(struct stride_mapping *mapping)
{
	return sim_container(mapping, struct sim_mapping, stride);
}

static struct stride_mapping *host_mapping_new(struct stride_space *space)
{
	struct sim_mapping *mapping;
	int none;

	if (sim.flight || space != &sim.space)
		sim_violation("two mappings are made at once");
	if (sim_hit(SIM_CALL_MAPPING_NEW, &none))
		return NULL;
	mapping = calloc(1, sizeof(*mapping));
	mapping->next = sim.mappings;
	sim.mappings = mapping;
	mapping->owner = sim.self;
	sim.flight = mapping;
	return &mapping->stride;
}

static void host_mapping_free(struct stride_mapping *stride)
{
	struct sim_mapping *mapping = sim_mapping_of(stride), **link = &sim.mappings;

	while (*link != mapping)
		link = &(*link)->next;
	*link = mapping->next;
	if (sim.flight == mapping)
		sim.flight = NULL;
	if (mapping->charged)
		sim_violation("a mapping goes, %llu pages are charged for it", mapping->charged);
	free(mapping);
}

/** sim_mapping_at() - the mapping at an IOVA, in the index or not, or NULL */
struct sim_mapping *sim_mapping_at(u64 iova)
{
	struct sim_span *span = sim_span_find(&sim.index, iova, iova);
	struct sim_mapping *m;

	if (span)
		return sim_container(span, struct sim_mapping, span);
	for (m = sim.mappings; m; m = m->next)
		if (m->stride.iova <= iova && m->stride.last >= iova)
			return m;
	return NULL;
}

static void host_index_add(struct stride_space *space, struct stride_mapping *stride)
{
	struct sim_mapping *mapping = sim_mapping_of(stride);

	if (mapping != sim.flight || space != &sim.space)
		sim_violation("a mapping is entered twice");
	mapping->span.first = stride->iova;
	mapping->span.last = stride->last;
	sim_span_add(&sim.index, &mapping->span);
	sim_check_made(mapping);
	sim.flight = NULL;
}

static void host_index_del(struct stride_space *space, struct stride_mapping *stride)
{
	(void)space;
	sim_span_del(&sim.index, &sim_mapping_of(stride)->span);
}

static struct stride_mapping *host_index_find(struct stride_space *space, u64 first, u64 last)
{
	struct sim_span *span = sim_span_find(&sim.index, first, last);

	(void)space;
	return span ? &sim_container(span, struct sim_mapping, span)->stride : NULL;
}

static void host_resched(void)
{
	sim.calls[SIM_CALL_RESCHED]++;
}

static bool host_killed(void)
{
	int none;

	return sim_hit(SIM_CALL_KILLED, &none);
}

const struct stride_host sim_host = {
	.alloc = host_alloc,
	.free = host_free,
	.mapping_new = host_mapping_new,
	.mapping_free = host_mapping_free,
	.index_add = host_index_add,
	.index_del = host_index_del,
	.index_find = host_index_find,
	.pin = sim_pin,
	.leaf = sim_leaf,
	.pfnmap = sim_pfnmap,
	.is_ram = sim_is_ram,
	.pfn_valid = sim_pfn_valid,
	.unpin = sim_unpin,
	.charge = sim_charge,
	.charge_room = sim_charge_room,
	.uncharge = sim_uncharge,
	.change_owner = sim_change_owner,
	.map = sim_map,
	.clear = sim_clear,
	.sync = sim_sync,
	.hold_add = sim_hold_add,
	.hold_del = sim_hold_del,
	.hold_find = sim_hold_find,
	.notify_dma_unmap = sim_notify_dma_unmap,
	.access = sim_touch,
	.copy_in = sim_copy_in,
	.copy_out = sim_copy_out,
	.resched = host_resched,
	.killed = host_killed,
};
