// SPDX-License-Identifier: GPL-2.0
/*
 * The types of operations, and how often each is made.
 */
#include "operations.h"

static void make_nothing(struct random *r, struct operation *op)
{
	(void)r;
	(void)op;
}

const struct operation_type operation_types[] = {
	{ "join", 60, false, join_make, join_run },
	{ "leave", 14, false, leave_make, leave_run },
	{ "set-container", 4, false, make_nothing, set_container_run },
	{ "unset-container", 3, false, make_nothing, unset_container_run },
	{ "set-iommu", 4, false, set_iommu_make, set_iommu_run },
	{ "open-device", 6, false, make_nothing, open_device_run },
	{ "close-device", 4, false, make_nothing, close_device_run },
	{ "extension", 8, true, extension_make, extension_run },
	{ "info", 16, true, info_make, info_run },
	{ "unknown", 2, true, unknown_make, unknown_run },
	{ "map", 240, true, map_make, map_run },
	{ "unmap", 90, true, unmap_make, unmap_run },
	{ "unmap-dirty", 30, true, unmap_dirty_make, unmap_run },
	{ "invalidate", 40, true, invalidate_make, unmap_run },
	{ "revalidate", 40, true, revalidate_make, revalidate_run },
	{ "dirty-start", 30, true, dirty_start_make, dirty_run },
	{ "dirty-stop", 4, true, dirty_stop_make, dirty_run },
	{ "dirty-odd", 4, true, dirty_odd_make, dirty_run },
	{ "dirty-get", 70, true, dirty_get_make, dirty_run },
	{ "pin", 100, false, pin_make, pin_run },
	{ "unpin", 40, false, unpin_make, unpin_run },
	{ "touch", 40, false, touch_make, touch_run },
	{ "rw", 40, false, rw_make, rw_run },
	{ "ignore", 4, false, ignore_make, ignore_run },
	{ "dma", 60, false, dma_make, dma_run },
	{ "limit", 6, true, limit_make, limit_run },
	{ "lift", 24, true, make_nothing, lift_run },
	{ "parameter", 6, false, parameter_make, parameter_run },
	{ "peer-end", 1, false, make_nothing, peer_end_run },
};

const unsigned int operation_types_count = sizeof(operation_types) / sizeof(*operation_types);
