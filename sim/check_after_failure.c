// SPDX-License-Identifier: GPL-2.0
/*
 * What there is, summed up, for calls that must leave it as it was.
 */
#include "check_after_failure.h"
#include "container.h"
#include "heap.h"
#include "iommu.h"
#include "memory.h"
#include "run.h"

static u64 mix(u64 sum, u64 value)
{
	sum = (sum ^ value) * 0x9e3779b97f4a7c15;
	return sum ^ sum >> 32;
}

static u64 sum_of_mapping(const struct sim_mapping *m)
{
	u64 sum = mix(m->stride.iova, m->stride.last);

	sum = mix(mix(sum, m->stride.vaddr), m->stride.prot);
	sum = mix(mix(sum, m->stride.vaddr_invalid), m->stride.populated);
	return mix(mix(sum, m->owner - sim_processes), m->charged);
}

/* Its dirty pages, as the user would hear of them. */
static u64 sum_of_dirty(const struct stride_mapping *m)
{
	u64 i, npages = (m->last - m->iova + 1) / stride_space_page_size(&sim.space);
	u64 sum = m->iova;

	if (m->all_dirty || (m->populated && sim.space.num_non_pinned_groups))
		return mix(sum, ~0ULL);
	for (i = 0; m->dirty && i < npages; i++)
		if (m->dirty[i / 64] >> i % 64 & 1)
			sum = mix(sum, i);
	return sum;
}

static u64 sum_of_domain(struct sim_domain *domain)
{
	const struct sim_translation *t;
	struct sim_span *span;
	u64 sum = 0;

	sim_span_each(span, &domain->live) {
		t = sim_container_of(span, struct sim_translation, span);
		sum = mix(mix(sum, span->first), span->last);
		sum = mix(mix(sum, t->pfn), t->prot);
	}
	return sum;
}

static u64 sum_of_folios(void)
{
	struct sim_span *span;
	u64 sum = 0;

	sim_span_each(span, &sim_memory.folios) {
		u64 pins = sim_container_of(span, struct sim_folio, span)->pins;

		if (pins)
			sum = mix(mix(sum, span->first), pins);
	}
	return sum;
}

static u64 sum_of_holds(void)
{
	const struct stride_hold *hold;
	struct sim_span *span;
	u64 sum = 0;

	sim_span_each(span, &sim.holds) {
		hold = &sim_container_of(span, struct sim_hold, span)->stride;
		sum = mix(mix(mix(sum, hold->iova), hold->page.pfn), hold->count);
	}
	return sum;
}

/** sim_state() - what there is, to be compared later */
struct sim_state sim_state(void)
{
	const struct stride_space *space = &sim.space;
	struct sim_state state = {
		.pins = sim_memory.pins,
		.pinned = sum_of_folios(),
		.holds = sum_of_holds(),
		.allocs = sim_heap.allocs,
		.bytes = sim_heap.bytes,
		.available = space->available,
		.vaddr_invalid_count = space->vaddr_invalid_count,
		.tracking = space->tracking,
		.groups = mix(mix(space->emulated, space->num_non_pinned_groups),
			      space->dma_unmap_devices),
	};
	const struct sim_mapping *m;
	struct sim_domain *domain;
	u32 i;

	for (m = sim.mappings; m; m = m->next) {
		state.mappings = mix(state.mappings, sum_of_mapping(m));
		if (space->tracking)
			state.dirty = mix(state.dirty, sum_of_dirty(&m->stride));
	}
	for (i = 0; i < SIM_PROCESSES; i++)
		state.locked = mix(state.locked, sim_processes[i].locked);
	for (domain = sim.domains; domain; domain = domain->next)
		state.translated = mix(state.translated, sum_of_domain(domain));
	return state;
}

/** sim_check_same() - nothing has changed since */
void sim_check_same(const struct sim_state *before)
{
	struct sim_state now = sim_state();

#define SAME(what) do {									\
	if (before->what != now.what)							\
		sim_violation("a call failed and changed " #what " from %llu to %llu",	\
			      before->what, now.what);					\
} while (0)
	SAME(pins);
	SAME(pinned);
	SAME(locked);
	SAME(mappings);
	SAME(holds);
	SAME(dirty);
	SAME(allocs);
	SAME(bytes);
	SAME(available);
	SAME(translated);
	SAME(vaddr_invalid_count);
	SAME(groups);
	SAME(tracking);
#undef SAME
}
