// SPDX-License-Identifier: GPL-2.0
/*
 * Holds, dirty pages, new addresses, and a domain that joins what was mapped without any: whatever
 * fails, all or nothing.
 */
#include "faults.h"

#define BITMAP_VADDR	0x5500000001ULL

static u64 words[64];
static struct stride_bitmap bitmap;

/* Two mappings side by side, and a third one at the same word of the bitmap. */
static void map_three(void)
{
	set_mixed();
	assert_int_equal(map_at(IOVA, 45), 0);
	assert_int_equal(map_at(IOVA + pages(45), 600), 0);
	assert_int_equal(map_at(IOVA + pages(650), 2000), 0);
	words[0] = ~0ULL;
	bitmap = (struct stride_bitmap){ BITMAP_VADDR, sizeof(words), STRIDE_PAGE_SIZE };
	sim_user = (struct sim_buffer){ BITMAP_VADDR, sizeof(words), sizeof(words), (void *)words };
}

static void prepare_emulated(void)
{
	sim_emulated_attach();
	map_three();
}

/* Pages of two mappings, of all kinds that have one. */
static int hold_pages(void)
{
	u64 pfns[60];

	return stride_hold(&sim.space, IOVA + pages(25), 60, STRIDE_WRITE, pfns);
}

static void unhold_pages(void)
{
	assert_int_equal(stride_unhold(&sim.space, IOVA + pages(25), 60), 60);
}

static void prepare_held(void)
{
	u64 pfns[30];

	prepare_emulated();
	assert_int_equal(stride_hold(&sim.space, IOVA + pages(40), 30, STRIDE_READ, pfns), 0);
}

static void prepare_populated(void)
{
	prepare_held();
	domains(2);
}

/* The pages are marked dirty before, since marks of a failed hold stay. */
static void prepare_tracked_hold(void)
{
	prepare_emulated();
	assert_int_equal(stride_dirty_start(&sim.space), 0);
	assert_int_equal(hold_pages(), 0);
	unhold_pages();
}

static int dirty_start(void)
{
	return stride_dirty_start(&sim.space);
}

static void prepare_tracked(void)
{
	prepare_held();
	assert_int_equal(dirty_start(), 0);
	assert_int_equal(hold_pages(), 0);
	unhold_pages();
}

static int dirty_get(void)
{
	return stride_dirty_get(&sim.space, IOVA - pages(3), pages(2653), &bitmap);
}

static void prepare_tracked_unmap(void)
{
	prepare_tracked();
	assert_int_equal(stride_unhold(&sim.space, IOVA + pages(40), 30), 30);
}

static int unmap_and_get(void)
{
	struct stride_unmap_request request = {
		.iova = IOVA - pages(3),
		.size = pages(2653),
		.dirty = &bitmap,
	};
	u64 unmapped = 0;
	int err = stride_unmap(&sim.space, &request, &unmapped);

	assert_int_equal(unmapped, err ? 0 : pages(2645));
	return err;
}

/* The new process has no memory there, and needs none: nothing is pinned. */
static void prepare_vaddr(void)
{
	struct stride_unmap_request request = { .all = true, .vaddr_only = true };
	u64 unmapped;

	domains(1);
	map_three();
	assert_int_equal(stride_unmap(&sim.space, &request, &unmapped), 0);
	sim_switch_to(&sim_processes[1]);
}

static int map_vaddr(void)
{
	struct stride_map_request request = {
		.iova = IOVA + pages(45),
		.vaddr = SCENE_VADDR + pages(7),
		.size = pages(600),
	};

	return stride_map(&sim.space, &request);
}

static int read_three(void)
{
	static unsigned char buffer[620 * STRIDE_PAGE_SIZE];

	return stride_access(&sim.space, IOVA + pages(44) + 5, buffer, pages(601) - 5, false);
}

