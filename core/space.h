/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A container's address space: its mappings, its domains, and the rules of the user API.
 *
 * The host holds the container's lock around every call; all fields are protected by it.
 */
#ifndef STRIDE_SPACE_H
#define STRIDE_SPACE_H

#include "ranges.h"
#include "record.h"

/**
 * struct stride_domain - an IOMMU domain, embedded in the host's own structure
 * @next:	the space's next domain
 */
struct stride_domain {
	struct stride_domain *next;
};

/**
 * struct stride_mapping - one range that the user mapped, embedded in the host's own structure
 * @iova:	first IOVA; constant
 * @last:	last IOVA; constant
 * @vaddr:	user address of @iova; constant
 * @prot:	STRIDE_READ, STRIDE_WRITE; constant
 * @stuck:	some translation would not go: its pages must stay pinned for ever
 * @record:	the extents pinned, in the order of their IOVAs
 * @pinned:	pages that the record holds
 * @owed:	those of them that must be charged and are not yet
 * @charged:	pages charged to the owner
 * @mapped:	bytes from @iova on that every domain translates
 * @doomed:	the next mapping to unpin, once out of the index
 */
struct stride_mapping {
	u64 iova;
	u64 last;
	u64 vaddr;
	u32 prot;
	bool stuck;
	struct stride_record record;
	u64 pinned;
	u64 owed;
	u64 charged;
	u64 mapped;
	struct stride_mapping *doomed;
};

/**
 * struct stride_space - a container's address space, embedded in the host's own structure
 * @host:	the host's functions; constant
 * @v2:		unmaps follow the rules of TYPE1v2; constant
 * @available:	mappings that the user may still make
 * @page_sizes:	sizes that every domain can map, a bit each; none is below a page
 * @valid:	IOVAs that may be mapped
 * @domains:	all domains; each translates all mappings
 * @batch:	STRIDE_BATCH extents, room for what a source yields
 */
struct stride_space {
	const struct stride_host *host;
	bool v2;
	u32 available;
	u64 page_sizes;
	struct stride_ranges valid;
	struct stride_domain *domains;
	struct stride_extent *batch;
};

int stride_space_init(struct stride_space *space, const struct stride_host *host, bool v2,
		      u32 available);
void stride_space_fini(struct stride_space *space);
u64 stride_space_page_size(const struct stride_space *space);
bool stride_space_fits(struct stride_space *space, const struct stride_ranges *valid);

/* Mappings that touch [first, last], lowest first. */
struct stride_mapping *stride_space_first(struct stride_space *space, u64 first, u64 last);
struct stride_mapping *stride_space_next(struct stride_space *space,
					 const struct stride_mapping *mapping, u64 last);

#endif
