/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine's host in user space: one simulated machine with one process, one container and any
 * number of IOMMU domains.
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

#include "core/map.h"
#include "span.h"

/* Physical memory: zones of folios of one order each. Other pfns have no memory behind them. */
enum sim_zone {
	SIM_RESERVED,
	SIM_ZERO,
	SIM_SMALL,
	SIM_HUGE,
	SIM_GIANT,
	SIM_ZONES,
};

/* A large BAR's first pfn, and where pfns end. */
#define SIM_BAR_PFN	(1ULL << 36)
#define SIM_PFN_END	(1ULL << 40)

/**
 * struct sim_folio - a folio that somebody holds
 * @span:	its pfns
 * @pins:	pins held
 * @mapped:	pages that the process's page table maps
 * @reached:	pages that domains and IOTLBs translate to, each counted for each time
 * @leaked:	pins that are never to be dropped: an IOMMU refused to let go
 * @expected:	pins that all records together account for; sim_check() only
 * @pinned_to_write: one of the pins was for writing
 * @written:	a device could write
 * @dirtied:	an unpin marked it dirty
 */
struct sim_folio {
	struct sim_span span;
	u64 pins;
	u64 mapped;
	u64 reached;
	u64 leaked;
	u64 expected;
	bool pinned_to_write;
	bool written;
	bool dirtied;
};

/** enum sim_access - what a page-table entry lets the process do */
enum sim_access {
	SIM_RW,
	SIM_RO,		/* never to be written: a read-only file */
	SIM_COW,	/* a pin of any kind copies the page first */
};

/** enum sim_kind - what the page table says of an address */
enum sim_kind {
	SIM_MEMORY,
	SIM_RAW,
	SIM_UNTOUCHED,	/* the first pin of it brings in a page or, where one fits, a folio */
};

/**
 * struct sim_leaves - page-table leaves one after the other
 * @vaddr:	of the first, bytes
 * @count:	how many
 * @order:	of each: 0, STRIDE_PMD_ORDER or STRIDE_PUD_ORDER; if untouched, of what comes in
 * @pfn:	where the first one leads
 * @step:	from one leaf's pfn to the next one's; 0 maps one page again and again
 * @access:	of all
 * @kind:	of all
 */
struct sim_leaves {
	u64 vaddr;
	u64 count;
	u32 order;
	u64 pfn;
	long long step;
	enum sim_access access;
	enum sim_kind kind;
};

/**
 * struct sim_view - what the page table says of one page
 * @pfn:	of the page
 * @leaf_vpn:	where its leaf begins
 * @leaf_pfn:	where its leaf leads
 */
struct sim_view {
	u64 pfn;
	u64 leaf_vpn;
	u64 leaf_pfn;
	u32 order;
	enum sim_access access;
	enum sim_kind kind;
};

/** struct sim_translation - a run that a domain, or after a clear its IOTLB, translates */
struct sim_translation {
	struct sim_span span;
	u64 pfn;
	u32 prot;
	bool leaked;
	struct sim_translation *next;
};

/**
 * struct sim_domain - an IOMMU domain
 * @stride:	the engine's part
 * @next:	the world's next domain
 * @live:	what the table translates, by ipn
 * @stale:	what the IOTLB may still translate: cleared, not synced
 * @leafwise:	the IOMMU makes entries of any power of two and clears only whole ones
 * @pages:	that the table translates
 * @leaked:	those of them that it refused to let go
 * @glimpse:	where the check of the mapping in flight has come to, of @glimpse_of
 */
struct sim_domain {
	struct stride_domain stride;
	struct sim_domain *next;
	struct sim_spans live;
	struct sim_translation *stale;
	bool leafwise;
	u64 pages;
	u64 leaked;
	u64 glimpse;
	u64 glimpse_of;
};

/**
 * struct sim_mapping - a mapping
 * @span:	its IOVAs; in the index
 * @next:	the world's next mapping
 * @leaked:	what it has pinned and charged stays so
 */
struct sim_mapping {
	struct stride_mapping stride;
	struct sim_span span;
	struct sim_mapping *next;
	bool leaked;
};

/** enum sim_call - the calls that a host serves; those up to SIM_RELAX can be made to fail */
enum sim_call {
	SIM_CALL_ALLOC,
	SIM_CALL_MAPPING_NEW,
	SIM_CALL_PIN,
	SIM_CALL_LEAF,
	SIM_CALL_RAW,
	SIM_CALL_CHARGE,
	SIM_CALL_MAP,
	SIM_CALL_CLEAR,
	SIM_CALL_RELAX,
	SIM_CALL_UNPIN,
	SIM_CALL_SYNC,
	SIM_CALLS,
};

