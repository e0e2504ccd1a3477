/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How translations and pins go. In this order, always: cleared in every domain, synced, unpinned.
 */
#ifndef STRIDE_RELEASE_H
#define STRIDE_RELEASE_H

#include "space.h"

bool stride_clear_domain(struct stride_space *space, struct stride_domain *domain, u64 iova,
			 u64 bytes);
void stride_clear(struct stride_space *space, struct stride_mapping *mapping);
void stride_sync(struct stride_space *space);
void stride_depopulate(struct stride_space *space, struct stride_mapping *mapping);
void stride_drop_hold(struct stride_space *space, struct stride_mapping *mapping,
		      struct stride_hold *hold);
void stride_drop_mapping(struct stride_space *space, struct stride_mapping *mapping);

#endif
