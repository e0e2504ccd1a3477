// SPDX-License-Identifier: GPL-2.0
/*
 * Emulated devices: the index of what their drivers hold, and what these do when asked to let go.
 */
#include <stdlib.h>
#include "sim.h"

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

/** sim_hold_add() - the host's hold_add */
struct stride_hold *sim_hold_add(struct stride_space *space, u64 iova)
{
	struct sim_hold *hold;
	int none;

	if (iova & (STRIDE_PAGE_SIZE - 1) || space != &sim.space || !sim_mapping_at(iova))
		sim_violation("iova 0x%llx cannot be held", iova);
	if (sim_hit(SIM_CALL_HOLD_ADD, &none))
		return NULL;
	hold = calloc(1, sizeof(*hold));
	hold->span.first = iova;
	hold->span.last = iova + (STRIDE_PAGE_SIZE - 1);
	sim_span_add(&sim.holds, &hold->span);
	return &hold->stride;
}

/** sim_hold_del() - the host's hold_del */
void sim_hold_del(struct stride_space *space, struct stride_hold *stride)
{
	struct sim_hold *hold = sim_container(stride, struct sim_hold, stride);

	(void)space;
	sim_span_del(&sim.holds, &hold->span);
	free(hold);
}

/** sim_hold_find() - the host's hold_find */
struct stride_hold *sim_hold_find(struct stride_space *space, u64 first, u64 last)
{
	struct sim_span *span = sim_span_find(&sim.holds, first, last);

	(void)space;
	return span ? &sim_container(span, struct sim_hold, span)->stride : NULL;
}

/** sim_notify_dma_unmap() - the host's revoke: meanwhile all must be as it is between calls */
void sim_notify_dma_unmap(struct stride_space *space, u64 iova, u64 bytes)
{
	struct sim_mapping *mapping = sim_mapping_at(iova);

	sim.calls[SIM_CALL_NOTIFY_DMA_UNMAP]++;
	if (!mapping || mapping->stride.iova != iova || mapping->stride.last != iova + bytes - 1)
		sim_violation("0x%llx bytes at 0x%llx are asked for, no mapping's", bytes, iova);
	if (!sim_hold_find(space, iova, iova + bytes - 1))
		sim_violation("mapping 0x%llx is asked for, nothing of it is held", iova);
	sim_check();
	if (sim.notify_dma_unmap)
		sim.notify_dma_unmap(iova, bytes);
	sim_check();
}
