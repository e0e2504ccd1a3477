/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A bitmap of dirty pages as an operation asks for it, and what is said of the answer.
 */
#ifndef DIFFERENTIAL_BITMAP_H
#define DIFFERENTIAL_BITMAP_H

#include "../guest/dirty.h"
#include "sequence.h"

/* to make up: page size, bitmap size and what the buffer holds; mostly right ones */
void bitmap_make(struct random *r, struct operation *op);

/* the argument for the operation's range, and its buffer filled */
struct dirty_argument bitmap_ask(const struct operation *op);

/* after the call succeeded */
void bitmap_say(const struct operation *op);

/*
 * After it was refused with EFAULT: tracking starts anew, since some dirty pages may be forgotten
 * (D3).
 */
void bitmap_restart(const struct operation *op);

#endif
