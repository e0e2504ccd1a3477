/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine's host in user space: one simulated machine with a few processes, one container and
 * any number of IOMMU domains and emulated devices.
 *
 * There is one world at a time, since half of what the engine calls carries no context. A world is
 * made from a seed, and what happens in it follows from that seed alone. The rules that the engine
 * must keep are checked in every call that it makes and, as a whole, by sim_check(); one that is
 * broken ends the program with one line that names the seed.
 *
 * Terms: a vpn is a virtual page number, an ipn the page number of an IOVA. A domain's device
 * *reaches* a page while the domain or its IOTLB translates to it.
 */
#ifndef SIM_SIM_H
#define SIM_SIM_H

#include "iommu.h"
#include "memory.h"
#include "process.h"

/**
 * struct sim_mapping - a mapping
 * @span:	its IOVAs; in the index
 * @next:	the world's next mapping
 * @owner:	who is charged for it, and whose memory it is
 * @charged:	to whom it is, pages
 */
struct sim_mapping {
	struct stride_mapping stride;
	struct sim_span span;
	struct sim_mapping *next;
	struct sim_process *owner;
	u64 charged;
};

/** struct sim_hold - a page that drivers hold; @span: its IOVAs */
struct sim_hold {
	struct stride_hold stride;
	struct sim_span span;
};

/** enum sim_call - the calls that a host serves; those up to SIM_CALL_KILLED can be made to fail */
enum sim_call {
	SIM_CALL_ALLOC,
	SIM_CALL_MAPPING_NEW,
	SIM_CALL_PIN,
	SIM_CALL_LEAF,
	SIM_CALL_PFNMAP,
	SIM_CALL_CHARGE,
	SIM_CALL_MAP,
	SIM_CALL_CLEAR,
	SIM_CALL_CHANGE_OWNER,
	SIM_CALL_HOLD_ADD,
	SIM_CALL_ACCESS,
	SIM_CALL_COPY_IN,
	SIM_CALL_COPY_OUT,
	SIM_CALL_KILLED,
	SIM_CALL_RESCHED,
	SIM_CALL_UNPIN,
	SIM_CALL_SYNC,
	SIM_CALL_NOTIFY_DMA_UNMAP,
	SIM_CALLS,
};

/** struct sim_glimpse - what the page table was seen to map, while a mapping is populated */
struct sim_glimpse {
	u64 vpn;
	u64 pfn;
	u64 npages;
	bool writable;
};

/**
 * struct sim_world - all there is
 * @seed:	what it was made from
 * @step:	the user's operation, for messages
 * @space:	the container
 * @index:	its mappings, by IOVA
 * @holds:	pages that drivers hold, by IOVA
 * @flight:	the mapping that is being made, or NULL
 * @glimpses:	of the mapping being populated; @glimpse_count, @glimpse_room
 * @populations: how often that began
 * @domains:	all domains, joined or not
 * @folios:	that somebody holds, by pfn
 * @pins:	of all folios
 * @processes:	all of them; @self: the calling one
 * @user:	where it wants to have dirty bits
 * @accessed:	bytes that the engine had copied for a driver so far
 * @mappings:	all that exist, in the index or not
 * @allocs:	pieces of memory that the engine holds, of @bytes
 * @max_alloc:	the largest piece it ever asked for
 * @calls:	made so far
 * @fail_at:	which call fails, of each kind; 0 none
 * @fail_with:	what it returns then
 * @failed:	calls that were made to fail
 * @erratic:	pins and clears do less than they were asked to, at random
 * @zero_pinned: the zero page is pinned as a reserved page, as on older kernels
 * @race:	what happens between a pin and the look at the leaf, or NULL
 * @notify_dma_unmap:	what drivers, and others meanwhile, do when asked to let go, or NULL
 */
struct sim_world {
	u64 seed;
	u64 step;
	u64 random;

	struct stride_space space;
	struct sim_spans index;
	struct sim_spans holds;
	struct sim_mapping *flight;
	struct sim_glimpse *glimpses;
	u64 glimpse_count;
	u64 glimpse_room;
	u64 populations;

	struct sim_domain *domains;
	struct sim_spans folios;
	u64 pins;
	struct sim_process processes[SIM_PROCESSES];
	struct sim_process *self;
	struct sim_buffer user;
	u64 accessed;
	struct sim_mapping *mappings;
	u64 allocs;
	u64 bytes;
	u64 max_alloc;

	u64 calls[SIM_CALLS];
	u64 fail_at[SIM_CALLS];
	int fail_with[SIM_CALLS];
	u64 failed;

	bool erratic;
	bool zero_pinned;
	void (*race)(u64 vaddr);
	void (*notify_dma_unmap)(u64 iova, u64 bytes);
};

extern struct sim_world sim;

/* world.c */

/* What most tests want of a container. */
#define SIM_OPTIONS ((struct stride_space_options){	\
	.v2 = true, .leaf_pins = true, .max_mappings = 65535 })

void sim_begin(u64 seed, struct stride_space_options options);
void sim_end(void);
u64 sim_random(void);
u64 sim_below(u64 n);
void sim_violation(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* host.c */
extern const struct stride_host sim_host;
void sim_inject(enum sim_call call, u64 nth, int with);
void sim_inject_none(void);
bool sim_hit(enum sim_call call, int *with);
struct sim_mapping *sim_mapping_of(struct stride_mapping *mapping);
struct sim_mapping *sim_mapping_at(u64 iova);

/* emulated.c */
void sim_emulated_attach(void);
void sim_emulated_detach(void);
struct stride_hold *sim_hold_add(struct stride_space *space, u64 iova);
void sim_hold_del(struct stride_space *space, struct stride_hold *hold);
struct stride_hold *sim_hold_find(struct stride_space *space, u64 first, u64 last);
void sim_notify_dma_unmap(struct stride_space *space, u64 iova, u64 bytes);

/* rules.c */
void sim_glimpse_anew(const struct sim_mapping *mapping);
void sim_glimpse(u64 vpn, u64 pfn, u64 npages, bool writable);
void sim_check_extents(struct sim_mapping *mapping, u64 ipn, const struct stride_extent *extents,
		       u32 n, u64 *cursor);
void sim_check_made(struct sim_mapping *mapping);
void sim_check_unpin(u64 pfn, u64 npages);

/* check.c: between calls */
void sim_leak(struct sim_mapping *mapping);
void sim_check(void);

/* state.c */

/** struct sim_state - what a call that fails must leave as it was */
struct sim_state {
	u64 pins;
	u64 pinned;		/* sums up which folios are */
	u64 locked;		/* sums up who is charged what */
	u64 mappings;		/* sums up all that is known of them */
	u64 holds;
	u64 dirty;		/* sums up which pages the user would hear are */
	u64 allocs;
	u64 bytes;
	u64 available;
	u64 translated;		/* sums up what all domains translate */
	u64 vaddr_invalid_count;
	u64 groups;		/* sums up what groups there are */
	u64 tracking;
};

struct sim_state sim_state(void);
void sim_check_same(const struct sim_state *before);

#endif
