// SPDX-License-Identifier: GPL-2.0
/*
 * What a container holds. See model.h.
 */
#include "../guest/cm.h"
#include "../guest/vfio.h"
#include "model.h"

#define GIANT (1ull << 32)

void model_empty(struct model *m)
{
	while (m->count)
		model_remove(m, &m->mappings[m->count - 1]);
	m->tracking = false;
	m->type = 0;
}

void model_add(struct model *m, const struct mapping *mapping)
{
	assert_in_range(m->count, 0, MODEL_MAPPINGS - 1);
	m->mappings[m->count++] = *mapping;
}

void model_remove(struct model *m, struct mapping *mapping)
{
	m->gone[m->gone_count++ % MODEL_GONE] = *mapping;
	*mapping = m->mappings[--m->count];
}

struct mapping *model_find(struct model *m, uint64_t iova)
{
	for (unsigned int i = 0; i < m->count; i++)
		if (iova - m->mappings[i].iova < m->mappings[i].size)
			return &m->mappings[i];
	return NULL;
}

bool model_any_from(const struct model *m, uint64_t iova)
{
	for (unsigned int i = 0; i < m->count; i++)
		if (m->mappings[i].iova + m->mappings[i].size - 1 >= iova)
			return true;
	return false;
}

/* a v1 container leaves all be if the range begins within a mapping */
void model_concerned(struct model *m, uint64_t iova, uint64_t size, bool all, struct found *found)
{
	struct mapping *first = model_find(m, iova);

	found->count = 0;
	if (!all && m->type == VFIO_TYPE1_IOMMU && first && first->iova != iova)
		return;
	for (unsigned int i = m->count; i-- > 0;)	/* so that removing them disturbs none */
		if (all || m->mappings[i].iova - iova < size)
			found->mappings[found->count++] = &m->mappings[i];
}

void model_pin_all(struct model *m)
{
	for (unsigned int i = 0; i < m->count; i++)
		m->mappings[i].pinned = m->mappings[i].now;
}

bool model_has_others(const struct model *m, unsigned int process)
{
	for (unsigned int i = 0; i < m->count; i++)
		if (m->mappings[i].now.process != process)
			return true;
	return false;
}

bool model_has_giants(const struct model *m)
{
	for (unsigned int i = 0; i < m->count; i++)
		if (m->mappings[i].size > GIANT)
			return true;
	return false;
}

void model_shifts(struct model *m, uint64_t iova, uint64_t size)
{
	for (unsigned int i = 0; i < m->count; i++) {
		uint64_t at = m->mappings[i].iova - iova;

		if (at < size && at / PAGE % 64)
			m->mappings[i].shifted = true;
	}
}

void model_forget_shifts(struct model *m)
{
	for (unsigned int i = 0; i < m->count; i++)
		m->mappings[i].shifted = false;
}
