// SPDX-License-Identifier: GPL-2.0
/*
 * What a processor reads and writes of a process's memory.
 */
#include <string.h>
#include "access.h"
#include "container.h"
#include "inject.h"
#include "run.h"
#include "table.h"

struct sim_buffer sim_user;
u64 sim_accessed;

static bool is_accessible(u64 vaddr, bool write)
{
	struct sim_view view;

	if (!sim_lookup(vaddr, &view) || view.access == SIM_NONE)
		return false;
	return !write || view.access != SIM_RO;
}

static void copy_byte(const struct sim_process *owner, u64 vaddr, unsigned char *byte, bool write)
{
	if (!write)
		*byte = sim_byte(owner, vaddr, false);
	else if (*byte != sim_byte(owner, vaddr, true))
		sim_violation("a wrong byte is written at 0x%llx", vaddr);
}

/** sim_access() - the host's access, up to the first page that cannot be had */
long sim_access(struct stride_mapping *stride, u64 vaddr, void *buffer, u64 bytes, bool write)
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
		if ((!done || !(at % STRIDE_PAGE_SIZE)) && !is_accessible(at, write))
			break;
		copy_byte(owner, at, (unsigned char *)buffer + done, write);
	}
	sim_switch_to(caller);
	sim_accessed += done;
	return done;
}

/* How many of @bytes at @vaddr of the user's bitmap are there. */
static u64 reachable_bytes(u64 vaddr, u64 bytes)
{
	u64 offset = vaddr - sim_user.vaddr;
	u64 end = sim_user.fault_at < sim_user.bytes ? sim_user.fault_at : sim_user.bytes;

	if (vaddr < sim_user.vaddr || offset >= end)
		return 0;
	return bytes < end - offset ? bytes : end - offset;
}

/** sim_copy_in() - the host's copy_in */
int sim_copy_in(void *to, u64 from, u64 bytes)
{
	int err;

	if (sim_hit(SIM_CALL_COPY_IN, &err))
		return err;
	if (reachable_bytes(from, bytes) < bytes)
		return -EFAULT;
	memcpy(to, sim_user.memory + (from - sim_user.vaddr), bytes);
	return 0;
}

/** sim_copy_out() - the host's copy_out; what comes before a fault is written */
int sim_copy_out(u64 to, const void *from, u64 bytes)
{
	u64 n = reachable_bytes(to, bytes);
	int err;

	if (sim_hit(SIM_CALL_COPY_OUT, &err))
		return err;
	if (n)
		memcpy(sim_user.memory + (to - sim_user.vaddr), from, n);
	return n < bytes ? -EFAULT : 0;
}
