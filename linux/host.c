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

/* What an index is asked for. Nothing in an index overlaps anything else there. */
struct iovas {
	u64 first;
	u64 last;
};

static struct mapping *mapping_at(const struct rb_node *node)
{
	return rb_entry(node, struct mapping, node);
}

static bool mapping_is_below(struct rb_node *node, const struct rb_node *other)
{
	return mapping_at(node)->engine.iova < mapping_at(other)->engine.iova;
}

static int compare_mapping(const void *key, const struct rb_node *node)
{
	const struct stride_mapping *mapping = &mapping_at(node)->engine;
	const struct iovas *iovas = key;

	return iovas->last < mapping->iova ? -1 : iovas->first > mapping->last;
}

static void index_add(struct stride_space *space, struct stride_mapping *engine)
{
	struct container *container = container_of_space(space);

	lockdep_assert_held(&container->lock);
	rb_add(&to_mapping(engine)->node, &container->index, mapping_is_below);
}

static void index_del(struct stride_space *space, struct stride_mapping *engine)
{
	struct container *container = container_of_space(space);

	lockdep_assert_held(&container->lock);
	rb_erase(&to_mapping(engine)->node, &container->index);
}

static struct stride_mapping *index_find(struct stride_space *space, u64 first, u64 last)
{
	struct container *container = container_of_space(space);
	struct iovas iovas = { first, last };
	struct rb_node *node;

	lockdep_assert_held(&container->lock);
	node = rb_find_first(&iovas, &container->index, compare_mapping);
	return node ? &mapping_at(node)->engine : NULL;
}

static struct hold *hold_at(const struct rb_node *node)
{
	return rb_entry(node, struct hold, node);
}

static bool hold_is_below(struct rb_node *node, const struct rb_node *other)
{
	return hold_at(node)->engine.iova < hold_at(other)->engine.iova;
}

static int compare_hold(const void *key, const struct rb_node *node)
{
	const struct iovas *iovas = key;
	u64 iova = hold_at(node)->engine.iova;

	return iovas->last < iova ? -1 : iovas->first > iova;
}

static struct stride_hold *hold_add(struct stride_space *space, u64 iova)
{
	struct container *container = container_of_space(space);
	struct hold *hold;

	lockdep_assert_held(&container->lock);
	hold = kzalloc(sizeof(*hold), GFP_KERNEL_ACCOUNT);
	if (!hold)
		return NULL;
	hold->engine.iova = iova;
	rb_add(&hold->node, &container->holds, hold_is_below);
	return &hold->engine;
}

static void hold_del(struct stride_space *space, struct stride_hold *engine)
{
	struct container *container = container_of_space(space);
	struct hold *hold = container_of(engine, struct hold, engine);

	lockdep_assert_held(&container->lock);
	rb_erase(&hold->node, &container->holds);
	kfree(hold);
}

static struct stride_hold *hold_find(struct stride_space *space, u64 first, u64 last)
{
	struct container *container = container_of_space(space);
	struct iovas iovas = { first, last };
	struct rb_node *node;

	lockdep_assert_held(&container->lock);
	node = rb_find_first(&iovas, &container->holds, compare_hold);
	return node ? &hold_at(node)->engine : NULL;
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
