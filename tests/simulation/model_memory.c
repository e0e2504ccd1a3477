// SPDX-License-Identifier: GPL-2.0
/*
 * The naive model's memory: where each page leads, and whether it is charged.
 */
#include "model.h"

static u64 address_of(u64 start, u64 page)
{
	return start + (page << STRIDE_PAGE_SHIFT);
}

static int page_price(u64 vaddr, bool write)
{
	struct sim_view view;

	if (!sim_lookup(vaddr, &view))
		return -EFAULT;
	if (view.kind == SIM_PFNMAP) {
		if (sim_is_ram(view.pfn, 1) || (write && view.access != SIM_RW))
			return -EFAULT;
		return 0;
	}
	if (view.access == SIM_NONE)
		return -EFAULT;
	if (view.kind == SIM_UNTOUCHED)
		return 1;
	if (view.access == SIM_COW)
		return 1;
	if (view.access == SIM_RO && write)
		return -EFAULT;
	return sim_is_ram(view.pfn, 1);
}

/** model_page_price() - 1 if a page costs locked memory, 0 if not, or why it cannot be pinned */
int model_page_price(const struct model_mapping *m, u64 page)
{
	struct sim_process *caller;
	int answer;

	if (m->owner->gone)
		return -ENODEV;
	caller = sim_switch_to(m->owner);
	answer = page_price(address_of(m->vaddr, page), m->prot & STRIDE_WRITE);
	sim_switch_to(caller);
	return answer;
}

/* Each page is charged once. @spent: on each process's account already. */
static int populate_mapping(const struct model_mapping *m, u64 *spent)
{
	u64 *mine = spent + (m->owner - sim_processes), i;
	int cost;

	for (i = 0; i < m->npages; i++) {
		cost = model_page_price(m, i);
		if (cost < 0)
			return cost;
		if (!cost || (m->pages[i].holds && m->pages[i].held_charged))
			continue;
		if (m->owner->locked + ++*mine > m->owner->limit)
			return -ENOMEM;
	}
	return 0;
}

/** model_populate() - what populating all mappings that are not populated must answer */
int model_populate(const struct model *model)
{
	u64 spent[SIM_PROCESSES] = { 0 };
	const struct model_mapping *m;
	int err = 0;

	for (m = model->mappings; m && !err; m = m->next)
		if (!m->populated)
			err = populate_mapping(m, spent);
	return err;
}

static u64 pfn_of(const struct model_mapping *m, u64 page)
{
	struct sim_process *caller = sim_switch_to(m->owner);
	struct sim_view view;
	bool found = sim_lookup(address_of(m->vaddr, page), &view);

	sim_switch_to(caller);
	return found ? view.pfn : ~0ULL;
}

/** model_populate_now() - a mapping was populated, and the page table still is the same */
void model_populate_now(struct model_mapping *m)
{
	struct model_page *page;
	u64 i;

	m->populated = true;
	m->charged = 0;
	for (i = 0; i < m->npages; i++) {
		page = m->pages + i;
		page->pfn = pfn_of(m, i);
		page->charged = model_page_price(m, i) > 0;
		if (page->holds && page->charged != page->held_charged)
			m->odd = true;
		m->charged += page->charged || (page->holds && page->held_charged);
	}
}

/** model_depopulate_now() - a mapping was depopulated; what drivers hold they keep */
void model_depopulate_now(struct model_mapping *m)
{
	u64 i;

	m->populated = false;
	m->charged = 0;
	for (i = 0; i < m->npages; i++) {
		m->pages[i].charged = false;
		m->charged += m->pages[i].holds && m->pages[i].held_charged;
	}
}

/** model_check() - every domain translates a mapping as the model has it, page by page */
void model_check(const struct model_mapping *m)
{
	struct sim_domain *domain;
	u64 i, pfn, due;
	u32 prot;

	for (domain = sim.domains; domain; domain = domain->next)
		for (i = 0; i < m->npages; i++) {
			due = m->pages[i].pfn;
			if (!sim_translate(domain, address_of(m->iova, i), &pfn, &prot))
				sim_violation("iova 0x%llx is not translated",
					      address_of(m->iova, i));
			if (pfn != due || prot != m->prot)
				sim_violation("iova 0x%llx: pfn 0x%llx for %u, not 0x%llx for %u",
					      address_of(m->iova, i), pfn, prot, due, m->prot);
		}
}

static void check_mapping(const struct model_mapping *m)
{
	const struct sim_mapping *mapping = sim_mapping_at(m->iova);
	const struct stride_mapping *engine = &mapping->stride;

	if (!mapping || engine->vaddr != m->vaddr || mapping->owner != m->owner ||
	    engine->vaddr_invalid != m->vaddr_invalid || engine->populated != m->populated)
		sim_violation("mapping 0x%llx is not the model's", m->iova);
	if (!m->odd && mapping->charged != m->charged)
		sim_violation("mapping 0x%llx is charged %llu pages, should be %llu", m->iova,
			      mapping->charged, m->charged);
}

/** model_check_all() - there are the model's mappings, and nothing else is charged or translated */
void model_check_all(const struct model *model)
{
	const struct model_mapping *m;
	struct sim_domain *domain;
	u64 npages = 0;

	for (m = model->mappings; m; m = m->next) {
		check_mapping(m);
		npages += m->npages;
	}
	if (model->limit - model->count != sim.space.available ||
	    model->vaddr_invalid_count != sim.space.vaddr_invalid_count ||
	    model->tracking != sim.space.tracking)
		sim_violation("%u mappings available, should be %u; %u addresses gone, not %u",
			      sim.space.available, model->limit - model->count,
			      sim.space.vaddr_invalid_count, model->vaddr_invalid_count);
	for (domain = sim.domains; domain; domain = domain->next)
		if (domain->pages != npages)
			sim_violation("a domain translates %llu pages, not %llu", domain->pages,
				      npages);
}
