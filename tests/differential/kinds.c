// SPDX-License-Identifier: GPL-2.0
/*
 * What there is to do, and how often.
 */
#include "families.h"

static void make_nothing(struct random *r, struct operation *op)
{
	(void)r;
	(void)op;
}

const struct kind kinds[] = {
	{ "join", 60, false, join_make, join_play },
	{ "leave", 14, false, leave_make, leave_play },
	{ "set-container", 4, false, make_nothing, set_container_play },
	{ "unset-container", 3, false, make_nothing, unset_container_play },
	{ "set-iommu", 4, false, set_iommu_make, set_iommu_play },
	{ "open-device", 6, false, make_nothing, open_device_play },
	{ "close-device", 4, false, make_nothing, close_device_play },
	{ "extension", 8, true, extension_make, extension_play },
	{ "info", 16, true, info_make, info_play },
	{ "unknown", 2, true, unknown_make, unknown_play },
	{ "map", 240, true, map_make, map_play },
	{ "unmap", 90, true, unmap_make, unmap_play },
	{ "unmap-dirty", 30, true, unmap_dirty_make, unmap_play },
	{ "invalidate", 40, true, invalidate_make, unmap_play },
	{ "revalidate", 40, true, revalidate_make, revalidate_play },
	{ "dirty-start", 30, true, dirty_start_make, dirty_play },
	{ "dirty-stop", 4, true, dirty_stop_make, dirty_play },
	{ "dirty-odd", 4, true, dirty_odd_make, dirty_play },
	{ "dirty-get", 70, true, dirty_get_make, dirty_play },
	{ "pin", 100, false, pin_make, pin_play },
	{ "unpin", 40, false, unpin_make, unpin_play },
	{ "touch", 40, false, touch_make, touch_play },
	{ "rw", 40, false, rw_make, rw_play },
	{ "ignore", 4, false, ignore_make, ignore_play },
	{ "dma", 60, false, dma_make, dma_play },
	{ "limit", 6, true, limit_make, limit_play },
	{ "lift", 24, true, make_nothing, lift_play },
	{ "parameter", 6, false, parameter_make, parameter_play },
	{ "peer-end", 1, false, make_nothing, peer_end_play },
};

const unsigned int kinds_count = sizeof(kinds) / sizeof(*kinds);
