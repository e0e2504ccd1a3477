// SPDX-License-Identifier: GPL-2.0
/*
 * A user who does everything at random, against the naive model and the simulator's rules.
 *
 *	test_random [SEED [RUNS]]	or SEED= and RUNS= in the environment
 *
 * A run is a seed. The first line names the first one; a broken rule names its own, and
 * "test_random SEED 1" repeats that run exactly.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>
#include "operations.h"

#define RUNS_DEFAULT	400
#define STEPS		80

static u64 first_seed = 1, runs = RUNS_DEFAULT;

static void operation_change(void)
{
	if (giants && one_in(4))
		scene_change_giant();
	else
		scene_change();
}

/* How often out of a hundred times. */
static const struct {
	void (*run)(void);
	u32 share;
} operations[] = {
	{ operation_map, 29 },
	{ operation_unmap, 14 },
	{ operation_change, 14 },
	{ operation_hold, 10 },
	{ operation_unhold, 4 },
	{ operation_access, 6 },
	{ operation_dirty, 9 },
	{ operation_attach, 4 },
	{ operation_detach, 3 },
	{ operation_emulated_group, 3 },
	{ operation_process, 3 },
	{ operation_page_size, 1 },
};

static void one_step(void)
{
	const struct model_mapping *m;
	u64 what = sim_below(100);
	u32 i;

	for (i = 0; what >= operations[i].share; i++)
		what -= operations[i].share;
	operations[i].run();

	sim_check();
	model_check_all(&model);
	for (m = model.mappings; m; m = m->next)
		if (m->npages <= CHECKED_PAGES && one_in(4))
			model_check(m);
}

/* The valid IOVAs of a machine: all, or less than all, with a hole as for MSIs. */
static void restrict_iovas(void)
{
	u64 first = pages(sim_below(IOVA_PAGES));
	struct stride_ranges valid = { 0 };

	model.hole = (struct stride_range){ first, first + pages(1 + sim_below(99)) - 1 };
	if (stride_ranges_init(&sim_host, &valid, 0, ~0ULL) ||
	    stride_ranges_exclude(&sim_host, &valid, model.hole.first, model.hole.last))
		sim_violation("no memory for ranges");
	stride_set_valid_ranges(&sim.space, valid);
}

static void furnish_process(struct sim_process *process)
{
	struct sim_process *caller = sim_switch_to(process);
	u64 i;

	for (i = 0; i < 20; i++)
		scene_change();
	for (i = 0; giants && i < 2 * SCENE_GIANTS; i++)
		scene_change_giant();
	sim_switch_to(caller);
}

/* Derived from the seed, since random numbers begin with the world, which needs these. */
static struct stride_space_options random_options(u64 seed)
{
	u64 bits = (seed + 1) * 0x9e3779b97f4a7c15ULL >> 32;

	return (struct stride_space_options){
		.v2 = bits & 3,
		.leaf_pins = bits >> 2 & 7,
		.max_mappings = bits >> 5 & 7 ? 65535 : 4,
	};
}

/* With a domain, or with emulated devices alone. */
static void begin_run(u64 seed)
{
	const struct stride_space_options options = random_options(seed);
	u32 i;

	sim_begin(seed, options);
	model = (struct model){ .v2 = options.v2, .page_size = STRIDE_PAGE_SIZE };
	model.limit = options.max_mappings;
	model.hole = (struct stride_range){ ~0ULL, 0 };
	if (one_in(4))
		restrict_iovas();
	if (one_in(8))
		model.page_size = 4 * STRIDE_PAGE_SIZE;
	stride_set_page_sizes(&sim.space, -model.page_size);
	sim_calls.erratic = one_in(3);
	sim_gup.zero_pinned = one_in(2);
	sim_gup.helpers = one_in(2);
	giants = one_in(40);
	for (i = 0; i < SIM_PROCESSES; i++)
		furnish_process(sim_processes + i);
	if (one_in(3))
		operation_emulated_group();
	else
		operation_attach();
}

/* An IOMMU that does not let go; what it keeps must stay pinned and charged, now and at the end. */
static void refuse_clears(void)
{
	struct stride_unmap_request all = { .all = true };
	struct stride_map_request request;
	u64 unmapped;

	inject_some(SIM_CALL_CLEAR);
	if (one_in(2)) {
		request = random_map();
		inject_some(SIM_CALL_MAP);
		sim_inject(SIM_CALL_SWEEP, 1, 0);
		stride_map(&sim.space, &request);
		sim_check();
	}
	stride_unmap(&sim.space, &all, &unmapped);
	sim_check();
}

static void one_run(u64 seed)
{
	begin_run(seed);
	for (sim_run.step = 1; sim_run.step <= STEPS; sim_run.step++)
		one_step();
	if (one_in(4))
		refuse_clears();
	model_forget(&model);
	sim_end();
}

static void test_random(void **state)
{
	u64 i;

	(void)state;
	for (i = 0; i < runs; i++)
		one_run(first_seed + i);
}

static u64 number_of(const char *argument, const char *variable, u64 otherwise)
{
	const char *text = argument ? argument : getenv(variable);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	first_seed = number_of(argc > 1 ? argv[1] : NULL, "SEED", first_seed);
	runs = number_of(argc > 2 ? argv[2] : NULL, "RUNS", runs);
	printf("# seed %llu, runs %llu\n", first_seed, runs);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
