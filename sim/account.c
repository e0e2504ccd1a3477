// SPDX-License-Identifier: GPL-2.0
/*
 * Mappings' owners and their locked memory.
 */
#include "account.h"
#include "container.h"
#include "inject.h"
#include "run.h"

static int lock_pages(struct sim_process *process, u64 npages)
{
	if (npages > process->limit || process->locked > process->limit - npages)
		return -ENOMEM;
	process->locked += npages;
	return 0;
}

/** sim_charge() - the host's charge; a populated mapping is charged in full and needs no more */
int sim_charge(struct stride_mapping *stride, u64 npages)
{
	struct sim_mapping *mapping = sim_mapping_of(stride);
	int err;

	if (!npages || stride->populated)
		sim_violation("%llu pages are charged for mapping 0x%llx", npages, stride->iova);
	if (sim_hit(SIM_CALL_CHARGE, &err))
		return err;
	if (mapping->owner->gone)
		return -ENODEV;
	err = lock_pages(mapping->owner, npages);
	if (!err)
		mapping->charged += npages;
	return err;
}

/** sim_charge_room() - the host's charge_room */
u64 sim_charge_room(const struct stride_mapping *stride)
{
	const struct sim_process *owner =
		sim_container_of(stride, const struct sim_mapping, stride)->owner;

	return owner->limit > owner->locked ? owner->limit - owner->locked : 0;
}

/** sim_uncharge() - the host's uncharge */
void sim_uncharge(struct stride_mapping *stride, u64 npages)
{
	struct sim_mapping *mapping = sim_mapping_of(stride);

	if (!npages || npages > mapping->charged)
		sim_violation("%llu pages are uncharged for mapping 0x%llx, of %llu", npages,
			      stride->iova, mapping->charged);
	mapping->charged -= npages;
	mapping->owner->locked -= npages;
}

/** sim_change_owner() - the host's change_owner */
int sim_change_owner(struct stride_mapping *stride)
{
	struct sim_mapping *mapping = sim_mapping_of(stride);
	int err;

	if (sim_hit(SIM_CALL_CHANGE_OWNER, &err))
		return err;
	if (mapping->owner == sim_self)
		return 0;
	err = mapping->charged ? lock_pages(sim_self, mapping->charged) : 0;
	if (err)
		return err;
	mapping->owner->locked -= mapping->charged;
	mapping->owner = sim_self;
	return 0;
}