static const struct operation operations[] = {
	{ "the first domain", prepare_held, attach, 1 << SIM_CALL_PIN },
	{ "holds", prepare_emulated, hold_pages, 0 },
	{ "holds of populated mappings", prepare_populated, hold_pages, 0 },
	{ "holds while pages are tracked", prepare_tracked_hold, hold_pages, 0 },
	/* A mapping without memory for its bitmap counts as all dirty. */
	{ "start of tracking", prepare_held, dirty_start, 1 << SIM_CALL_ALLOC },
	{ "dirty pages", prepare_tracked, dirty_get, 1 << SIM_CALL_ALLOC },
	{ "dirty pages of what goes", prepare_tracked_unmap, unmap_and_get, 0 },
	{ "a new address", prepare_vaddr, map_vaddr, 0 },
	{ "reading", prepare_held, read_three, 0 },
};

/* Each page is charged once, so that held pages make no difference to when the limit is reached. */
static void test_limit(void **state)
{
	struct sim_state before;
	u64 limit;

	(void)state;
	for (limit = 0; limit < 700; limit += 1 + limit / 8) {
		sim_begin(limit, SIM_OPTIONS);
		sim_emulated_attach();
		set_memory(0, 700, 0, sim_zone_pfn(SIM_SMALL), 2, SIM_MEMORY);
		assert_int_equal(map_at(IOVA, 700), 0);
		sim_self->limit = limit;
		before = sim_state();
		assert_int_equal(attach(), -ENOMEM);
		sim_check_same(&before);
		assert_int_equal(hold_pages(), limit < 60 ? -ENOMEM : 0);
		if (limit < 60)
			sim_check_same(&before);
		sim_self->limit = 699;
		assert_int_equal(attach(), -ENOMEM);
		sim_self->limit = 700;
		assert_int_equal(attach(), 0);
		assert_int_equal(sim_self->locked, 700);
		sim_check();
		sim_end();
	}
}

/* The process whose memory it is has ended. */
static void test_gone(void **state)
{
	struct stride_unmap_request all = { .all = true };
	struct sim_state before;
	u64 unmapped;
	char byte;

	(void)state;
	sim_begin(1, SIM_OPTIONS);
	prepare_held();
	sim_switch_to(&sim_processes[1]);
	sim_processes[0].gone = true;
	before = sim_state();
	assert_int_equal(attach(), -ENODEV);
	assert_int_equal(hold_pages(), -ENODEV);
	assert_int_equal(stride_access(&sim.space, IOVA, &byte, 1, false), -EPERM);
	sim_check_same(&before);

	assert_int_equal(stride_unhold(&sim.space, IOVA + pages(40), 30), 30);
	assert_int_equal(stride_unmap(&sim.space, &all, &unmapped), 0);
	assert_int_equal(sim_processes[0].locked, 0);
	sim_end();
}

/* The IOMMU keeps what the last domain mapped: its pages stay pinned, and the next domain works. */
static void test_refused_depopulate(void **state)
{
	u64 locked;

	(void)state;
	sim_begin(1, SIM_OPTIONS);
	prepare_held();
	domains(1);
	sim_inject(SIM_CALL_CLEAR, 2, 0);
	sim_detach(sim.domains);
	sim_inject_none();
	sim_check();
	locked = sim_self->locked;
	assert_in_range(sim_self->leaked, 1, locked);
	domains(1);
	sim_check();
	sim_detach(sim.domains);
	assert_int_equal(sim_self->locked, locked);
	sim_end();
}

/* It keeps some while the mappings of a first domain that cannot join are undone. */
static void test_refused_undo(void **state)
{
	static const enum sim_call calls[] = { SIM_CALL_CLEAR, SIM_CALL_SWEEP };
	u32 i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(calls); i++) {
		refuse_undo(prepare_held, attach, 6, calls[i]);
		assert_true(sim_self->leaked);
		domains(1);
		sim_check();
		sim_end();
	}
}

int main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(test_limit),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_refused_depopulate),
		cmocka_unit_test(test_refused_undo),
	};

	return run_operations(operations, ARRAY_SIZE(operations), others, ARRAY_SIZE(others));
}
