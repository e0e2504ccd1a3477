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
#include "model.h"
#include "scene.h"

#define RUNS_DEFAULT	400
#define STEPS		60
#define DOMAINS_MAX	3
#define IOVA_PAGES	6000	/* so few that mappings meet */
#define CHECKED_PAGES	4096	/* larger mappings are checked page by page only when made */

static u64 first_seed = 1, runs = RUNS_DEFAULT;
static struct model model;
static bool giants;

static bool one_in(u64 n)
{
	return !sim_below(n);
}

static u64 pages(u64 n)
{
	return n << STRIDE_PAGE_SHIFT;
}

static u64 random_npages(void)
{
	switch (sim_below(4)) {
	case 0:
		return 1 + sim_below(4);
	case 1:
		return 1 + sim_below(100);
	default:
		return 1 + sim_below(3 * STRIDE_PMD_PAGES);
	}
}

/* Low, or up to the end of the address space; sometimes where something is or ends. */
static u64 random_iova(void)
{
	const struct model_mapping *m = model.mappings;
	u64 i = sim_below(8);

	while (m && i--)
		m = m->next;
	if (m)
		return one_in(2) ? m->iova : m->last + 1;
	return pages(sim_below(IOVA_PAGES)) - (one_in(4) ? pages(IOVA_PAGES) : 0);
}

/* The few arguments that nobody should pass. */
static void spoil(u64 *iova, u64 *size)
{
	switch (sim_below(4)) {
	case 0:
		*iova += 1 + sim_below(STRIDE_PAGE_SIZE - 1);
		return;
	case 1:
		*size += 1 + sim_below(STRIDE_PAGE_SIZE - 1);
		return;
	case 2:
		*size = 0;
		return;
	default:
		*size = STRIDE_PAGE_SIZE - *iova;
	}
}

static void align(u64 *what)
{
	*what &= ~(model.page_size - 1);
}

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

static struct stride_map_request random_map(void)
{
	struct stride_map_request request = {
		.iova = random_iova(),
		.vaddr = SCENE_VADDR + pages(sim_below(SCENE_PAGES)),
		.size = pages(random_npages()),
		.prot = 1 + sim_below(3),
		.leaves = !one_in(8),
	};

	if (one_in(3))
		request.vaddr &= ~(pages(STRIDE_PMD_PAGES) - 1);
	if (giants && one_in(4))
		aim_at_giant(&request);
	align(&request.iova);
	align(&request.vaddr);
	align(&request.size);
	if (one_in(40))
		spoil(one_in(2) ? &request.iova : &request.vaddr, &request.size);
	return request;
}

/* A process that changes its memory just between the pin and the look at the leaf. */
static void race(u64 vaddr)
{
	if (one_in(3))
		scene_race(vaddr);
}

static const int fail_with[] = {
	[SIM_CALL_ALLOC] = -ENOMEM,
	[SIM_CALL_MAPPING_NEW] = -ENOMEM,
	[SIM_CALL_PIN] = -ENODEV,
	[SIM_CALL_LEAF] = 0,
	[SIM_CALL_RAW] = -ENXIO,
	[SIM_CALL_CHARGE] = -EPERM,
	[SIM_CALL_MAP] = -EIO,
	[SIM_CALL_CLEAR] = 0,
	[SIM_CALL_RELAX] = -EINTR,
};

static void fail_some(enum sim_call call)
{
	u64 nth = 1 + sim_below(one_in(2) ? 3 : 30);

	sim_fail(call, nth, fail_with[call]);
}

/* Was the answer the one due, given which calls failed? */
static void check_answer(int err, int due, enum sim_call call)
{
	if (err == due && !sim.failed)
		return;
	if (sim.failed && err == fail_with[call])
		return;
	if (sim.failed && err == due && (err || call == SIM_CALL_LEAF || call == SIM_CALL_RELAX))
		return;
	/* A raw mapping is tried after a pin that failed, for whatever reason. */
	if (sim.failed && err == due && call == SIM_CALL_PIN)
		return;
	sim_broken("answer %d, due was %d; %llu calls failed with %d", err, due, sim.failed,
		   fail_with[call]);
}

static void do_map(void)
{
	struct stride_map_request request = random_map();
	enum sim_call call = sim_below(SIM_CALL_RELAX + 1);
	struct sim_state before = sim_state();
	u64 charged;
	int due = model_map(&model, &request, &charged), err;
	bool racing = request.leaves && one_in(8);

	if (one_in(3) && call != SIM_CALL_CLEAR)
		fail_some(call);
	sim.race = racing ? race : NULL;
	err = stride_map(&sim.space, &request);
	sim.race = NULL;
	if (!racing)
		check_answer(err, due, call);
	sim_fail_none();
	if (err) {
		sim_check_same(&before);
		return;
	}
	if (racing) {	/* the model cannot tell what won; the rules could */
		struct stride_unmap_request undo = { .iova = request.iova, .size = request.size };
		u64 unmapped;

		sim_check();
		if (stride_unmap(&sim.space, &undo, &unmapped) || unmapped != request.size)
			sim_broken("what was just mapped is not unmapped");
		return;
	}
	model_add(&model, &request, charged);
	model_check(model.mappings);
}

static struct stride_unmap_request random_unmap(void)
{
	struct stride_unmap_request request = {
		.iova = random_iova(),
		.size = pages(random_npages()),
		.all = one_in(20),
	};

