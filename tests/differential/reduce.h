/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Makes a sequence on which the drivers differ as short as can be: without any one of its
 * operations, they would not differ.
 */
#ifndef DIFFERENTIAL_REDUCE_H
#define DIFFERENTIAL_REDUCE_H

#include "runs.h"

/* the run's texts differ; it is replaced by the shorter one's */
void reduce(struct run *run);

#endif
