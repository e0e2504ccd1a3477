/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs a sequence on the driver that is loaded, as the process that it is called in, which is good
 * for nothing afterwards. The text goes to a descriptor, line by line.
 */
#ifndef DIFFERENTIAL_RUNNER_H
#define DIFFERENTIAL_RUNNER_H

#include "sequence.h"

void runner_run(const struct sequence *sequence, int text);

#endif