	if (model.mappings && one_in(2)) {
		request.iova = model.mappings->iova;
		request.size = model.mappings->last - request.iova + 1;
	}
	if (request.all && !one_in(4))
		request.iova = request.size = 0;
	align(&request.iova);
	align(&request.size);
	if (one_in(20))
		spoil(&request.iova, &request.size);
	return request;
}

static void do_unmap(void)
{
	struct stride_unmap_request request = random_unmap();
	struct sim_state before = sim_state();
	u64 unmapped = 1, due_unmapped = 1;
	int err, due;

	due = model_unmap(&model, &request, &due_unmapped);
	if (one_in(4))
		fail_some(SIM_CALL_RELAX);
	err = stride_unmap(&sim.space, &request, &unmapped);
	sim_fail_none();
	if (err != due || unmapped != due_unmapped)
		sim_broken("unmap answers %d for 0x%llx bytes, due was %d for 0x%llx", err,
			   unmapped, due, due_unmapped);
	if (err || !unmapped)
		sim_check_same(&before);
}

static u32 count_domains(void)
{
	struct sim_domain *domain;
	u32 n = 0;

	for (domain = sim.domains; domain; domain = domain->next)
		n++;
	return n;
}

static void do_attach(void)
{
	enum sim_call call = one_in(2) ? SIM_CALL_MAP : SIM_CALL_RELAX;
	struct sim_state before = sim_state();
	const struct model_mapping *m;
	int err;

	if (count_domains() == DOMAINS_MAX)
		return;
	if (one_in(3))
		fail_some(call);
	err = sim_attach(sim_domain_new(one_in(2)));
	check_answer(err, 0, call);
	sim_fail_none();
	if (err)
		sim_check_same(&before);
	for (m = model.mappings; m; m = m->next)
		if (m->npages <= CHECKED_PAGES)
			model_check(m);
}

static void do_detach(void)
{
	struct sim_domain *domain = sim.domains;

	if (!domain || (!domain->next && !one_in(8)))
		return;
	if (domain->next && one_in(2))
		domain = domain->next;
	if (!sim.domains->next)
		model_forget(&model);
	sim_detach(domain);
}

static void do_change(void)
{
	if (giants && one_in(4))
		scene_change_giant();
	else
		scene_change();
}

static void do_limit(void)
{
	sim.limit = one_in(2) ? 1ULL << 40 : sim.locked + sim_below(2000);
	if (one_in(8))
		sim.limit = sim_below(sim.locked + 1);
}

static void step(void)
{
	const struct model_mapping *m;
	u64 what = sim_below(100);

	if (what < 45)
		do_map();
	else if (what < 65)
		do_unmap();
	else if (what < 70)
		do_attach();
	else if (what < 74)
		do_detach();
	else if (what < 96)
		do_change();
	else
		do_limit();

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

	model.hole = (struct stride_range){ first, first + pages(1 + sim_below(99)) - 1 };
	if (stride_ranges_init(&sim_host, &sim.space.valid, 0, ~0ULL) ||
	    stride_ranges_exclude(&sim_host, &sim.space.valid, model.hole.first, model.hole.last))
		sim_broken("no memory for ranges");
}

static void begin(u64 seed)
{
	u64 i;

	sim_begin(seed, false, 0);
	model = (struct model){ .v2 = one_in(2), .page_size = STRIDE_PAGE_SIZE };
	model.limit = one_in(8) ? 4 : 65535;
	model.hole = (struct stride_range){ ~0ULL, 0 };
	if (one_in(4))
		restrict_iovas();
	if (one_in(8))
		model.page_size = 4 * STRIDE_PAGE_SIZE;
	sim.space.v2 = model.v2;
	sim.space.available = model.limit;
	sim.space.page_sizes = -model.page_size;
	sim.erratic = one_in(3);
	sim.zero_pinned = one_in(2);
	giants = one_in(20);
	for (i = 0; i < 20; i++)
		scene_change();
	for (i = 0; giants && i < 2 * SCENE_GIANTS; i++)
		scene_change_giant();
	sim_attach(sim_domain_new(one_in(2)));
}

/* An IOMMU that does not let go; what it keeps must stay pinned and charged, now and at the end. */
static void refuse(void)
{
	struct stride_unmap_request all = { .all = true };
	struct stride_map_request request;
	u64 unmapped;

	fail_some(SIM_CALL_CLEAR);
	if (one_in(2)) {
		request = random_map();
		fail_some(SIM_CALL_MAP);
		stride_map(&sim.space, &request);
		sim_check();
	}
	stride_unmap(&sim.space, &all, &unmapped);
	sim_check();
}

static void run(u64 seed)
{
	begin(seed);
	for (sim.step = 1; sim.step <= STEPS; sim.step++)
		step();
	if (one_in(4))
		refuse();
	model_forget(&model);
	sim_end();
}

static void test_random(void **state)
{
	u64 i;

	(void)state;
	for (i = 0; i < runs; i++)
		run(first_seed + i);
}

static u64 number(const char *argument, const char *variable, u64 otherwise)
{
	const char *text = argument ? argument : getenv(variable);

	return text ? strtoull(text, NULL, 0) : otherwise;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_random) };

	first_seed = number(argc > 1 ? argv[1] : NULL, "SEED", first_seed);
	runs = number(argc > 2 ? argv[2] : NULL, "RUNS", runs);
	printf("# seed %llu, runs %llu\n", first_seed, runs);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
