/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Emulated devices.
 */
#ifndef SIM_EMULATED_H
#define SIM_EMULATED_H

#include "core/stride.h"

/* What drivers, and others meanwhile, do when asked to let go of a range; or NULL. */
extern void (*sim_dma_unmap)(u64 iova, u64 bytes);

void sim_emulated_attach(void);
void sim_emulated_detach(void);
void sim_notify_dma_unmap(struct stride_space *space, u64 iova, u64 bytes);

#endif
