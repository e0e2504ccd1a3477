/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine's host in user space: one simulated machine with a few processes, one container and
 * any number of IOMMU domains and emulated devices.
 *
 * There is one world at a time, since half of what the engine calls carries no context. A world is
 * made from a seed, and what happens in it follows from that seed alone. The rules that the engine
 * must keep are checked in every call that it makes and, as a whole, by sim_check(); one that is
 * broken ends the program with one line that names the seed.
 *
 * Terms: a vpn is a virtual page number, an ipn the page number of an IOVA. A domain's device
 * *reaches* a page while the domain or its IOTLB translates to it.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "access.h"
#include "check_after_failure.h"
#include "check_between_calls.h"
#include "container.h"
#include "emulated.h"
#include "gup.h"
#include "heap.h"
#include "host.h"
#include "inject.h"
#include "iommu.h"
#include "memory.h"
#include "process.h"
#include "run.h"
#include "table.h"
#include "world.h"

#endif
