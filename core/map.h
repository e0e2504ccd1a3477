/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The engine's face to its hosts: map, unmap, and domains that come and go.
 */
#ifndef STRIDE_MAP_H
#define STRIDE_MAP_H

#include "space.h"

/**
 * struct stride_map_request - what MAP_DMA asks for
 * @iova:	where the device shall see it, bytes
 * @vaddr:	where the calling process sees it, bytes
 * @size:	bytes
 * @prot:	STRIDE_READ, STRIDE_WRITE, or both
 * @leaves:	pin a leaf at a time where that can be done
 */
struct stride_map_request {
	u64 iova;
	u64 vaddr;
	u64 size;
	u32 prot;
	bool leaves;
};

/**
 * struct stride_unmap_request - what UNMAP_DMA asks for
 * @iova:	first IOVA, bytes
 * @size:	bytes
 * @all:	everything; @iova and @size must be 0
 */
struct stride_unmap_request {
	u64 iova;
	u64 size;
	bool all;
};

int stride_map(struct stride_space *space, const struct stride_map_request *request);
int stride_unmap(struct stride_space *space, const struct stride_unmap_request *request,
		 u64 *unmapped);
void stride_unmap_all(struct stride_space *space);

int stride_domain_attach(struct stride_space *space, struct stride_domain *domain);
void stride_domain_detach(struct stride_space *space, struct stride_domain *domain);

#endif
