/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a user, or a driver, does at random: each act is done to the engine and to the model, and
 * both must answer the same. Some acts come with a call to the host that fails.
 */
#ifndef TESTS_ACTS_H
#define TESTS_ACTS_H

#include "model.h"
#include "scene.h"

#define DOMAINS_MAX	3
#define IOVA_PAGES	6000	/* so few that mappings meet */
#define CHECKED_PAGES	4096	/* larger mappings are checked page by page only when made */

extern struct model model;
extern bool giants;		/* there are giant leaves to map */

/* acts.c: what all of them need */
bool one_in(u64 n);
u64 random_npages(void);
u64 random_iova(void);
const struct model_mapping *random_mapping(void);
void align(u64 *what);
void spoil(u64 *iova, u64 *size);
void inject_some(enum sim_call call);
void check_answer(int err, int due, enum sim_call call);

/* act_map.c */
struct stride_map_request random_map(void);
void act_map(void);
void act_unmap(void);

/* act_domain.c: groups, their domains, and processes */
void act_attach(void);
void act_detach(void);
void act_emulated_group(void);
void act_page_size(void);
void act_process(void);

/* act_emulated.c */
void act_hold(void);
void act_unhold(void);
void act_access(void);
void unhold_all(u64 first, u64 last);

/* act_dirty.c */
void act_dirty(void);
void bitmap_for(struct stride_bitmap *bitmap, u64 size);
int bitmap_due(u64 iova, u64 size);
void bitmap_check(u64 iova, u64 size, int err);
void bitmap_end(void);

#endif
