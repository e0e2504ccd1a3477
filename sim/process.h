/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Processes, one of which calls the engine: each has a page table and locked memory of its own.
 */
#ifndef SIM_PROCESS_H
#define SIM_PROCESS_H

#include "span.h"

/**
 * struct sim_process - a process
 * @leaves:	its page table, by vpn
 * @limit:	of locked memory, pages
 * @locked:	pages charged
 * @leaked:	those of them whose mapping is gone for ever
 * @gone:	it has ended; its mappings have not
 */
struct sim_process {
	struct sim_spans leaves;
	u64 limit;
	u64 locked;
	u64 leaked;
	bool gone;
};

#define SIM_PROCESSES	2

extern struct sim_process sim_processes[SIM_PROCESSES];
extern struct sim_process *sim_self;	/* the calling one */

void sim_processes_begin(void);
struct sim_process *sim_switch_to(struct sim_process *process);
unsigned char sim_byte(const struct sim_process *process, u64 vaddr, bool write);

#endif
