/* SPDX-License-Identifier: GPL-2.0 */
/*
 * All that a host may ask of the engine: map, unmap, dirty pages, emulated devices, and groups and
 * domains that come and go.
 */
#ifndef STRIDE_H
#define STRIDE_H

#include "space.h"

/**
 * struct stride_map_request - what MAP_DMA asks for
 * @iova:	where the device shall see it, bytes
 * @vaddr:	where the calling process sees it, bytes
 * @size:	bytes
 * @prot:	STRIDE_READ, STRIDE_WRITE, both; or 0 for a new address of a mapping that lost its
 *		own
 */
struct stride_map_request {
	u64 iova;
	u64 vaddr;
	u64 size;
	u32 prot;
};

/* Bytes that one bitmap of dirty bits may have. */
#define STRIDE_BITMAP_BYTES_MAX	(1ULL << 28)

/**
 * struct stride_bitmap - where the calling process wants to have dirty bits
 * @vaddr:	64-bit words, the lowest bit first
 * @bytes:	room there
 * @page_size:	bytes that a bit stands for
 */
struct stride_bitmap {
	u64 vaddr;
	u64 bytes;
	u64 page_size;
};

/**
 * struct stride_unmap_request - what UNMAP_DMA asks for
 * @iova:	first IOVA, bytes
 * @size:	bytes
 * @all:	everything; @iova and @size must be 0
 * @vaddr_only:	the mappings stay, only their user addresses are no longer valid
 * @dirty:	report dirty pages of what goes; or NULL
 */
struct stride_unmap_request {
	u64 iova;
	u64 size;
	bool all;
	bool vaddr_only;
	const struct stride_bitmap *dirty;
};

int stride_map(struct stride_space *space, const struct stride_map_request *request);
int stride_unmap(struct stride_space *space, const struct stride_unmap_request *request,
		 u64 *unmapped);
void stride_unmap_all(struct stride_space *space);

int stride_dirty_start(struct stride_space *space);
void stride_dirty_stop(struct stride_space *space);
int stride_dirty_get(struct stride_space *space, u64 iova, u64 size,
		     const struct stride_bitmap *bitmap);

int stride_hold(struct stride_space *space, u64 iova, u32 npages, u32 prot, u64 *pfns);
u32 stride_unhold(struct stride_space *space, u64 iova, u32 npages);
int stride_access(struct stride_space *space, u64 iova, void *buffer, u64 bytes, bool write);

int stride_domain_attach(struct stride_space *space, struct stride_domain *domain);
void stride_domain_detach(struct stride_space *space, struct stride_domain *domain);
void stride_emulated_attach(struct stride_space *space);
void stride_emulated_detach(struct stride_space *space);
void stride_device_attach(struct stride_space *space);
void stride_device_detach(struct stride_space *space);
void stride_non_pinned_attach(struct stride_space *space);
void stride_non_pinned_end(struct stride_space *space);
void stride_non_pinned_detach(struct stride_space *space);
void stride_set_valid_ranges(struct stride_space *space, struct stride_ranges valid);
void stride_set_page_sizes(struct stride_space *space, u64 page_sizes);

#endif
