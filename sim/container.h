/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The container: the engine's space, the host's side of its mappings and holds, and their indexes.
 */
#ifndef SIM_CONTAINER_H
#define SIM_CONTAINER_H

#include "core/stride.h"
#include "process.h"

struct sim_domain;

/**
 * struct sim_mapping - a mapping
 * @stride:	the engine's part
 * @span:	its IOVAs; in the index
 * @next:	the container's next mapping
 * @owner:	who is charged for it, and whose memory it is
 * @charged:	pages that @owner is charged for it
 */
struct sim_mapping {
	struct stride_mapping stride;
	struct sim_span span;
	struct sim_mapping *next;
	struct sim_process *owner;
	u64 charged;
};

/** struct sim_hold - a page that drivers hold; @span: its IOVAs */
struct sim_hold {
	struct stride_hold stride;
	struct sim_span span;
};

/**
 * struct sim_container - the only container
 * @space:	the engine's
 * @index:	its mappings, by IOVA
 * @holds:	pages that drivers hold, by IOVA
 * @mappings:	all that exist, in the index or not
 * @making:	the one that is being made, or NULL
 * @domains:	all domains, joined or not
 */
struct sim_container {
	struct stride_space space;
	struct sim_spans index;
	struct sim_spans holds;
	struct sim_mapping *mappings;
	struct sim_mapping *making;
	struct sim_domain *domains;
};

extern struct sim_container sim;

struct sim_mapping *sim_mapping_of(struct stride_mapping *mapping);
struct sim_mapping *sim_mapping_at(u64 iova);
struct stride_mapping *sim_mapping_new(struct stride_space *space);
void sim_mapping_free(struct stride_mapping *mapping);
void sim_index_add(struct stride_space *space, struct stride_mapping *mapping);
void sim_index_del(struct stride_space *space, struct stride_mapping *mapping);
struct stride_mapping *sim_index_find(struct stride_space *space, u64 first, u64 last);

struct stride_hold *sim_hold_add(struct stride_space *space, u64 iova);
void sim_hold_del(struct stride_space *space, struct stride_hold *hold);
struct stride_hold *sim_hold_find(struct stride_space *space, u64 first, u64 last);

void sim_each_pin(const struct stride_extent *extent, void (*visit)(u64 pfn));
void sim_each_pin_of(const struct stride_mapping *mapping, void (*visit)(u64 pfn));

#endif
