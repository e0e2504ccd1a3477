// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated devices that come and go, and whose drivers are asked to let go of what they hold.
 */
#include "check_between_calls.h"
#include "container.h"
#include "emulated.h"
#include "inject.h"
#include "run.h"

void (*sim_dma_unmap)(u64 iova, u64 bytes);

/** sim_emulated_attach() - a group with one device joins, whose driver can be asked to let go */
void sim_emulated_attach(void)
{
	stride_emulated_attach(&sim.space);
	stride_device_attach(&sim.space);
}

/** sim_emulated_detach() - it leaves */
void sim_emulated_detach(void)
{
	stride_device_detach(&sim.space);
	stride_emulated_detach(&sim.space);
}

/** sim_notify_dma_unmap() - the host's notify_dma_unmap; this is a time between calls */
void sim_notify_dma_unmap(struct stride_space *space, u64 iova, u64 bytes)
{
	struct sim_mapping *mapping = sim_mapping_at(iova);

	sim_count(SIM_CALL_NOTIFY_DMA_UNMAP);
	if (!mapping || mapping->stride.iova != iova || mapping->stride.last != iova + bytes - 1)
		sim_violation("0x%llx bytes at 0x%llx are asked for, no mapping's", bytes, iova);
	if (!sim_hold_find(space, iova, iova + bytes - 1))
		sim_violation("mapping 0x%llx is asked for, nothing of it is held", iova);
	sim_check();
	if (sim_dma_unmap)
		sim_dma_unmap(iova, bytes);
	sim_check();
}
