/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Rules for single calls, beyond those that are checked where a count changes.
 */
#ifndef SIM_CHECK_AT_CALL_H
#define SIM_CHECK_AT_CALL_H

#include "container.h"

void sim_check_new_mapping(const struct stride_mapping *mapping);
void sim_check_pin(const struct stride_mapping *mapping, u64 npages);
void sim_check_ahead(const struct stride_mapping *mapping, u64 ahead);
void sim_check_unpin(u64 pfn, u64 npages);

#endif
