/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Who is charged for locked memory.
 */
#ifndef SIM_ACCOUNT_H
#define SIM_ACCOUNT_H

#include "core/stride.h"

int sim_charge(struct stride_mapping *mapping, u64 npages);
u64 sim_charge_room(const struct stride_mapping *mapping);
void sim_uncharge(struct stride_mapping *mapping, u64 npages);
int sim_change_owner(struct stride_mapping *mapping);

#endif
