/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the user API promises, page by page, without extents, windows, leaves or bitmaps.
 *
 * Where there are two, model_map() says what the engine must answer and model_map_now() changes
 * the model.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include "sim/sim.h"

/**
 * struct model_page - a page of a mapping
 * @pfn:	where devices see it, if populated
 * @held_pfn:	where drivers do, if held
 * @holds:	how often it is held
 * @charged:	as a populated page it costs locked memory
 * @held_charged: as a held one it does
 * @dirty:	it was written, or may be
 */
struct model_page {
	u64 pfn;
	u64 held_pfn;
	u32 holds;
	bool charged;
	bool held_charged;
	bool dirty;
};

/**
 * struct model_mapping - one mapping
 * @next:	the one above it
 * @iova:	its first IOVA
 * @last:	its last IOVA
 * @vaddr:	user address of @iova
 * @prot:	STRIDE_READ, STRIDE_WRITE
 * @owner:	whose memory it is
 * @vaddr_invalid: @vaddr was taken back
 * @populated:	devices see all of it
 * @charged:	how many of its pages cost locked memory, for one reason or for both
 * @odd:	drivers hold another page than devices see, since the process changed its memory:
 *		the model no longer knows what the mapping is charged
 * @npages:	its size
 * @pages:	each of them
 */
struct model_mapping {
	struct model_mapping *next;
	u64 iova;
	u64 last;
	u64 vaddr;
	u32 prot;
	struct sim_process *owner;
	bool vaddr_invalid;
	bool populated;
	bool odd;
	u64 charged;
	u64 npages;
	struct model_page *pages;
};

/** struct model - all mappings, by IOVA; @hole: IOVAs that are not valid */
struct model {
	struct model_mapping *mappings;
	u32 count;
	u32 limit;
	bool v2;
	u64 page_size;
	struct stride_range hole;
	bool tracking;
	u32 emulated;
	u32 num_non_pinned_groups;
	u32 vaddr_invalid_count;
};

/* model.c: mappings */
struct model_mapping *model_find(const struct model *model, u64 first, u64 last);
struct model_page *model_page(const struct model *model, u64 iova);
int model_map(const struct model *model, const struct stride_map_request *request);
void model_map_now(struct model *model, const struct stride_map_request *request);
int model_unmap(const struct model *model, const struct stride_unmap_request *request);
u64 model_unmap_now(struct model *model, const struct stride_unmap_request *request);
void model_forget(struct model *model);

/* model_memory.c: what is pinned and charged */
int model_page_price(const struct model_mapping *m, u64 page);
int model_populate(const struct model *model);
void model_populate_now(struct model_mapping *m);
void model_depopulate_now(struct model_mapping *m);
void model_check(const struct model_mapping *m);
void model_check_all(const struct model *model);

/* model_emulated.c: what drivers do */
int model_hold(const struct model *model, u64 iova, u32 npages, u32 prot, u32 *good);
void model_hold_now(struct model *model, u64 iova, u32 npages, const u64 *pfns);
u32 model_unhold_now(struct model *model, u64 iova, u32 npages);
int model_access(const struct model *model, u64 iova, u64 bytes, bool write, u64 *copied);

/* model_dirty.c: dirty pages */
void model_dirty_pages(struct model *model, u64 iova, u64 bytes);
void model_dirty_all(struct model *model);
void model_dirty_anew(struct model *model, u64 first, u64 last);
int model_dirty_check(const struct model *model, u64 size, const struct stride_bitmap *bitmap);
int model_dirty_get(const struct model *model, u64 iova, u64 size,
		    const struct stride_bitmap *bitmap);
u64 model_words(const struct model *model, u64 size);
u64 model_word(const struct model *model, u64 iova, u64 size, u64 i, u64 before, bool *touched);
void model_learn_dirty(struct model *model);

#endif
