// SPDX-License-Identifier: GPL-2.0
/*
 * MAP_DMA and UNMAP_DMA.
 */
#include "operations.h"

#define NOTIFIES_MAX	11	/* times that drivers are asked for a mapping */

/* The state after drivers were asked last; which mapping they were asked for, how often. */
static struct sim_state before_unmap;
static u64 asked_for, asked;

/* Around the edges of giant leaves, and sometimes all of one. */
static void aim_at_giant(struct stride_map_request *request)
{
	u64 near = sim_below(2 * STRIDE_PMD_PAGES);

	request->iova = pages(STRIDE_PUD_PAGES) * (1 + sim_below(8));
	request->vaddr = SCENE_GIANT_VADDR + pages(near);
	if (one_in(2))
		request->vaddr = SCENE_GIANT_VADDR + pages(STRIDE_PUD_PAGES - 1 - near);
	request->size = pages(1 + sim_below(one_in(8) ? STRIDE_PUD_PAGES : 3000));
}

/* A new address for a mapping, mostly for one that needs it. */
static void aim_at_gone(struct stride_map_request *request)
{
	const struct model_mapping *m;

	request->prot = 0;
	for (m = model.mappings; m && !(m->vaddr_invalid && one_in(2)); m = m->next)
		;
	if (!m)
		m = random_mapping();
	if (!m || one_in(8))
		return;
	request->iova = m->iova;
	request->size = m->last - m->iova + 1;
	if (one_in(8))
		request->size += model.page_size;
}

/** random_map() - something to map */
struct stride_map_request random_map(void)
{
	struct stride_map_request request = {
		.iova = random_iova(),
		.vaddr = SCENE_VADDR + pages(sim_below(SCENE_PAGES)),
		.size = pages(random_npages()),
		.prot = 1 + sim_below(3),
	};

	if (one_in(3))
		request.vaddr &= ~(pages(STRIDE_PMD_PAGES) - 1);
	if (giants && one_in(4))
		aim_at_giant(&request);
	align(&request.iova);
	align(&request.vaddr);
	align(&request.size);
	if (one_in(model.vaddr_invalid_count ? 2 : 40))
		aim_at_gone(&request);
	if (one_in(40))
		spoil(one_in(2) ? &request.iova : &request.vaddr, &request.size);
	return request;
}

/* A process that changes its memory just between the pin and the look at the leaf. */
static void race_with_leaf(u64 vaddr)
{
	if (one_in(3))
		scene_race(vaddr);
}

static struct stride_unmap_request undo_of(const struct stride_map_request *request)
{
	return (struct stride_unmap_request){ .iova = request->iova, .size = request->size };
}

/* The answer due; on success the mapping is in the model already. */
static int map_due(const struct stride_map_request *request)
{
	const struct stride_unmap_request back = undo_of(request);
	int due = model_map(&model, request);

	if (due || !request->prot)
		return due;
	model_map_now(&model, request);
	due = sim.space.domains ? model_populate(&model) : 0;
	if (due)
		model_unmap_now(&model, &back);
	return due;
}

/* The model cannot know who won the race; the simulator's rules held in any case. */
static void undo_race(const struct stride_map_request *request, int err, int due)
{
	const struct stride_unmap_request back = undo_of(request);
	u64 unmapped;

	if (!due)
		model_unmap_now(&model, &back);
	if (err)
		return;
	sim_check();
	if (stride_unmap(&sim.space, &back, &unmapped) || unmapped != request->size)
		sim_violation("what was just mapped is not unmapped");
}

static void map_done(const struct stride_map_request *request)
{
	struct model_mapping *m = model_find(&model, request->iova, request->iova);

	if (!request->prot)
		return model_map_now(&model, request);
	if (!sim.space.domains)
		return;
	model_populate_now(m);
	model_check(m);
}

/** operation_map() - map something, or give it a new address */
void operation_map(void)
{
	struct stride_map_request request = random_map();
	const struct stride_unmap_request back = undo_of(&request);
	enum sim_call call = sim_below(SIM_CALL_CHANGE_OWNER + 1);
	struct sim_state before = sim_state();
	bool racing = request.prot && sim.space.domains && one_in(8);
	int due = map_due(&request), err;

	if (one_in(3) && call != SIM_CALL_CLEAR)
		inject_some(call);
	sim_gup.race = racing ? race_with_leaf : NULL;
	err = stride_map(&sim.space, &request);
	sim_gup.race = NULL;
	if (err)
		sim_check_same(&before);
	if (racing) {
		sim_inject_none();
		return undo_race(&request, err, due);
	}
	check_answer(err, due, call);
	if (!err)
		map_done(&request);
	else if (!due && request.prot)
		model_unmap_now(&model, &back);
}

