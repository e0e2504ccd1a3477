/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the engine was shown of a page table while it populates a mapping: nothing else may become
 * accessible to a device.
 */
#ifndef SIM_OBSERVED_H
#define SIM_OBSERVED_H

#include "container.h"

/** struct sim_observer - how far a domain was checked; @index: in the entries of @population */
struct sim_observer {
	u64 index;
	u64 population;
};

void sim_observe_anew(const struct sim_mapping *mapping);
void sim_observe(u64 vpn, u64 pfn, u64 npages, bool writable);
void sim_observe_end(void);
void sim_check_observed(struct sim_mapping *mapping, u64 ipn, const struct stride_extent *extents,
			u32 n, struct sim_observer *observer);

#endif
