// SPDX-License-Identifier: GPL-2.0
/*
 * What drivers of emulated devices do: hold pages, let go of them, have bytes copied.
 */
#include "operations.h"

#define HELD_MAX	40

/* In a mapping, mostly, and mostly near one of its ends, or where something is held. */
static u64 random_place(const struct model_mapping *m)
{
	struct sim_span *span = sim_span_find(&sim.holds, m ? m->iova : 0, m ? m->last : 0);

	if (!m || one_in(16))
		return random_iova() + sim_below(2 * STRIDE_PAGE_SIZE);
	if (span && one_in(4))
		return span->first;
	switch (sim_below(3)) {
	case 0:
		return m->iova + sim_below(4 * STRIDE_PAGE_SIZE);
	case 1:
		return m->last - sim_below(4 * STRIDE_PAGE_SIZE);
	default:
		return m->iova + sim_below(m->last - m->iova);
	}
}

/*
 * Pages that a failed hold marked dirty stay dirty. An odd mapping may owe pages, and then what the
 * hold had charged stays as well.
 */
static void hold_failed(struct sim_state *before, u64 iova, u32 good, bool injected)
{
	const struct model_mapping *m = model_find(&model, iova, iova);
	struct sim_state now = sim_state();

	if (m && m->odd) {
		before->locked = now.locked;
		before->mappings = now.mappings;
	}
	if (model.tracking) {
		before->dirty = now.dirty;
		before->allocs = now.allocs;
		before->bytes = now.bytes;
	}
	sim_check_same(before);
	if (!injected)
		model_dirty_pages(&model, iova & ~(STRIDE_PAGE_SIZE - 1), pages(good));
}

/** operation_hold() - hold some pages, once more or for the first time */
void operation_hold(void)
{
	static const enum sim_call calls[] = { SIM_CALL_ALLOC, SIM_CALL_PIN, SIM_CALL_PFNMAP,
					       SIM_CALL_CHARGE, SIM_CALL_HOLD_ADD };
	u32 npages = one_in(2) ? 1 + sim_below(3) : sim_below(HELD_MAX + 1), good;
	const struct model_mapping *m = random_mapping();
	u32 prot = m && !one_in(4) ? m->prot : sim_below(4);
	u64 iova = random_place(m), pfns[HELD_MAX];
	enum sim_call call = calls[sim_below(5)];
	struct sim_state before = sim_state();
	int due = model_hold(&model, iova, npages, prot, &good), err;
	bool injected;

	if (one_in(4))
		inject_some(call);
	err = stride_hold(&sim.space, iova, npages, prot, pfns);
	injected = sim_calls.hits;
	check_answer(err, due, call);
	if (err) {
		hold_failed(&before, iova, good, injected);
	} else {
		model_hold_now(&model, iova, npages, pfns);
		model_dirty_pages(&model, iova & ~(STRIDE_PAGE_SIZE - 1), pages(npages));
	}
	if (injected)
		model_learn_dirty(&model);
}

static void unhold_pages(u64 iova, u32 npages)
{
	u32 due = model_unhold_now(&model, iova, npages);
	u32 answer = stride_unhold(&sim.space, iova, npages);

	if (answer != due)
		sim_violation("%u pages are let go of at 0x%llx, not %u", answer, iova, due);
}

/** operation_unhold() - let go of some pages, held or not */
void operation_unhold(void)
{
	struct sim_span *span = sim_span_find(&sim.holds, random_iova(), ~0ULL);

	if (span && !one_in(8))
		unhold_pages(span->first + sim_below(STRIDE_PAGE_SIZE), 1 + sim_below(4));
	else
		unhold_pages(random_place(random_mapping()), sim_below(HELD_MAX));
}

/** unhold_all() - drivers let go of all that they hold of a range */
void unhold_all(u64 first, u64 last)
{
	struct sim_span *span;

	while ((span = sim_span_find(&sim.holds, first, last))) {
		model_unhold_now(&model, span->first, 1);
		if (stride_unhold(&sim.space, span->first, 1) != 1)
			sim_violation("iova 0x%llx is not let go of", span->first);
	}
}

/* Byte by byte: fills what is to be written, or checks what was read. */
static void each_byte(u64 iova, unsigned char *buffer, u64 bytes, bool write)
{
	const struct model_mapping *m;
	unsigned char due;
	u64 i;

	for (i = 0; i < bytes; i++) {
		m = model_find(&model, iova + i, iova + i);
		if (!m)
			return;
		due = sim_byte(m->owner, m->vaddr + (iova + i - m->iova), write);
		if (write)
			buffer[i] = due;
		else if (buffer[i] != due)
			sim_violation("a wrong byte was read at iova 0x%llx", iova + i);
	}
}

/** operation_access() - read or write some bytes */
void operation_access(void)
{
	static unsigned char buffer[3 * STRIDE_PAGE_SIZE];
	u64 bytes = sim_below(one_in(2) ? 40 : sizeof(buffer) + 1);
	u64 iova = random_place(random_mapping()), copied, before = sim_accessed;
	bool write = one_in(2), injected;
	struct sim_state state = sim_state();
	int due = model_access(&model, iova, bytes, write, &copied), err;

	if (write)
		each_byte(iova, buffer, bytes, true);
	if (one_in(4))
		inject_some(one_in(2) ? SIM_CALL_ACCESS : SIM_CALL_ALLOC);
	err = stride_access(&sim.space, iova, buffer, bytes, write);
	injected = sim_calls.hits;
	if (!injected && sim_accessed - before != copied)
		sim_violation("%llu bytes were copied, not %llu", sim_accessed - before, copied);
	check_answer(err, due,
		     sim_calls.fail_at[SIM_CALL_ACCESS] ? SIM_CALL_ACCESS : SIM_CALL_ALLOC);
	if (!write)
		each_byte(iova, buffer, sim_accessed - before, false);
	else
		model_dirty_pages(&model, iova, sim_accessed - before);
	if (!write || !model.tracking)
		sim_check_same(&state);
	if (injected)
		model_learn_dirty(&model);
}