static struct stride_unmap_request random_unmap(void)
{
	const struct model_mapping *m = random_mapping();
	struct stride_unmap_request request = {
		.iova = random_iova(),
		.size = pages(random_npages()),
		.all = one_in(20),
		.vaddr_only = one_in(8),
	};

	if (m && one_in(2)) {
		request.iova = m->iova;
		request.size = m->last - request.iova + 1;
	}
	if (request.all && !one_in(4)) {
		request.iova = 0;
		request.size = 0;
	}
	align(&request.iova);
	align(&request.size);
	if (one_in(20))
		spoil(&request.iova, &request.size);
	return request;
}

/* The space is not locked while drivers let go: other calls come in. */
static void others_meanwhile(void)
{
	struct stride_map_request map = random_map();
	struct stride_unmap_request unmap = random_unmap();
	u64 unmapped;
	int due;

	if (one_in(2)) {
		due = map_due(&map);
		if (stride_map(&sim.space, &map) != due)
			sim_violation("a map does not answer %d while drivers let go", due);
		if (!due)
			map_done(&map);
	} else if (!model_unmap(&model, &unmap)) {
		if (stride_unmap(&sim.space, &unmap, &unmapped))
			sim_violation("an unmap fails while drivers let go");
		model_unmap_now(&model, &unmap);
	}
}

/* An unmap of the same mapping, for which no driver lets go. */
static void unmap_in_vain(u64 iova, u64 bytes)
{
	struct stride_unmap_request request = { .iova = iova, .size = bytes };
	void (*drivers)(u64 iova, u64 bytes) = sim_dma_unmap;
	u64 unmapped;

	sim_dma_unmap = NULL;
	if (stride_unmap(&sim.space, &request, &unmapped) != -EBUSY)
		sim_violation("mapping 0x%llx is unmapped, a driver holds some of it", iova);
	sim_dma_unmap = drivers;
}

/* No driver may hold more of what is being unmapped. */
static void hold_in_vain(u64 iova)
{
	int due = model.vaddr_invalid_count ? -EBUSY : -EINVAL;
	u64 pfn;

	if (stride_hold(&sim.space, iova, 1, 0, &pfn) != due)
		sim_violation("iova 0x%llx is held while it is being unmapped", iova);
}

/* Drivers let go of all of it, of some, of nothing. */
static void ask_drivers(u64 iova, u64 bytes)
{
	u64 last = iova + bytes - 1;

	asked = iova == asked_for ? asked + 1 : 1;
	asked_for = iova;
	if (asked > NOTIFIES_MAX)
		sim_violation("drivers are asked for mapping 0x%llx for the %lluth time", iova,
			      asked);
	if (!model.emulated)
		return;
	if (!sim_calls.fail_at[SIM_CALL_KILLED] && one_in(4))
		unmap_in_vain(iova, bytes);
	hold_in_vain(iova + sim_below(bytes));
	if (one_in(2))
		unhold_all(iova, last);
	else if (one_in(2))
		unhold_all(iova, iova + bytes / 2);
	if (!sim_calls.fail_at[SIM_CALL_KILLED] && one_in(4))
		others_meanwhile();
	before_unmap = sim_state();
}

/* Dirty pages are reported before their mappings go. */
static void check_unmap(const struct stride_unmap_request *request, int err, u64 unmapped)
{
	int due = model_unmap(&model, request);
	u64 due_unmapped = ~0ULL;

	if (!due && request->dirty)
		due = bitmap_due(request->iova, request->size);
	if (request->dirty)
		bitmap_check(request->iova, request->size, err);
	if (!due)
		due_unmapped = model_unmap_now(&model, request);
	if (err != due || unmapped != due_unmapped)
		sim_violation("unmap answers %d for 0x%llx bytes, due was %d for 0x%llx", err,
			      unmapped, due, due_unmapped);
	if (err == -EBUSY && !request->vaddr_only && asked != NOTIFIES_MAX)
		sim_violation("drivers were asked %llu times only", asked);
}

/** operation_unmap() - unmap something, or take its address away */
void operation_unmap(void)
{
	struct stride_unmap_request request = random_unmap();
	struct stride_bitmap bitmap;
	u64 unmapped = ~0ULL;
	bool killed;
	int err;

	if (!request.all && !request.vaddr_only && one_in(model.tracking ? 2 : 20)) {
		bitmap_for(&bitmap, request.size);
		request.dirty = &bitmap;
	}
	before_unmap = sim_state();
	asked = 0;
	asked_for = 0;
	if (one_in(4))
		inject_some(SIM_CALL_KILLED);
	sim_dma_unmap = ask_drivers;
	err = stride_unmap(&sim.space, &request, &unmapped);
	sim_dma_unmap = NULL;
	killed = asked && sim_calls.hits && err == -EINTR;
	sim_inject_none();
	if (err || !unmapped)
		sim_check_same(&before_unmap);
	if (!killed)
		check_unmap(&request, err, unmapped);
	bitmap_end();
}
