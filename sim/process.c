// SPDX-License-Identifier: GPL-2.0
/*
 * Processes: who calls, and what their memory holds.
 *
 * No byte of memory is kept. What is read is made out of the process and the address; what is
 * written must be the same, inverted.
 */
#include "process.h"

#define LIMIT_PAGES_DEFAULT	(1ULL << 40)

struct sim_process sim_processes[SIM_PROCESSES];
struct sim_process *sim_self;

/** sim_processes_begin() - empty processes, with a limit too high to be reached */
void sim_processes_begin(void)
{
	u32 i;

	for (i = 0; i < SIM_PROCESSES; i++)
		sim_processes[i] = (struct sim_process){ .limit = LIMIT_PAGES_DEFAULT };
	sim_self = sim_processes;
}

/** sim_switch_to() - another process calls from now on; returns which one did */
struct sim_process *sim_switch_to(struct sim_process *process)
{
	struct sim_process *before = sim_self;

	sim_self = process;
	return before;
}

/** sim_byte() - what a process's memory holds at an address; or what is to be written there */
unsigned char sim_byte(const struct sim_process *process, u64 vaddr, bool write)
{
	u64 sum = (vaddr + (process - sim_processes)) * 0x9e3779b97f4a7c15;

	return write ? ~(sum >> 56) : sum >> 56;
}
