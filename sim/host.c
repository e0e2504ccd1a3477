// SPDX-License-Identifier: GPL-2.0
/*
 * The table that the engine calls through.
 */
#include "access.h"
#include "account.h"
#include "check_at_call.h"
#include "container.h"
#include "emulated.h"
#include "gup.h"
#include "heap.h"
#include "host.h"
#include "inject.h"
#include "iommu.h"
#include "memory.h"

static void index_add(struct stride_space *space, struct stride_mapping *mapping)
{
	sim_index_add(space, mapping);
	sim_check_new_mapping(mapping);
}

static void resched(void)
{
	sim_count(SIM_CALL_RESCHED);
}

static bool killed(void)
{
	int none;

	return sim_hit(SIM_CALL_KILLED, &none);
}

const struct stride_host sim_host = {
	.alloc = sim_alloc,
	.free = sim_free,
	.mapping_new = sim_mapping_new,
	.mapping_free = sim_mapping_free,
	.index_add = index_add,
	.index_del = sim_index_del,
	.index_find = sim_index_find,
	.pin = sim_pin,
	.leaf = sim_leaf,
	.pfnmap = sim_pfnmap,
	.is_ram = sim_is_ram,
	.pfn_valid = sim_pfn_valid,
	.unpin = sim_unpin,
	.charge = sim_charge,
	.charge_room = sim_charge_room,
	.uncharge = sim_uncharge,
	.change_owner = sim_change_owner,
	.map = sim_map,
	.clear = sim_clear,
	.sync = sim_sync,
	.hold_add = sim_hold_add,
	.hold_del = sim_hold_del,
	.hold_find = sim_hold_find,
	.notify_dma_unmap = sim_notify_dma_unmap,
	.access = sim_access,
	.copy_in = sim_copy_in,
	.copy_out = sim_copy_out,
	.resched = resched,
	.killed = killed,
};
