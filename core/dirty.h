/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which pages were written to, for the rest of the engine.
 */
#ifndef STRIDE_DIRTY_H
#define STRIDE_DIRTY_H

#include "stride.h"

bool stride_dirty_fits(const struct stride_space *space, u64 size);
void stride_dirty_mark(struct stride_space *space, struct stride_mapping *mapping, u64 first,
		       u64 last);
void stride_dirty_mark_all(struct stride_space *space);
int stride_dirty_check(const struct stride_space *space, u64 size,
		       const struct stride_bitmap *bitmap);
int stride_dirty_report(struct stride_space *space, u64 iova, u64 size,
			const struct stride_bitmap *bitmap);

#endif
