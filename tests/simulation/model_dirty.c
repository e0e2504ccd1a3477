// SPDX-License-Identifier: GPL-2.0
/*
 * The naive model's dirty pages: one by one, and the user's bitmap bit by bit.
 */
#include "model.h"

/** model_dirty_pages() - bytes were or may be written; recorded only if pages are tracked */
void model_dirty_pages(struct model *model, u64 iova, u64 bytes)
{
	u64 i, first = iova & ~(STRIDE_PAGE_SIZE - 1);
	struct model_page *page;

	if (!model->tracking || !bytes)
		return;
	for (i = 0; i <= (iova + bytes - 1 - first) >> STRIDE_PAGE_SHIFT; i++) {
		page = model_page(model, first + (i << STRIDE_PAGE_SHIFT));
		if (page)
			page->dirty = true;
	}
}

/** model_dirty_all() - any page may have been written to */
void model_dirty_all(struct model *model)
{
	struct model_mapping *m;
	u64 i;

	for (m = model->mappings; m && model->tracking; m = m->next)
		for (i = 0; i < m->npages; i++)
			m->pages[i].dirty = true;
}

/** model_dirty_anew() - nothing in a range is dirty but what is held */
void model_dirty_anew(struct model *model, u64 first, u64 last)
{
	struct model_mapping *m;
	u64 i;

	for (m = model->mappings; m; m = m->next)
		for (i = 0; i < m->npages && m->iova >= first && m->last <= last; i++)
			m->pages[i].dirty = m->pages[i].holds;
}

/** model_dirty_check() - may dirty pages be asked for, into this bitmap? */
int model_dirty_check(const struct model *model, u64 size, const struct stride_bitmap *bitmap)
{
	u64 bits = size / model->page_size;

	if (!model->tracking || bitmap->page_size != model->page_size || !bits)
		return -EINVAL;
	return bitmap->bytes > 1 << 28 || bitmap->bytes < 8 * ((bits + 63) / 64) ? -EINVAL : 0;
}

/** model_dirty_get() - what a query must answer, apart from faults of the user's bitmap */
int model_dirty_get(const struct model *model, u64 iova, u64 size,
		    const struct stride_bitmap *bitmap)
{
	const struct model_mapping *m;
	u64 last = iova + size - 1;

	if (iova + size < iova || iova % model->page_size || size % model->page_size)
		return -EINVAL;
	for (m = model->mappings; m && size; m = m->next)
		if (m->iova <= last && m->last >= iova && (m->iova < iova || m->last > last))
			return -EINVAL;
	return model_dirty_check(model, size, bitmap);
}

/** model_words() - words in the bitmap of a range */
u64 model_words(const struct model *model, u64 size)
{
	return (size / model->page_size + 63) / 64;
}

static bool is_dirty(const struct model *model, const struct model_mapping *m, u64 iova)
{
	u64 i, page = (iova - m->iova) >> STRIDE_PAGE_SHIFT;

	if (m->populated && model->num_non_pinned_groups)
		return true;
	for (i = 0; i < model->page_size >> STRIDE_PAGE_SHIFT; i++)
		if (page + i < m->npages && m->pages[page + i].dirty)
			return true;
	return false;
}

/**
 * model_word() - one word of the bitmap of a range
 * @model:	the model
 * @iova:	the range
 * @size:	of the range, bytes
 * @i:		which word
 * @before:	what the user has there
 * @touched:	some mapping has a bit in it; otherwise the word is not written
 *
 * What the user has there stays only if the lowest mapping in it begins within it.
 */
u64 model_word(const struct model *model, u64 iova, u64 size, u64 i, u64 before, bool *touched)
{
	u64 start = iova + i * 64 * model->page_size, bit, at, word = before;
	const struct model_mapping *m;

	*touched = false;
	for (bit = 0; bit < 64 && start - iova + bit * model->page_size < size; bit++) {
		at = start + bit * model->page_size;
		m = model_find(model, at, at);
		if (!m)
			continue;
		if (!*touched && !bit)
			word = 0;
		*touched = true;
		word |= (u64)is_dirty(model, m, at) << bit;
	}
	return word;
}

/** model_learn_dirty() - an allocation failed: more pages may be reported dirty, never fewer */
void model_learn_dirty(struct model *model)
{
	struct model_mapping *m;
	u64 i, bit;

	for (m = model->mappings; m && model->tracking; m = m->next) {
		const struct stride_mapping *engine = &sim_mapping_at(m->iova)->stride;

		for (i = 0; i < m->npages; i++) {
			bit = (i << STRIDE_PAGE_SHIFT) / model->page_size;
			if (engine->all_dirty ||
			    (engine->dirty && engine->dirty[bit / 64] >> bit % 64 & 1))
				m->pages[i].dirty = true;
			else if (m->pages[i].dirty)
				sim_violation("page %llu of mapping 0x%llx is clean", i, m->iova);
		}
	}
}
