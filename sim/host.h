/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table that the engine calls through.
 */
#ifndef SIM_HOST_H
#define SIM_HOST_H

#include "core/host.h"

extern const struct stride_host sim_host;

#endif
