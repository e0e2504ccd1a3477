// SPDX-License-Identifier: GPL-2.0
/*
 * The naive model of what drivers of emulated devices do: page by page.
 */
#include "model.h"

static struct model_mapping *mapping_at(const struct model *model, u64 iova, u64 *page)
{
	struct model_mapping *m = model_find(model, iova, iova);

	*page = m ? (iova - m->iova) >> STRIDE_PAGE_SHIFT : 0;
	return m;
}

static bool has_page(const struct model_mapping *m, u64 page)
{
	struct sim_process *caller = sim_switch_to(m->owner);
	struct sim_view view;
	bool pfnmap;

	pfnmap = sim_lookup(m->vaddr + (page << STRIDE_PAGE_SHIFT), &view) &&
	view.kind == SIM_PFNMAP;
	sim_switch_to(caller);
	return !pfnmap || sim_pfn_valid(view.pfn);
}

static int hold_page(const struct model *model, u64 iova, u32 prot, u64 *spent)
{
	const struct model_mapping *m;
	u64 page, *mine;
	int cost;

	m = mapping_at(model, iova, &page);
	if (!m)
		return -EINVAL;
	if ((prot & m->prot) != prot)
		return -EPERM;
	if (m->pages[page].holds)
		return 0;
	cost = model_page_price(m, page);
	if (cost < 0)
		return cost;
	if (!has_page(m, page))
		return -EINVAL;
	if (!cost || m->populated)
		return 0;
	mine = spent + (m->owner - sim_processes);
	return m->owner->locked + ++*mine > m->owner->limit ? -ENOMEM : 0;
}

/* Page @i from @first on; false if the address space ends before it. */
static bool page_exists(u64 first, u32 i, u64 *iova)
{
	*iova = first + i * STRIDE_PAGE_SIZE;
	return (first >> STRIDE_PAGE_SHIFT) + i < 1ULL << (64 - STRIDE_PAGE_SHIFT);
}

/** model_hold() - what a driver must be answered; @good: pages up to the one that cannot be held */
int model_hold(const struct model *model, u64 iova, u32 npages, u32 prot, u32 *good)
{
	u64 first = iova & ~(STRIDE_PAGE_SIZE - 1), spent[SIM_PROCESSES] = { 0 };
	u64 page;
	int err = 0;

	*good = 0;
	if (!model->v2)
		return -EACCES;
	if (model->vaddr_invalid_count)
		return -EBUSY;
	if (!model->emulated || !npages)
		return -EINVAL;
	for (; *good < npages; ++*good) {
		err = page_exists(first, *good, &page) ? hold_page(model, page, prot, spent) :
							 -EINVAL;
		if (err)
			break;
	}
	return err;
}

static void hold_now(struct model_mapping *m, u64 page, u64 pfn)
{
	struct model_page *p = m->pages + page;

	if (p->holds++)
		return;
	p->held_pfn = pfn;
	p->held_charged = sim_is_ram(pfn, 1);
	if (m->populated && p->charged != p->held_charged)
		m->odd = true;
	if (p->held_charged && !(m->populated && p->charged))
		m->charged++;
}

static u64 pfn_of(const struct model_mapping *m, u64 page)
{
	struct sim_process *caller = sim_switch_to(m->owner);
	struct sim_view view;

	if (!sim_lookup(m->vaddr + (page << STRIDE_PAGE_SHIFT), &view))
		view.pfn = ~0ULL;
	sim_switch_to(caller);
	return view.pfn;
}

/** model_hold_now() - a driver was given these pages: are they the owner's? */
void model_hold_now(struct model *model, u64 iova, u32 npages, const u64 *pfns)
{
	u64 page, due;
	struct model_mapping *m;
	u32 i;

	iova &= ~(STRIDE_PAGE_SIZE - 1);
	for (i = 0; i < npages; i++, iova += STRIDE_PAGE_SIZE) {
		m = mapping_at(model, iova, &page);
		due = m->pages[page].holds ? m->pages[page].held_pfn : pfn_of(m, page);
		if (pfns[i] != due)
			sim_violation("iova 0x%llx is held as pfn 0x%llx, not 0x%llx", iova,
				      pfns[i], due);
		hold_now(m, page, pfns[i]);
	}
}

/** model_unhold_now() - a driver let go; returns what it must be answered */
u32 model_unhold_now(struct model *model, u64 iova, u32 npages)
{
	struct model_mapping *m;
	struct model_page *p;
	u64 at, page;
	u32 i;

	iova &= ~(STRIDE_PAGE_SIZE - 1);
	for (i = 0; i < npages && page_exists(iova, i, &at); i++) {
		m = mapping_at(model, at, &page);
		if (!m)
			break;
		p = m->pages + page;
		if (!p->holds || --p->holds)
			continue;
		if (p->held_charged && !(m->populated && p->charged))
			m->charged--;
	}
	return i;
}

static bool is_accessible(const struct model_mapping *m, u64 vaddr, bool write)
{
	struct sim_process *caller = sim_switch_to(m->owner);
	struct sim_view view;
	bool found = sim_lookup(vaddr, &view);

	sim_switch_to(caller);
	return found && view.access != SIM_NONE && !(write && view.access == SIM_RO);
}

/** model_access() - what a driver must be answered; @copied: bytes that it has by then */
int model_access(const struct model *model, u64 iova, u64 bytes, bool write, u64 *copied)
{
	const struct model_mapping *m;
	u64 page, left;

	*copied = 0;
	if (model->vaddr_invalid_count)
		return -EBUSY;
	if (bytes && iova + bytes - 1 < iova)
		return -EINVAL;
	for (; bytes; iova += left, bytes -= left, *copied += left) {
		m = mapping_at(model, iova, &page);
		if (!m)
			return -EINVAL;
		if (!(m->prot & STRIDE_READ) || (write && !(m->prot & STRIDE_WRITE)) ||
		    m->owner->gone)
			return -EPERM;
		if (!is_accessible(m, m->vaddr + (iova - m->iova), write))
			return -EFAULT;
		left = STRIDE_PAGE_SIZE - iova % STRIDE_PAGE_SIZE;
		if (left > bytes)
			left = bytes;
	}
	return 0;
}
