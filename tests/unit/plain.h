/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A host that only gives memory, for the parts of the engine that need no more.
 */
#ifndef TESTS_PLAIN_H
#define TESTS_PLAIN_H

#include "core/host.h"

extern const struct stride_host plain_host;

/* So many allocations succeed from now on; the bytes of all that were made, and of the largest. */
extern u64 plain_room;
extern u64 plain_bytes;
extern u64 plain_largest;

/** plain_reset() - memory for everything, nothing counted */
void plain_reset(void);

#endif
