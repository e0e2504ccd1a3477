/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Bytes that the engine has copied, for drivers of emulated devices and for the calling process.
 */
#ifndef SIM_ACCESS_H
#define SIM_ACCESS_H

#include "core/stride.h"

/**
 * struct sim_buffer - the calling process's bitmap of dirty pages
 * @vaddr:	its user address
 * @bytes:	its size
 * @fault_at:	accesses from this offset on fault
 * @memory:	its contents
 */
struct sim_buffer {
	u64 vaddr;
	u64 bytes;
	u64 fault_at;
	unsigned char *memory;
};

extern struct sim_buffer sim_user;
extern u64 sim_accessed;	/* bytes that were copied for drivers so far */

long sim_access(struct stride_mapping *mapping, u64 vaddr, void *buffer, u64 bytes, bool write);
int sim_copy_in(void *to, u64 from, u64 bytes);
int sim_copy_out(u64 to, const void *from, u64 bytes);

#endif
