// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: who is charged for locked memory, and what a processor reads and writes.
 *
 * No byte of memory is kept. What is read is made out of the process and the address; what is
 * written must be the same, inverted.
 */
#include <string.h>
#include "sim.h"

/** sim_switch_to() - another process calls from now on; returns which one did */
struct sim_process *sim_switch_to(struct sim_process *process)
{
	struct sim_process *before = sim.self;

	sim.self = process;
	return before;
}

static int lock_pages(struct sim_process *process, u64 npages)
{
	if (npages > process->limit || process->locked > process->limit - npages)
		return -ENOMEM;
	process->locked += npages;
	return 0;
}

/** sim_charge() - the host's charge; what is populated costs nothing more */
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
		sim_container(stride, const struct sim_mapping, stride)->owner;

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
	if (mapping->owner == sim.self)
		return 0;
	err = mapping->charged ? lock_pages(sim.self, mapping->charged) : 0;
	if (err)
		return err;
	mapping->owner->locked -= mapping->charged;
	mapping->owner = sim.self;
	return 0;
}

/** sim_byte() - what a process's memory holds at an address; or what is to be written there */
unsigned char sim_byte(const struct sim_process *process, u64 vaddr, bool write)
{
	u64 sum = (vaddr + (process - sim.processes)) * 0x9e3779b97f4a7c15;

	return write ? ~(sum >> 56) : sum >> 56;
}

static bool accessible(u64 vaddr, bool write)
{
	struct sim_view view;

	if (!sim_look(vaddr, &view) || view.access == SIM_NONE)
		return false;
	return !write || view.access != SIM_RO;
}

static void copy(const struct sim_process *owner, u64 vaddr, unsigned char *byte, bool write)
{
	if (!write)
		*byte = sim_byte(owner, vaddr, false);
	else if (*byte != sim_byte(owner, vaddr, true))
		sim_violation("a wrong byte is written at 0x%llx", vaddr);
}

/** sim_touch() - the host's access, up to the first page that cannot be had */
long sim_touch(struct stride_mapping *stride, u64 vaddr, void *buffer, u64 bytes, bool write)
{
	struct sim_process *owner = sim_mapping_of(stride)->owner, *caller;
	u64 first = vaddr - stride->vaddr, done, at;
	int fails;

	if (!bytes || first + bytes - 1 > stride->last - stride->iova)
		sim_violation("%llu bytes at 0x%llx are not the mapping's", bytes, vaddr);
	if (sim_hit(SIM_CALL_ACCESS, &fails)) {
		if (fails < 0)
			return fails;
		bytes = bytes < (u64)fails ? bytes : (u64)fails;
	}
	if (owner->gone)
		return -EPERM;
	caller = sim_switch_to(owner);
	for (done = 0; done < bytes; done++) {
		at = vaddr + done;
		if ((!done || !(at % STRIDE_PAGE_SIZE)) && !accessible(at, write))
			break;
		copy(owner, at, (unsigned char *)buffer + done, write);
	}
	sim_switch_to(caller);
	sim.accessed += done;
	return done;
}

/* How many of @bytes at @vaddr of the user's bitmap are there. */
static u64 reachable(u64 vaddr, u64 bytes)
{
	u64 offset = vaddr - sim.user.vaddr;
	u64 end = sim.user.fault_at < sim.user.bytes ? sim.user.fault_at : sim.user.bytes;

	if (vaddr < sim.user.vaddr || offset >= end)
		return 0;
	return bytes < end - offset ? bytes : end - offset;
}

/** sim_copy_in() - the host's copy_in */
int sim_copy_in(void *to, u64 from, u64 bytes)
{
	int err;

	if (sim_hit(SIM_CALL_COPY_IN, &err))
		return err;
	if (reachable(from, bytes) < bytes)
		return -EFAULT;
	memcpy(to, sim.user.memory + (from - sim.user.vaddr), bytes);
	return 0;
}

/** sim_copy_out() - the host's copy_out; what comes before a fault is written */
int sim_copy_out(u64 to, const void *from, u64 bytes)
{
	u64 n = reachable(to, bytes);
	int err;

	if (sim_hit(SIM_CALL_COPY_OUT, &err))
		return err;
	if (n)
		memcpy(sim.user.memory + (to - sim.user.vaddr), from, n);
	return n < bytes ? -EFAULT : 0;
}
