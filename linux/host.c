// SPDX-License-Identifier: GPL-2.0
/*
 * The table that the engine calls, and the small functions in it: memory, indexes, copies,
 * scheduling.
 */
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "container.h"

static void *host_alloc(size_t bytes)
{
	return kvmalloc(bytes, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
}

static void host_free(void *memory)
{
	kvfree(memory);
}

static void index_add(struct stride_space *space, struct stride_mapping *engine)
{
	struct container *container = container_of_space(space);
	struct mapping *mapping = to_mapping(engine);

	lockdep_assert_held(&container->lock);
	mapping->node.start = engine->iova;
	mapping->node.last = engine->last;
	interval_tree_insert(&mapping->node, &container->index);
}

static void index_del(struct stride_space *space, struct stride_mapping *engine)
{
	struct container *container = container_of_space(space);

	lockdep_assert_held(&container->lock);
	interval_tree_remove(&to_mapping(engine)->node, &container->index);
}

static struct stride_mapping *index_find(struct stride_space *space, u64 first, u64 last)
{
	struct container *container = container_of_space(space);
	struct interval_tree_node *node;

	lockdep_assert_held(&container->lock);
	node = interval_tree_iter_first(&container->index, first, last);
	return node ? &container_of(node, struct mapping, node)->engine : NULL;
}

static struct stride_hold *hold_add(struct stride_space *space, u64 iova)
{
	struct container *container = container_of_space(space);
	struct hold *hold;

	lockdep_assert_held(&container->lock);
	hold = kzalloc(sizeof(*hold), GFP_KERNEL_ACCOUNT);
	if (!hold)
		return NULL;
	hold->node.start = iova;
	hold->node.last = iova;
	interval_tree_insert(&hold->node, &container->holds);
	return &hold->engine;
}

static void hold_del(struct stride_space *space, struct stride_hold *engine)
{
	struct container *container = container_of_space(space);
	struct hold *hold = container_of(engine, struct hold, engine);

	lockdep_assert_held(&container->lock);
	interval_tree_remove(&hold->node, &container->holds);
	kfree(hold);
}

static struct stride_hold *hold_find(struct stride_space *space, u64 first, u64 last)
{
	struct container *container = container_of_space(space);
	struct interval_tree_node *node;

	lockdep_assert_held(&container->lock);
	node = interval_tree_iter_first(&container->holds, first, last);
	return node ? &container_of(node, struct hold, node)->engine : NULL;
}

static bool has_page(u64 pfn)
{
	return pfn_valid(pfn);
}

static int copy_in(void *to, u64 from, u64 bytes)
{
	return copy_from_user(to, u64_to_user_ptr(from), bytes) ? -EFAULT : 0;
}

static int copy_out(u64 to, const void *from, u64 bytes)
{
	return copy_to_user(u64_to_user_ptr(to), from, bytes) ? -EFAULT : 0;
}

static void host_resched(void)
{
	cond_resched();
}

static bool host_killed(void)
{
	return fatal_signal_pending(current);
}

const struct stride_host stride_kernel_host = {
	.alloc		= host_alloc,
	.free		= host_free,
	.mapping_new	= stride_mapping_new,
	.mapping_free	= stride_mapping_free,
	.index_add	= index_add,
	.index_del	= index_del,
	.index_find	= index_find,
	.pin		= stride_pin,
	.leaf		= stride_leaf,
	.pfnmap		= stride_pfnmap,
	.is_ram	= stride_is_ram,
	.pfn_valid	= has_page,
	.unpin		= stride_unpin_extents,
	.charge		= stride_charge,
	.charge_room	= stride_charge_room,
	.uncharge	= stride_uncharge,
	.change_owner		= stride_change_owner,
	.map		= stride_iommu_map,
	.clear		= stride_iommu_clear,
	.sync		= stride_iommu_sync,
	.hold_add	= hold_add,
	.hold_del	= hold_del,
	.hold_find	= hold_find,
	.notify_dma_unmap		= stride_notify_dma_unmap,
	.access		= stride_access_memory,
	.copy_in	= copy_in,
	.copy_out	= copy_out,
	.resched	= host_resched,
	.killed		= host_killed,
};