/** struct sim_glimpse - what the page table was seen to map, to stay, while a map is made */
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
 * @flight:	the mapping that is being made, or NULL; @flights: how many there were
 * @glimpses:	of the mapping in flight; @glimpse_count, @glimpse_room
 * @domains:	all domains, joined or not
 * @folios:	that somebody holds, by pfn
 * @leaves:	the page table, by vpn
 * @pins:	of all folios
 * @limit:	of locked memory, pages
 * @locked:	pages charged
 * @leaked_charge: those of them whose mapping is gone for ever
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
 */
struct sim_world {
	u64 seed;
	u64 step;
	u64 random;

	struct stride_space space;
	struct sim_spans index;
	struct sim_mapping *flight;
	u64 flights;
	struct sim_glimpse *glimpses;
	u64 glimpse_count;
	u64 glimpse_room;

	struct sim_domain *domains;
	struct sim_spans folios;
	struct sim_spans leaves;
	u64 pins;
	u64 limit;
	u64 locked;
	u64 leaked_charge;
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
};

extern struct sim_world sim;

/* world.c */
void sim_begin(u64 seed, bool v2, u32 available);
void sim_end(void);
u64 sim_random(void);
u64 sim_below(u64 n);
void sim_broken(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* host.c */
extern const struct stride_host sim_host;
void sim_fail(enum sim_call call, u64 nth, int with);
void sim_fail_none(void);
bool sim_failing(enum sim_call call, int *with);
struct sim_mapping *sim_mapping_at(u64 iova);

/* memory.c */
u64 sim_zone_pfn(enum sim_zone zone);
bool sim_zone_of(u64 pfn, enum sim_zone *zone);
bool sim_ordinary(u64 pfn, u64 npages);
u64 sim_folio_head(u64 pfn, u64 *npages);
u64 sim_folio_fresh(enum sim_zone zone);
struct sim_folio *sim_folio_find(u64 pfn);
u64 sim_folio_pages(u64 pfn, u64 npages);
void sim_folio_put(struct sim_folio *folio);
void sim_mapped(u64 pfn, u64 npages, int sign);
void sim_reached(u64 pfn, u64 npages, int sign, bool write);
void sim_pin_page(u64 pfn, bool write);
void sim_unpin_page(u64 pfn, bool dirty);

/* table.c */
void sim_put(struct sim_leaves leaves);
void sim_zap(u64 vaddr, u64 npages);
void sim_split(u64 vaddr, u64 npages);
bool sim_look(u64 vaddr, struct sim_view *view);

/* gup.c */
int sim_pin(struct stride_space *space, u64 vaddr, u32 npages, bool write,
	    struct stride_extent *out);
bool sim_leaf(u64 vaddr, u64 pfn, struct stride_leaf *leaf);
int sim_raw(u64 vaddr, u64 npages, bool write, struct stride_extent *out);
void sim_unpin(const struct stride_extent *extents, u32 n, bool dirty);

/* iommu.c */
struct sim_domain *sim_domain_new(bool leafwise);
void sim_domain_free(struct sim_domain *domain);
int sim_attach(struct sim_domain *domain);
void sim_detach(struct sim_domain *domain);
bool sim_translate(struct sim_domain *domain, u64 iova, u64 *pfn, u32 *prot);
int sim_map(struct stride_domain *domain, u64 iova, const struct stride_extent *extents, u32 n,
	    u32 prot);
u64 sim_clear(struct stride_domain *domain, u64 iova, u64 bytes);
void sim_sync(struct stride_domain *domain);

/* rules.c */
void sim_glimpse(u64 vpn, u64 pfn, u64 npages, bool writable);
void sim_check_extents(struct sim_mapping *mapping, u64 ipn, const struct stride_extent *extents,
		       u32 n, u64 *cursor);
void sim_check_made(struct sim_mapping *mapping);
void sim_check_unpin(u64 pfn, u64 npages);
void sim_leak(struct sim_mapping *mapping);
void sim_check(void);

/** struct sim_state - what a call that fails must leave as it was */
struct sim_state {
	u64 pins;
	u64 pinned;		/* sums up which folios are */
	u64 locked;
	u64 mappings;
	u64 allocs;
	u64 bytes;
	u64 available;
	u64 translated;		/* sums up what all domains translate */
};

struct sim_state sim_state(void);
void sim_check_same(const struct sim_state *before);

#endif
