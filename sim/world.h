/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The beginning and the end of a simulated world.
 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

#include "core/space.h"

/* What most tests want of a container. */
#define SIM_OPTIONS ((struct stride_space_options){	\
	.v2 = true, .leaf_pins = true, .max_mappings = 65535 })

void sim_begin(u64 seed, struct stride_space_options options);
void sim_end(void);

#endif
