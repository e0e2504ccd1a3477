/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the user API promises, page by page, without extents, windows or leaves.
 */
#ifndef TESTS_MODEL_H
#define TESTS_MODEL_H

#include "sim/sim.h"

/** struct model_mapping - one mapping; @pfns: where each page leads */
struct model_mapping {
	struct model_mapping *next;
	u64 iova;
	u64 last;
	u32 prot;
	u64 npages;
	u64 charged;
	u64 *pfns;
};

/** struct model - all mappings; @hole: IOVAs that are not valid */
struct model {
	struct model_mapping *mappings;
	u32 count;
	u32 limit;
	bool v2;
	u64 page_size;
	struct stride_range hole;
};

int model_map(const struct model *model, const struct stride_map_request *request, u64 *charged);
void model_add(struct model *model, const struct stride_map_request *request, u64 charged);
int model_unmap(struct model *model, const struct stride_unmap_request *request, u64 *unmapped);
void model_forget(struct model *model);
void model_check(const struct model_mapping *m);
void model_check_all(const struct model *model);

#endif
