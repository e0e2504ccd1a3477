// SPDX-License-Identifier: GPL-2.0
/*
 * Disjoint intervals in order.
 */
#include "run.h"
#include "span.h"

/* Intervals that overlap compare as equal: a tree holds no two of them. */
static int compare(const struct sim_span *a, const struct sim_span *b)
{
	if (a->last < b->first)
		return -1;
	return a->first > b->last;
}

RB_GENERATE(sim_spans, sim_span, node, compare)

/** sim_span_add() - enter an interval; overlapping another one is a violation */
void sim_span_add(struct sim_spans *spans, struct sim_span *span)
{
	struct sim_span *other = RB_INSERT(sim_spans, spans, span);

	if (span->first > span->last)
		sim_violation("interval 0x%llx to 0x%llx ends before it begins", span->first,
			      span->last);
	if (other)
		sim_violation("interval 0x%llx to 0x%llx overlaps 0x%llx to 0x%llx", span->first,
			      span->last, other->first, other->last);
}

/** sim_span_del() - take an interval out, which must be in */
void sim_span_del(struct sim_spans *spans, struct sim_span *span)
{
	if (RB_FIND(sim_spans, spans, span) != span)
		sim_violation("interval 0x%llx to 0x%llx is not in its index", span->first,
			      span->last);
	RB_REMOVE(sim_spans, spans, span);
}

/** sim_span_find() - the lowest interval that touches [first, last], or NULL */
struct sim_span *sim_span_find(struct sim_spans *spans, u64 first, u64 last)
{
	struct sim_span key = { .first = first, .last = first };
	struct sim_span *span = RB_NFIND(sim_spans, spans, &key);

	return span && span->first <= last ? span : NULL;
}
