/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The second process of a run: it runs the operations that it is told to.
 */
#ifndef DIFFERENTIAL_PEER_H
#define DIFFERENTIAL_PEER_H

#include "sequence.h"

/* returns when it is there; the world is made and not entered yet */
void peer_start(const struct sequence *sequence);

void peer_run(unsigned int operation);

/* no matter if it has ended before */
void peer_close_containers(void);
void peer_end(void);

#endif
