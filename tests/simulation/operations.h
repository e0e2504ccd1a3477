/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a user, or a driver, does at random: each operation is done to the engine and to the model,
 * and both must answer the same. With some a host call fails.
 */
#ifndef TESTS_OPERATIONS_H
#define TESTS_OPERATIONS_H

#include "model.h"
#include "scene.h"

#define DOMAINS_MAX	3
#define IOVA_PAGES	6000	/* so few that mappings meet */
#define CHECKED_PAGES	4096	/* larger mappings are checked page by page only when made */

extern struct model model;
extern bool giants;		/* there are giant leaves to map */

/* operations.c: what all of them need */
bool one_in(u64 n);
u64 random_npages(void);
u64 random_iova(void);
const struct model_mapping *random_mapping(void);
void align(u64 *what);
void spoil(u64 *iova, u64 *size);
void inject_some(enum sim_call call);
void check_answer(int err, int due, enum sim_call call);

/* operation_map.c */
struct stride_map_request random_map(void);
void operation_map(void);
void operation_unmap(void);

/* operation_domain.c: groups, their domains, and processes */
void operation_attach(void);
void operation_detach(void);
void operation_emulated_group(void);
void operation_page_size(void);
void operation_process(void);

/* operation_emulated.c */
void operation_hold(void);
void operation_unhold(void);
void operation_access(void);
void unhold_all(u64 first, u64 last);

/* operation_dirty.c */
void operation_dirty(void);
void bitmap_for(struct stride_bitmap *bitmap, u64 size);
int bitmap_due(u64 iova, u64 size);
void bitmap_check(u64 iova, u64 size, int err);
void bitmap_end(void);

#endif
