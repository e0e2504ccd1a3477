// SPDX-License-Identifier: GPL-2.0
/*
 * The container: mappings and holds, in and out of their indexes.
 */
#include <stdlib.h>
#include "container.h"
#include "inject.h"
#include "run.h"

struct sim_container sim;

/** sim_mapping_of() - the simulator's part of an engine's mapping */
struct sim_mapping *sim_mapping_of(struct stride_mapping *mapping)
{
	return sim_container_of(mapping, struct sim_mapping, stride);
}

/** sim_mapping_new() - the host's mapping_new */
struct stride_mapping *sim_mapping_new(struct stride_space *space)
{
	struct sim_mapping *mapping;
	int none;

	if (sim.making || space != &sim.space)
		sim_violation("two mappings are made at once");
	if (sim_hit(SIM_CALL_MAPPING_NEW, &none))
		return NULL;
	mapping = calloc(1, sizeof(*mapping));
	mapping->next = sim.mappings;
	sim.mappings = mapping;
	mapping->owner = sim_self;
	sim.making = mapping;
	return &mapping->stride;
}

/** sim_mapping_free() - the host's mapping_free */
void sim_mapping_free(struct stride_mapping *stride)
{
	struct sim_mapping *mapping = sim_mapping_of(stride), **link = &sim.mappings;

	while (*link != mapping)
		link = &(*link)->next;
	*link = mapping->next;
	if (sim.making == mapping)
		sim.making = NULL;
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
		return sim_container_of(span, struct sim_mapping, span);
	for (m = sim.mappings; m; m = m->next)
		if (m->stride.iova <= iova && m->stride.last >= iova)
			return m;
	return NULL;
}

/** sim_index_add() - the host's index_add */
void sim_index_add(struct stride_space *space, struct stride_mapping *stride)
{
	struct sim_mapping *mapping = sim_mapping_of(stride);

	if (mapping != sim.making || space != &sim.space)
		sim_violation("a mapping is entered twice");
	mapping->span.first = stride->iova;
	mapping->span.last = stride->last;
	sim_span_add(&sim.index, &mapping->span);
	sim.making = NULL;
}

/** sim_index_del() - the host's index_del */
void sim_index_del(struct stride_space *space, struct stride_mapping *stride)
{
	(void)space;
	sim_span_del(&sim.index, &sim_mapping_of(stride)->span);
}

/** sim_index_find() - the host's index_find */
struct stride_mapping *sim_index_find(struct stride_space *space, u64 first, u64 last)
{
	struct sim_span *span = sim_span_find(&sim.index, first, last);

	(void)space;
	return span ? &sim_container_of(span, struct sim_mapping, span)->stride : NULL;
}

/** sim_hold_add() - the host's hold_add */
struct stride_hold *sim_hold_add(struct stride_space *space, u64 iova)
{
	struct sim_hold *hold;
	int none;

	if (iova & (STRIDE_PAGE_SIZE - 1) || space != &sim.space || !sim_mapping_at(iova))
		sim_violation("iova 0x%llx cannot be held", iova);
	if (sim_hit(SIM_CALL_HOLD_ADD, &none))
		return NULL;
	hold = calloc(1, sizeof(*hold));
	hold->stride.iova = iova;
	hold->span.first = iova;
	hold->span.last = iova + (STRIDE_PAGE_SIZE - 1);
	sim_span_add(&sim.holds, &hold->span);
	return &hold->stride;
}

/** sim_hold_del() - the host's hold_del */
void sim_hold_del(struct stride_space *space, struct stride_hold *stride)
{
	struct sim_hold *hold = sim_container_of(stride, struct sim_hold, stride);

	(void)space;
	sim_span_del(&sim.holds, &hold->span);
	free(hold);
}

/** sim_hold_find() - the host's hold_find */
struct stride_hold *sim_hold_find(struct stride_space *space, u64 first, u64 last)
{
	struct sim_span *span = sim_span_find(&sim.holds, first, last);

	(void)space;
	return span ? &sim_container_of(span, struct sim_hold, span)->stride : NULL;
}

/** sim_each_pin() - call @visit for each pin of an extent, with the first page that it covers */
void sim_each_pin(const struct stride_extent *extent, void (*visit)(u64 pfn))
{
	u64 pin_pages = stride_pin_pages(extent->kind);
	u64 pfn = extent->pfn, end = pfn + extent->npages;

	for (; pin_pages && pfn < end; pfn = (pfn & ~(pin_pages - 1)) + pin_pages)
		visit(pfn);
}

/** sim_each_pin_of() - the same for all that a mapping records */
void sim_each_pin_of(const struct stride_mapping *m, void (*visit)(u64 pfn))
{
	struct stride_cursor place = { 0 };
	const struct stride_extent *extents;
	u32 n;

	for (; (extents = stride_record_slice(&m->record, &place, &n)); place.index++)
		sim_each_pin(extents, visit);
}
