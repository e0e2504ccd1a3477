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
 * struct stride_hold - a page that drivers of emulated devices have pinned, embedded in the host's
 * own
 * @iova:	the page's; constant
 * @page:	the page, with a pin of its own; constant
 * @count:	how often it was pinned and not unpinned
 */
struct stride_hold {
	u64 iova;
	struct stride_extent page;
	u64 count;
};

/**
 * struct stride_mapping - one range that the user mapped, embedded in the host's own structure
 * @iova:	first IOVA; constant
 * @last:	last IOVA; constant
 * @vaddr:	user address of @iova
 * @prot:	STRIDE_READ, STRIDE_WRITE; constant
 * @vaddr_invalid:	the user invalidated @vaddr and has not given another one
 * @populated:	all of it is pinned and mapped: if and only if there are domains
 * @unmap_failed: the IOMMU kept some translation: its pages must stay pinned for ever
 * @all_dirty:	all of its pages were written and not reported yet
 * @record:	the extents pinned for the domains, in the order of their IOVAs
 * @chargeable:	pages that the record holds and that cost locked memory
 * @held:	pages held by drivers that cost locked memory
 * @charged:	pages charged to the owner: the larger of @chargeable and @held; less only where the
 *		memory at an IOVA came to cost something while it was mapped
 * @mapped:	bytes from @iova on that every domain translates
 * @dirty:	one bit per page that was written and not reported yet; NULL if there is none
 * @unpin_next:	the next mapping to unpin, when both are out of the index
 */
struct stride_mapping {
	u64 iova;
	u64 last;
	u64 vaddr;
	u32 prot;
	bool vaddr_invalid;
	bool populated;
	bool unmap_failed;
	bool all_dirty;
	struct stride_record record;
	u64 chargeable;
	u64 held;
	u64 charged;
	u64 mapped;
	u64 *dirty;
	struct stride_mapping *unpin_next;
};

/**
 * struct stride_unmapping - a range that is being unmapped, while drivers let go of pages there
 * @first:	its first IOVA; constant
 * @last:	its last IOVA; constant
 * @next:	another such range, which may overlap it
 */
struct stride_unmapping {
	u64 first;
	u64 last;
	struct stride_unmapping *next;
};

/**
 * struct stride_space - a container's address space, embedded in the host's own structure
 * @host:	the host's functions; constant
 * @v2:		unmaps follow the rules of TYPE1v2; constant
 * @leaf_pins:	pin a leaf at a time where that can be done; constant
 * @available:	mappings that the user may still make
 * @page_sizes:	sizes that every domain can map, a bit each; none is below a page
 * @valid:	IOVAs that may be mapped; any, as long as there are no ranges
 * @domains:	all domains; each translates all mappings
 * @batch:	STRIDE_BATCH extents, room for what a source yields
 * @unmappings:	ranges being unmapped, where drivers may not hold more
 * @vaddr_invalid_count: mappings whose user address is invalid
 * @emulated:	groups of emulated devices; such a device reaches memory through its driver alone
 * @dma_unmap_devices:	open emulated devices whose drivers have a dma_unmap callback
 * @num_non_pinned_groups:	attached groups that may have dirtied any mapped page: real groups
 *		whose drivers never called vfio_pin_pages()
 * @tracking:	dirty pages are tracked
 */
struct stride_space {
	const struct stride_host *host;
	bool v2;
	bool leaf_pins;
	u32 available;
	u64 page_sizes;
	struct stride_ranges valid;
	struct stride_domain *domains;
	struct stride_extent *batch;
	struct stride_unmapping *unmappings;
	u32 vaddr_invalid_count;
	u32 emulated;
	u32 dma_unmap_devices;
	u32 num_non_pinned_groups;
	bool tracking;
};

/**
 * struct stride_space_options - what a container is, from its beginning to its end
 * @v2:		unmaps follow the rules of TYPE1v2, else TYPE1's
 * @leaf_pins:	pin a leaf at a time where that can be done
 * @max_mappings: how many mappings there may be
 */
struct stride_space_options {
	bool v2;
	bool leaf_pins;
	u32 max_mappings;
};

int stride_space_init(struct stride_space *space, const struct stride_host *host,
		      struct stride_space_options options);
void stride_space_fini(struct stride_space *space);
bool stride_space_fits(struct stride_space *space, const struct stride_ranges *valid);
bool stride_space_bisects(struct stride_space *space, const struct stride_mapping *lowest,
			  u64 first, u64 last);

struct stride_mapping *stride_space_first(struct stride_space *space, u64 first, u64 last);
struct stride_mapping *stride_space_next(struct stride_space *space,
					 const struct stride_mapping *mapping, u64 last);

/* Mappings that touch [first, last], lowest first. */
#define stride_for_each_mapping(mapping, space, first, last)			\
	for (mapping = stride_space_first(space, first, last); mapping;		\
	     mapping = stride_space_next(space, mapping, last))

/** stride_space_page_size() - the smallest size that can be mapped, bytes */
static inline u64 stride_space_page_size(const struct stride_space *space)
{
	return space->page_sizes & -space->page_sizes;
}

/**
 * stride_last() - the last address of a range
 * @first:	its first
 * @bytes:	its size
 * @last:	the answer; an end, exclusive, could be 2^64
 *
 * Return: false if the range is empty or wraps.
 */
static inline bool stride_last(u64 first, u64 bytes, u64 *last)
{
	*last = first + bytes - 1;
	return bytes && *last >= first;
}

#endif
