/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Pinning: what a process's page table gives to the engine, and the way back.
 */
#ifndef SIM_GUP_H
#define SIM_GUP_H

#include "core/stride.h"

/**
 * struct sim_gup - how pinning works here
 * @zero_pinned: the zero page is pinned as a reserved page, as on older kernels
 * @race:	what the process does between a pin and the look at the leaf, and while helpers
 *		work; or NULL
 * @helpers:	others fault in some of what is to be pinned next, at random
 */
struct sim_gup {
	bool zero_pinned;
	void (*race)(u64 vaddr);
	bool helpers;
};

extern struct sim_gup sim_gup;

int sim_pin(struct stride_space *space, struct stride_mapping *mapping, u64 vaddr, u32 npages,
	    u64 ahead, struct stride_extent *out);
bool sim_leaf(struct stride_mapping *mapping, u64 vaddr, u64 npages, u64 pfn,
	      struct stride_leaf *leaf);
int sim_pfnmap(struct stride_mapping *mapping, u64 vaddr, u64 npages, struct stride_extent *out);
void sim_unpin(const struct stride_extent *extents, u32 n, bool dirty);

#endif
