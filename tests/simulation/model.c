// SPDX-License-Identifier: GPL-2.0
/*
 * The naive model's mappings: a list, and each rule as the user reads it.
 */
#include <stdlib.h>
#include "model.h"

static bool touches_range(const struct model_mapping *m, u64 first, u64 last)
{
	return m->iova <= last && m->last >= first;
}

/** model_find() - the lowest mapping that touches [first, last], or NULL */
struct model_mapping *model_find(const struct model *model, u64 first, u64 last)
{
	struct model_mapping *m;

	for (m = model->mappings; m; m = m->next)
		if (touches_range(m, first, last))
			return m;
	return NULL;
}

/** model_page() - the page that is mapped at an IOVA, or NULL */
struct model_page *model_page(const struct model *model, u64 iova)
{
	struct model_mapping *m = model_find(model, iova, iova);

	return m ? m->pages + ((iova - m->iova) >> STRIDE_PAGE_SHIFT) : NULL;
}

static int new_vaddr(const struct model *model, const struct stride_map_request *request)
{
	u64 last = request->iova + request->size - 1, charged;
	const struct model_mapping *m = model_find(model, request->iova, last);

	if (!m)
		return -ENOENT;
	if (!m->vaddr_invalid || m->iova != request->iova || m->last != last)
		return -EINVAL;
	charged = sim_mapping_at(m->iova)->charged;
	if (m->owner == sim_self || !charged)
		return 0;
	return sim_self->locked + charged > sim_self->limit ? -ENOMEM : 0;
}

static bool aligned(const struct model *model, u64 what)
{
	return !(what % model->page_size);
}

/** model_map() - what a map must answer, apart from errors of pinning its memory */
int model_map(const struct model *model, const struct stride_map_request *request)
{
	u64 last = request->iova + request->size - 1;

	if (!request->size || !aligned(model, request->iova) || !aligned(model, request->vaddr) ||
	    !aligned(model, request->size))
		return -EINVAL;
	if (last < request->iova || request->vaddr + request->size - 1 < request->vaddr)
		return -EINVAL;
	if (!request->prot)
		return new_vaddr(model, request);
	if (model_find(model, request->iova, last))
		return -EEXIST;
	if (model->count == model->limit)
		return -ENOSPC;
	return request->iova <= model->hole.last && last >= model->hole.first ? -EINVAL : 0;
}

static void add_mapping(struct model *model, const struct stride_map_request *request)
{
	struct model_mapping *m = calloc(1, sizeof(*m)), **link = &model->mappings;

	m->iova = request->iova;
	m->last = request->iova + request->size - 1;
	m->vaddr = request->vaddr;
	m->prot = request->prot;
	m->owner = sim_self;
	m->npages = request->size >> STRIDE_PAGE_SHIFT;
	m->pages = calloc(m->npages, sizeof(m->pages[0]));
	while (*link && (*link)->iova < m->iova)
		link = &(*link)->next;
	m->next = *link;
	*link = m;
	model->count++;
}

/** model_map_now() - a map was made: a mapping, not populated yet, or a new address of one */
void model_map_now(struct model *model, const struct stride_map_request *request)
{
	struct model_mapping *m;

	if (request->prot)
		return add_mapping(model, request);
	m = model_find(model, request->iova, request->iova);
	m->vaddr = request->vaddr;
	m->owner = sim_self;
	m->vaddr_invalid = false;
	model->vaddr_invalid_count--;
}

static bool is_held(const struct model_mapping *m)
{
	u64 i;

	for (i = 0; i < m->npages; i++)
		if (m->pages[i].holds)
			return true;
	return false;
}

static u64 last_of(const struct stride_unmap_request *request)
{
	return request->all ? ~0ULL : request->iova + request->size - 1;
}

/* Would an unmap of [first, last] leave a part of it? */
static bool is_bisected(const struct model_mapping *m, u64 first, u64 last)
{
	return touches_range(m, first, last) && (m->iova < first || m->last > last);
}

static int check_range(const struct model *model, const struct stride_unmap_request *request)
{
	const struct model_mapping *m;
	u64 last = last_of(request);

	if (request->all)
		return request->iova || request->size ? -EINVAL : 0;
	if (!request->size || !aligned(model, request->iova) || !aligned(model, request->size) ||
	    last < request->iova)
		return -EINVAL;
	for (m = model->mappings; m && model->v2; m = m->next)
		if (is_bisected(m, request->iova, last))
			return -EINVAL;
	return 0;
}

/*
 * Which mappings an unmap is about. TYPE1: a mapping goes whole with its first IOVA, and nothing
 * goes if the range begins within one.
 */
static bool is_meant(const struct model *model, const struct model_mapping *m,
		     const struct stride_unmap_request *request)
{
	const struct model_mapping *lowest = model_find(model, request->iova, last_of(request));

	return touches_range(m, request->iova, last_of(request)) && lowest->iova >= request->iova;
}

/** model_unmap() - what an unmap must answer, apart from faults of the user's bitmap */
int model_unmap(const struct model *model, const struct stride_unmap_request *request)
{
	const struct model_mapping *m;
	int err;

	if (request->vaddr_only && model->emulated)
		return -EBUSY;
	err = check_range(model, request);
	if (!err && request->dirty)
		err = model_dirty_check(model, request->size, request->dirty);
	for (m = model->mappings; m && !err; m = m->next) {
		if (!is_meant(model, m, request))
			continue;
		if (!request->vaddr_only && model->emulated && is_held(m))
			return -EBUSY;
		if (request->vaddr_only && m->vaddr_invalid)
			return -EINVAL;
	}
	return err;
}

static void drop_mapping(struct model *model, struct model_mapping **link)
{
	struct model_mapping *m = *link;

	*link = m->next;
	model->count--;
	model->vaddr_invalid_count -= m->vaddr_invalid;
	free(m->pages);
	free(m);
}

/** model_unmap_now() - an unmap was done; returns of how many bytes */
u64 model_unmap_now(struct model *model, const struct stride_unmap_request *request)
{
	struct model_mapping **link = &model->mappings, *m;
	u64 bytes = 0;

	while ((m = *link)) {
		if (!is_meant(model, m, request)) {
			link = &m->next;
			continue;
		}
		bytes += m->last - m->iova + 1;
		if (request->vaddr_only) {
			m->vaddr_invalid = true;
			model->vaddr_invalid_count++;
			link = &m->next;
		} else {
			drop_mapping(model, link);
		}
	}
	return bytes;
}

/** model_forget() - everything was unmapped */
void model_forget(struct model *model)
{
	while (model->mappings)
		drop_mapping(model, &model->mappings);
}
