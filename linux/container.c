// SPDX-License-Identifier: GPL-2.0
/*
 * Containers: opened, released, and found again by every operation that vfio calls.
 *
 * vfio takes a lock around attach, detach and release, but none around the other operations: an
 * ioctl may be under way, or come late, while UNSET_CONTAINER or the last group's close releases
 * the container, and may even bring the data of a container that is not set yet, NULL. So what vfio
 * is given is no pointer but a number, which is never used again: whoever comes with it gets a
 * reference, or learns that the container is gone. Release ends all mappings under the container's
 * lock and marks it as closed; who waited for the lock meanwhile finds that, and the last reference
 * frees the memory.
 *
 * A container holds the module, since vfio lets go of it while an ioctl may still be in here. What
 * is left is vfio's to mend: a thread in or before our code without a reference, that is, one that
 * has read the driver and not entered it yet, was told that the container is gone, or is on its way
 * out after the last put.
 */
#include <linux/err.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/vfio.h>

#include "compat/vfio_driver.h"
#include "container.h"

/* Open containers, by the number that vfio knows them by; changed under the lock, read under RCU */
static DEFINE_HASHTABLE(containers, 8);
static DEFINE_SPINLOCK(containers_lock);
static unsigned long last_number;

static struct container *container_new(unsigned long type)
{
	struct container *container = kzalloc(sizeof(*container), GFP_KERNEL_ACCOUNT);
	int err;

	if (!container)
		return NULL;
	container->pages = kmalloc_array(STRIDE_BATCH, sizeof(container->pages[0]),
					 GFP_KERNEL_ACCOUNT);
	if (!container->pages)
		goto free;
	err = stride_space_init(&container->space, &stride_kernel_host,
				(struct stride_space_options){
					.v2 = type != VFIO_TYPE1_IOMMU,
					.leaf_pins = READ_ONCE(stride_leaf_pins),
					.max_mappings = READ_ONCE(stride_entry_limit),
				});
	if (err)
		goto free_pages;

	refcount_set(&container->references, 1);
	mutex_init(&container->lock);
	mutex_init(&container->devices_lock);
	container->index = RB_ROOT;
	container->holds = RB_ROOT;
	INIT_LIST_HEAD(&container->domains);
	INIT_LIST_HEAD(&container->emulated);
	INIT_LIST_HEAD(&container->devices);
	container->nesting = type == VFIO_TYPE1_NESTING_IOMMU;
	__module_get(THIS_MODULE);
	return container;

free_pages:
	kfree(container->pages);
free:
	kfree(container);
	return NULL;
}

/* It has neither mappings nor groups, and no number any more. */
static void container_free(struct container *container)
{
	WARN_ON_ONCE(!RB_EMPTY_ROOT(&container->index) || !RB_EMPTY_ROOT(&container->holds));
	stride_space_fini(&container->space);
	mutex_destroy(&container->devices_lock);
	mutex_destroy(&container->lock);
	kfree(container->pages);
	kfree_rcu(container, rcu);
	module_put(THIS_MODULE);
}

/**
 * stride_container_get() - the container that an operation of vfio's is for
 * @data:	what stride_vfio_open() gave to vfio, or NULL
 *
 * Return: with a reference, for stride_container_put(); NULL if it is gone or was never there.
 */
struct container *stride_container_get(void *data)
{
	unsigned long number = (unsigned long)data;
	struct container *container;

	rcu_read_lock();
	hash_for_each_possible_rcu(containers, container, link, number) {
		if (container->number == number)
			break;
	}
	if (container && !refcount_inc_not_zero(&container->references))
		container = NULL;
	rcu_read_unlock();
	return container;
}

/** stride_container_put() - the end of a reference, and with the last one of the container */
void stride_container_put(struct container *container)
{
	if (refcount_dec_and_test(&container->references))
		container_free(container);
}

/**
 * stride_container_lock() - the lock under which a container's state is used
 * @container:	with a reference
 *
 * Return: 0, and it is locked; -EINVAL if it was released meanwhile, which is what vfio answers
 * where no container is.
 */
int stride_container_lock(struct container *container)
{
	mutex_lock(&container->lock);
	if (!container->closed)
		return 0;
	mutex_unlock(&container->lock);
	return -EINVAL;
}

/** stride_container_unlock() - the end of stride_container_lock() */
void stride_container_unlock(struct container *container)
{
	stride_fault_ahead_end(container);
	mutex_unlock(&container->lock);
}

/**
 * stride_container_enter() - the same, and locked
 * @data:	what stride_vfio_open() gave to vfio, or NULL
 *
 * Return: for stride_container_leave(); NULL if it is gone or was never there.
 */
struct container *stride_container_enter(void *data)
{
	struct container *container = stride_container_get(data);

	if (container && stride_container_lock(container)) {
		stride_container_put(container);
		container = NULL;
	}
	return container;
}

/** stride_container_leave() - the end of stride_container_enter() */
void stride_container_leave(struct container *container)
{
	stride_container_unlock(container);
	stride_container_put(container);
}

/**
 * stride_vfio_open() - a container for vfio, without groups
 * @type:	one that VFIO_CHECK_EXTENSION knows
 *
 * Return: what stride_container_get() takes; or an ERR_PTR: -EINVAL for another type, -ENOMEM.
 */
void *stride_vfio_open(unsigned long type)
{
	struct container *container;

	if (type != VFIO_TYPE1_IOMMU && type != VFIO_TYPE1v2_IOMMU &&
	    type != VFIO_TYPE1_NESTING_IOMMU)
		return ERR_PTR(-EINVAL);
	container = container_new(type);
	if (!container)
		return ERR_PTR(-ENOMEM);
	spin_lock(&containers_lock);
	container->number = ++last_number;
	hash_add_rcu(containers, &container->link, container->number);
	spin_unlock(&containers_lock);
	return (void *)container->number;
}

/**
 * stride_vfio_release() - the end of a container: all groups leave, all mappings go
 * @data:	its number. Operations under way end before or after that, never between.
 */
void stride_vfio_release(void *data)
{
	struct container *container = stride_container_get(data);

	if (WARN_ON_ONCE(!container))
		return;
	spin_lock(&containers_lock);
	hash_del_rcu(&container->link);
	spin_unlock(&containers_lock);
	stride_container_put(container);	/* open's */
	mutex_lock(&container->lock);
	stride_detach_all(container);
	/* Between the last group's detach and now an ioctl may have mapped something anew. */
	stride_unmap_all(&container->space);
	container->closed = true;
	mutex_unlock(&container->lock);
	stride_container_put(container);
}

/**
 * stride_vfio_attach_group() - a group joins: see stride_attach_group()
 * @data:		the container's number
 * @iommu_group:	owned by vfio
 * @type:		real devices, or emulated ones
 */
int stride_vfio_attach_group(void *data, struct iommu_group *iommu_group, enum vfio_group_type type)
{
	struct container *container = stride_container_enter(data);
	int err;

	if (WARN_ON_ONCE(!container))
		return -EINVAL;
	err = stride_attach_group(container, iommu_group, type == VFIO_EMULATED_IOMMU);
	stride_container_leave(container);
	return err;
}

/** stride_vfio_detach_group() - one leaves: see stride_detach_group() */
void stride_vfio_detach_group(void *data, struct iommu_group *iommu_group)
{
	struct container *container = stride_container_enter(data);

	if (WARN_ON_ONCE(!container))
		return;
	stride_detach_group(container, iommu_group);
	stride_container_leave(container);
}
