// SPDX-License-Identifier: GPL-2.0
/*
 * Groups with their domains, groups of emulated devices, and the processes that use them.
 */
#include "operations.h"

static u32 count_domains(void)
{
	struct sim_domain *domain;
	u32 n = 0;

	for (domain = sim.domains; domain; domain = domain->next)
		n++;
	return n;
}

static void model_attached(void)
{
	struct model_mapping *m;

	if (one_in(2)) {
		stride_non_pinned_attach(&sim.space);
		model.num_non_pinned_groups++;
	}
	for (m = model.mappings; m; m = m->next) {
		if (!m->populated)
			model_populate_now(m);
		if (m->npages <= CHECKED_PAGES)
			model_check(m);
	}
}

/* An odd mapping's charge may be corrected even if the domain cannot join. */
static void check_not_attached(struct sim_state *before)
{
	const struct model_mapping *m;
	struct sim_state now = sim_state();

	for (m = model.mappings; m && !m->odd; m = m->next)
		;
	if (m) {
		before->locked = now.locked;
		before->mappings = now.mappings;
	}
	sim_check_same(before);
}

static void attach_domain(void)
{
	static const enum sim_call calls[] = { SIM_CALL_MAP, SIM_CALL_KILLED, SIM_CALL_PIN,
					       SIM_CALL_CHARGE, SIM_CALL_ALLOC, SIM_CALL_LEAF };
	enum sim_call call = calls[sim_below(6)];
	struct sim_state before = sim_state();
	int due = model_populate(&model), err;

	if (one_in(3))
		inject_some(call);
	err = sim_attach(sim_domain_new(one_in(2)));
	/* Held pages are charged already, so the model cannot tell which page exceeds the limit. */
	if (!RB_EMPTY(&sim.holds) && (err == -ENOMEM || due == -ENOMEM))
		due = err;
	check_answer(err, due, call);
	if (err)
		check_not_attached(&before);
	else
		model_attached();
}

/** operation_attach() - a domain joins; the first one populates all mappings */
void operation_attach(void)
{
	if (count_domains() < DOMAINS_MAX && !model.vaddr_invalid_count)
		attach_domain();
}

static void non_pinned_detach(void)
{
	stride_non_pinned_detach(&sim.space);
	model.num_non_pinned_groups--;
	model_dirty_all(&model);
}

/** operation_detach() - a domain or one of its groups leaves, or the group's driver pins pages */
void operation_detach(void)
{
	struct sim_domain *domain = sim.domains;
	struct model_mapping *m;

	if (model.num_non_pinned_groups && one_in(4)) {
		model.num_non_pinned_groups--;
		stride_non_pinned_end(&sim.space);
		return;
	}
	if (model.num_non_pinned_groups && one_in(4))
		return non_pinned_detach();
	if (!domain || (!domain->next && !one_in(model.emulated ? 2 : 8)))
		return;
	if (domain->next && one_in(2))
		domain = domain->next;
	if (!sim.domains->next && !model.emulated)
		model_forget(&model);
	for (m = model.mappings; m && !sim.domains->next; m = m->next)
		model_depopulate_now(m);
	sim_detach(domain);
	while (model.num_non_pinned_groups && !sim.domains)
		non_pinned_detach();
}

/** operation_emulated_group() - a group joins or leaves; before that its driver lets go, mostly */
void operation_emulated_group(void)
{
	if (!model.emulated || (model.emulated < 3 && one_in(3))) {
		if (model.vaddr_invalid_count)
			return;
		sim_emulated_attach();
		model.emulated++;
		return;
	}
	if (model.emulated == 1 && !one_in(3))
		return;
	if (model.emulated == 1 && !one_in(8))
		unhold_all(0, ~0ULL);
	if (model.emulated == 1 && !sim.domains)
		model_forget(&model);
	sim_emulated_detach();
	model.emulated--;
}

/** operation_page_size() - domains now can map, or no longer can, a single page */
void operation_page_size(void)
{
	u64 size = one_in(2) ? STRIDE_PAGE_SIZE : 4 * STRIDE_PAGE_SIZE;
	const struct model_mapping *m;

	for (m = model.mappings; m; m = m->next)
		if (m->iova % size || (m->last + 1) % size)
			return;
	if (size != model.page_size)
		model_dirty_all(&model);
	model.page_size = size;
	stride_set_page_sizes(&sim.space, -size);
}

/** operation_process() - the other process calls from now on, or ends, or a limit changes */
void operation_process(void)
{
	struct sim_process *other = sim_processes + (sim_self == sim_processes);

	switch (sim_below(6)) {
	case 0:
		if (!other->gone)
			sim_switch_to(other);
		return;
	case 1:
		other->gone = !other->gone && one_in(2);
		return;
	case 2:
		sim_self->limit = sim_below(sim_self->locked + 1);
		return;
	case 3:
		sim_self->limit = sim_self->locked + sim_below(2000);
		return;
	default:
		sim_self->limit = 1ULL << 40;
	}
}
