/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Disjoint intervals in order, embedded in whatever they are the extent of. All of the simulator's
 * indexes are this one: mappings by IOVA, translations by IOVA page, leaves by virtual page, folios
 * by pfn.
 *
 * The tree is libbsd's: intrusive, so that adding needs no memory and cannot fail, which the engine
 * asks of its host's index.
 */
#ifndef SIM_SPAN_H
#define SIM_SPAN_H

#include <bsd/sys/tree.h>
#include <host_types.h>

struct sim_span {
	RB_ENTRY(sim_span) node;
	u64 first;
	u64 last;
};

RB_HEAD(sim_spans, sim_span);
RB_PROTOTYPE(sim_spans, sim_span, node, compare)

#define sim_span_each(span, spans)	RB_FOREACH(span, sim_spans, spans)

#define sim_container_of(pointer, type, member) \
	((type *)((char *)(pointer) - offsetof(type, member)))

void sim_span_add(struct sim_spans *spans, struct sim_span *span);
void sim_span_del(struct sim_spans *spans, struct sim_span *span);
struct sim_span *sim_span_find(struct sim_spans *spans, u64 first, u64 last);

#endif
