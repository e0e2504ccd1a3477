/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a sequence is run in: two processes, two containers that both have open, and groups,
 * which the first process has.
 *
 * The state is in memory that both share; they take turns. What is said of it goes to a text, which
 * tells nothing but what any driver must do alike: no addresses, times or descriptors.
 */
#ifndef DIFFERENTIAL_WORLD_H
#define DIFFERENTIAL_WORLD_H

#include "../guest/edu.h"
#include "../guest/emulated.h"
#include "model.h"
#include "sequence.h"

#include <sys/types.h>

#define EDUS 2	/* the first groups */

struct group {
	int fd, device;		/* -1: closed */
	int container;		/* -1: none */
	uint64_t pinned;	/* where the emulated device last pinned anything */
};

struct world {
	struct vfio_container containers[CONTAINERS];
	struct model models[CONTAINERS];
	struct group groups[GROUPS];
	struct edu edus[EDUS];		/* their registers; no container */
	pid_t pids[PROCESSES];
	uint64_t locked[PROCESSES];	/* as last told */
};

extern struct world *world;
extern unsigned int myself;	/* the process */

/* before there is a second process; each process's own part */
void world_make(int text);
void world_enter(unsigned int process);

/* the end of what a process has open */
void world_close_containers(void);
void world_close_groups(bool backwards);

extern bool say_aloud;	/* also to standard output, at once */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_result(long result);
void say_place(const struct place *place);

/* after each operation: locked memory where it changed, and emulated devices' callbacks */
void world_tell(void);

/* an operation that is left out; why: its note */
void say_left_out(const char *why);

/* the ioctl on the operation's container, with the argument spoilt as it says: 0 or -errno */
long world_call(const struct operation *op, unsigned long request, void *argument, uint64_t size);

/* where this process sees [iova, iova + size) as it is now, or is pinned; NULL if it does not */
char *world_sees(const struct mapping *mapping, const struct place *place, uint64_t iova,
		 uint64_t size);

/* after what may pin a range of memory, or be refused for the limit */
void world_even_out(long result);

const char *group_name(unsigned int group);

/* the operation's container, but mostly another if that one has no type yet */
unsigned int container_of(const struct operation *op);

/* the operation's group if its device is open, else another open one of [first, last], or -1 */
int group_open(const struct operation *op, unsigned int first, unsigned int last);

#endif
