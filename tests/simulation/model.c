// SPDX-License-Identifier: GPL-2.0
/*
 * The naive model: mappings in a list, pages in an array, each rule as the user reads it.
 */
#include <stdlib.h>
#include "model.h"

static u64 address(u64 start, u64 page)
{
	return start + (page << STRIDE_PAGE_SHIFT);
}

static bool touches(const struct model_mapping *m, u64 first, u64 last)
{
	return m->iova <= last && m->last >= first;
}

static bool any_touches(const struct model *model, u64 first, u64 last)
{
	const struct model_mapping *m;

	for (m = model->mappings; m; m = m->next)
		if (touches(m, first, last))
			return true;
	return false;
}

/* One page: 0 free of charge, 1 charged, or why it cannot be had. */
static int page_charge(u64 vaddr, bool write)
{
	struct sim_view view;

	if (!sim_look(vaddr, &view))
		return -EFAULT;
	if (view.kind == SIM_UNTOUCHED)
		return 1;
	if (view.kind == SIM_RAW) {
		if (sim_ordinary(view.pfn, 1) || (write && view.access != SIM_RW))
			return -EFAULT;
		return 0;
	}
	if (view.access == SIM_COW)
		return 1;
	if (view.access == SIM_RO && write)
		return -EFAULT;
	return sim_ordinary(view.pfn, 1);
}

static int charge_pages(const struct stride_map_request *request, u64 *charged)
{
	u64 i;
	int charge;

	*charged = 0;
	for (i = 0; i < request->size >> STRIDE_PAGE_SHIFT; i++) {
		charge = page_charge(address(request->vaddr, i), request->prot & STRIDE_WRITE);
		if (charge < 0)
			return charge;
		*charged += charge;
		if (charge && sim.locked + *charged > sim.limit)
			return -ENOMEM;
	}
	return 0;
}

/** model_map() - what a map must answer, and how many pages it must charge */
int model_map(const struct model *model, const struct stride_map_request *request, u64 *charged)
{
	u64 last = request->iova + request->size - 1;

	if (!request->size || request->iova % model->page_size ||
	    request->vaddr % model->page_size || request->size % model->page_size)
		return -EINVAL;
	if (last < request->iova || request->vaddr + request->size - 1 < request->vaddr)
		return -EINVAL;
	if (any_touches(model, request->iova, last))
		return -EEXIST;
	if (model->count == model->limit)
		return -ENOSPC;
	if (request->iova <= model->hole.last && last >= model->hole.first)
		return -EINVAL;
	return charge_pages(request, charged);
}

/** model_add() - a map was made, and the page table still is what it was made from */
void model_add(struct model *model, const struct stride_map_request *request, u64 charged)
{
	struct model_mapping *m = calloc(1, sizeof(*m));
	struct sim_view view;
	u64 i;

	m->iova = request->iova;
	m->last = request->iova + request->size - 1;
	m->prot = request->prot;
	m->npages = request->size >> STRIDE_PAGE_SHIFT;
	m->charged = charged;
	m->pfns = calloc(m->npages, sizeof(m->pfns[0]));
	for (i = 0; i < m->npages; i++)
		m->pfns[i] = sim_look(address(request->vaddr, i), &view) ? view.pfn : ~0ULL;
	m->next = model->mappings;
	model->mappings = m;
	model->count++;
}

/* Would an unmap of [first, last] leave a part of it? */
static bool bisected(const struct model_mapping *m, u64 first, u64 last)
{
	return touches(m, first, last) && (m->iova < first || m->last > last);
}

static int check_unmap(const struct model *model, const struct stride_unmap_request *request)
{
	const struct model_mapping *m;
	u64 last = request->iova + request->size - 1;

	if (request->all)
		return request->iova || request->size ? -EINVAL : 0;
	if (!request->size || request->iova % model->page_size ||
	    request->size % model->page_size || last < request->iova)
		return -EINVAL;
	for (m = model->mappings; m && model->v2; m = m->next)
		if (bisected(m, request->iova, last))
			return -EINVAL;
	return 0;
}

static void drop(struct model *model, struct model_mapping **link)
{
	struct model_mapping *m = *link;

	*link = m->next;
	model->count--;
	free(m->pfns);
	free(m);
}

/** model_unmap() - what an unmap must answer; what it unmaps is forgotten */
int model_unmap(struct model *model, const struct stride_unmap_request *request, u64 *unmapped)
{
	u64 first = request->iova, last = request->all ? ~0ULL : request->iova + request->size - 1;
	struct model_mapping **link;
	int err = check_unmap(model, request);

	if (err)
		return err;
	*unmapped = 0;
	/* TYPE1: nothing is unmapped if the first IOVA lies within a mapping. */
	for (link = &model->mappings; *link; link = &(*link)->next)
		if ((*link)->iova < first && (*link)->last >= first)
			return 0;
	for (link = &model->mappings; *link;) {
		if (!touches(*link, first, last)) {
			link = &(*link)->next;
			continue;
		}
		*unmapped += (*link)->last - (*link)->iova + 1;
		drop(model, link);
	}
	return 0;
}

/** model_forget() - everything was unmapped */
void model_forget(struct model *model)
{
	while (model->mappings)
		drop(model, &model->mappings);
}

/** model_check() - every domain translates a mapping as the model has it, page by page */
void model_check(const struct model_mapping *m)
{
	struct sim_domain *domain;
	u64 i, pfn;
	u32 prot;

	for (domain = sim.domains; domain; domain = domain->next)
		for (i = 0; i < m->npages; i++) {
			if (!sim_translate(domain, address(m->iova, i), &pfn, &prot))
				sim_broken("iova 0x%llx is not translated", address(m->iova, i));
			if (pfn != m->pfns[i] || prot != m->prot)
				sim_broken("iova 0x%llx: pfn 0x%llx for %u, should be 0x%llx for %u",
					   address(m->iova, i), pfn, prot, m->pfns[i], m->prot);
		}
}

/** model_check_all() - there are the model's mappings, and nothing else is charged or translated */
void model_check_all(const struct model *model)
{
	const struct model_mapping *m;
	u64 charged = 0, npages = 0;
	struct sim_domain *domain;

	for (m = model->mappings; m; m = m->next) {
		charged += m->charged;
		npages += m->npages;
	}
	if (charged != sim.locked || model->limit - model->count != sim.space.available)
		sim_broken("%llu pages locked, should be %llu; %u mappings available, should be %u",
			   sim.locked, charged, sim.space.available, model->limit - model->count);
	for (domain = sim.domains; domain; domain = domain->next)
		if (domain->pages != npages)
			sim_broken("a domain translates %llu pages, not %llu", domain->pages,
				   npages);
}
