/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How pins and translations come.
 */
#ifndef STRIDE_POPULATE_H
#define STRIDE_POPULATE_H

#include "space.h"

int stride_populate(struct stride_space *space, struct stride_mapping *mapping);

#endif
