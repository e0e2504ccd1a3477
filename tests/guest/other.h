/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A mapping that another process made: a child, of its own memory.
 */
#ifndef GUEST_OTHER_H
#define GUEST_OTHER_H

#include "fixture.h"

/*
 * Forks a child that fills its copy of the memory with the byte, maps it into the container at
 * IOVA for both directions, and stays. There is one at a time.
 */
void other_maps(struct fixture *fixture, const struct memory *memory, char fill);

/* the child ends, or becomes another program: either way its memory is gone */
void other_ends(struct fixture *fixture);
void other_execs(struct fixture *fixture);

#endif
