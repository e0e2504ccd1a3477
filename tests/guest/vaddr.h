/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Updating where a mapping's memory is: first the old address is invalidated, then the new one is
 * told, perhaps by another process; devices go on with the memory all the while.
 */
#ifndef GUEST_VADDR_H
#define GUEST_VADDR_H

#include "fixture.h"

/* both as vfio_unmap() and vfio_map() */
int vaddr_invalidate(const struct vfio_container *container, uint64_t iova, uint64_t size,
		     uint64_t *written);
int vaddr_update(const struct vfio_container *container, uint64_t iova, const void *at,
		 uint64_t size);

/* whether another group may join the fixture's container: the second edu's, which leaves again */
int vaddr_join(struct fixture *fixture);

#endif
