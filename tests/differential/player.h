/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Plays a sequence on the driver that is loaded, as the process that it is called in, which is good
 * for nothing afterwards. The text goes to a descriptor, line by line.
 */
#ifndef DIFFERENTIAL_PLAYER_H
#define DIFFERENTIAL_PLAYER_H

#include "sequence.h"

void player_play(const struct sequence *sequence, int text);

#endif
