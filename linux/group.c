// SPDX-License-Identifier: GPL-2.0
/*
 * Groups of devices that come and go, and the IOMMU domains that they share where the IOMMU allows.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/iommu.h>
#include <linux/slab.h>

#include "compat/compat.h"
#include "container.h"

static struct group *find_among(struct list_head *groups, struct iommu_group *iommu_group)
{
	struct group *group;

	list_for_each_entry(group, groups, next)
		if (group->group == iommu_group)
			return group;
	return NULL;
}

/* Its domain goes to @owner, NULL if it is one of emulated devices. */
static struct group *find_group(struct container *container, struct iommu_group *iommu_group,
				struct domain **owner)
{
	struct domain *domain;
	struct group *group;

	lockdep_assert_held(&container->lock);
	list_for_each_entry(domain, &container->domains, next) {
		group = find_among(&domain->groups, iommu_group);
		if (group) {
			*owner = domain;
			return group;
		}
	}
	*owner = NULL;
	return find_among(&container->emulated, iommu_group);
}

/* An IOMMU that knows sizes below a page can map a page all the same. */
static void update_page_sizes(struct container *container)
{
	struct domain *domain;
	u64 sizes = ~0ULL;

	lockdep_assert_held(&container->lock);
	list_for_each_entry(domain, &container->domains, next)
		sizes &= domain->domain->pgsize_bitmap;
	if (sizes & ~PAGE_MASK)
		sizes = (sizes & PAGE_MASK) | PAGE_SIZE;
	stride_set_page_sizes(&container->space, sizes);
}

static int alloc_for_first_device(struct device *dev, void *data)
{
	struct iommu_domain **domain = data;

	*domain = compat_domain_alloc(dev);
	return 1;
}

/*
 * A domain with nothing but @group attached to it, in the container's list but not yet in its
 * space.
 */
static struct domain *domain_new(struct container *container, struct group *group)
{
	struct domain *domain = kzalloc(sizeof(*domain), GFP_KERNEL_ACCOUNT);
	int err = -ENOMEM;

	if (!domain)
		return ERR_PTR(err);
	domain->domain = ERR_PTR(-ENODEV);
	iommu_group_for_each_dev(group->group, &domain->domain, alloc_for_first_device);
	if (IS_ERR(domain->domain)) {
		err = PTR_ERR(domain->domain);
		goto free;
	}
	if (container->nesting) {
		err = iommu_enable_nesting(domain->domain);
		if (err)
			goto free_domain;
	}
	err = iommu_attach_group(domain->domain, group->group);
	if (err)
		goto free_domain;

	iommu_iotlb_gather_init(&domain->gather);
	INIT_LIST_HEAD(&domain->groups);
	list_add(&group->next, &domain->groups);
	list_add(&domain->next, &container->domains);
	return domain;

free_domain:
	iommu_domain_free(domain->domain);
free:
	kfree(domain);
	return ERR_PTR(err);
}

/* No group uses it, and it has left the space or never joined it. */
static void domain_free(struct domain *domain)
{
	list_del(&domain->next);
	iommu_domain_free(domain->domain);
	kfree(domain);
}

static bool domains_are_alike(const struct domain *a, const struct domain *b)
{
	return a->domain->ops == b->domain->ops && a->coherent == b->coherent;
}

/*
 * Move @group from its new domain to one that the container has already, if the IOMMU lets it.
 * Returns true if it did, and the new domain is gone; else @err tells whether the group is back
 * where it was.
 */
static bool share_domain(struct container *container, struct domain *fresh, struct group *group,
			 int *err)
{
	struct domain *domain;

	lockdep_assert_held(&container->lock);
	*err = 0;
	list_for_each_entry(domain, &container->domains, next) {
		if (domain == fresh || !domains_are_alike(domain, fresh))
			continue;
		iommu_detach_group(fresh->domain, group->group);
		if (!iommu_attach_group(domain->domain, group->group)) {
			list_move(&group->next, &domain->groups);
			domain_free(fresh);
			return true;
		}
		*err = iommu_attach_group(fresh->domain, group->group);
		if (*err)
			break;
	}
	return false;
}

/* May the devices of @domain, whose one group this is, be used in this container? */
static int check_admission(struct container *container, struct domain *domain, struct group *group,
			   struct stride_ranges *valid)
{
	int err;

	err = stride_valid_ranges(container, valid);
	if (err)
		return err;
	if (!stride_space_fits(&container->space, valid))
		return -EINVAL;
	if (!stride_unsafe_interrupts && !compat_group_has_isolated_msi(group->group)) {
		pr_warn_once("no interrupt isolation here; to use devices all the same: modprobe vfio_iommu_type1 allow_unsafe_interrupts=1\n");
		return -EPERM;
	}
	if (domain->domain->ops->enforce_cache_coherency)
		domain->coherent = domain->domain->ops->enforce_cache_coherency(domain->domain);
	return 0;
}

static int attach_real(struct container *container, struct group *group)
{
	struct stride_ranges valid = {};
	struct domain *domain;
	int err;

	domain = domain_new(container, group);
	if (IS_ERR(domain))
		return PTR_ERR(domain);
	err = check_admission(container, domain, group, &valid);
	if (err)
		goto detach;
	if (share_domain(container, domain, group, &err))
		goto done;
	if (err)
		goto free;
	err = stride_reserve_msi(domain, group->group);
	if (err)
		goto detach;
	err = stride_domain_attach(&container->space, &domain->engine);
	if (err)
		goto detach;
done:
	stride_set_valid_ranges(&container->space, valid);
	update_page_sizes(container);
	stride_non_pinned_attach(&container->space);
	return 0;

detach:
	iommu_detach_group(domain->domain, group->group);
free:
	domain_free(domain);
	stride_ranges_free(&stride_kernel_host, &valid);
	return err;
}

/* Its devices reach memory through their drivers alone, which pin what they write to. */
static void attach_emulated(struct container *container, struct group *group)
{
	group->pinned_page_dirty_scope = true;
	list_add(&group->next, &container->emulated);
	stride_emulated_attach(&container->space);
}

/**
 * stride_attach_group() - let a group's devices use the container's mappings
 * @container:		locked
 * @iommu_group:	owned by vfio
 * @emulated:		its devices have no IOMMU
 *
 * Return: 0; or a negative errno, and nothing has changed: -EBUSY while a mapping's user address is
 * invalid, -EINVAL for a group that is here already or whose reserved regions or aperture
 * contradict a mapping, -EPERM without interrupt isolation, or why mappings could not be pinned or
 * mapped.
 */
int stride_attach_group(struct container *container, struct iommu_group *iommu_group,
			bool emulated)
{
	struct domain *domain;
	struct group *group;
	int err = 0;

	lockdep_assert_held(&container->lock);
	if (container->space.vaddr_invalid_count)
		return -EBUSY;
	if (find_group(container, iommu_group, &domain))
		return -EINVAL;
	group = kzalloc(sizeof(*group), GFP_KERNEL_ACCOUNT);
	if (!group)
		return -ENOMEM;
	group->group = iommu_group;
	if (emulated)
		attach_emulated(container, group);
	else
		err = attach_real(container, group);
	if (err)
		kfree(group);
	return err;
}

static void group_free(struct group *group)
{
	list_del(&group->next);
	kfree(group);
}

static void leave_space(struct container *container, struct domain *domain)
{
	stride_domain_detach(&container->space, &domain->engine);
	domain_free(domain);
}

static void detach_real(struct container *container, struct domain *domain, struct group *group)
{
	struct stride_ranges valid = {};

	iommu_detach_group(domain->domain, group->group);
	group_free(group);
	if (list_empty(&domain->groups))
		leave_space(container, domain);
	/* Without memory for them, the old ranges stay: a narrower choice, but a right one. */
	if (!stride_valid_ranges(container, &valid))
		stride_set_valid_ranges(&container->space, valid);
	update_page_sizes(container);
}

static void detach_group(struct container *container, struct domain *domain, struct group *group)
{
	bool pinned_scope = group->pinned_page_dirty_scope;

	lockdep_assert_held(&container->lock);
	if (domain) {
		detach_real(container, domain, group);
	} else {
		group_free(group);
		stride_emulated_detach(&container->space);
	}
	if (!pinned_scope)
		stride_non_pinned_detach(&container->space);
}

/**
 * stride_detach_group() - a group's devices lose the mappings; with the last group, all mappings go
 * @container:		locked
 * @iommu_group:	attached, else nothing happens
 */
void stride_detach_group(struct container *container, struct iommu_group *iommu_group)
{
	struct domain *domain;
	struct group *group = find_group(container, iommu_group, &domain);

	if (group)
		detach_group(container, domain, group);
}

/** stride_detach_all() - the end of all groups, domains and mappings of a container, locked */
void stride_detach_all(struct container *container)
{
	struct domain *domain;

	lockdep_assert_held(&container->lock);
	while (!list_empty(&container->emulated))
		detach_group(container, NULL,
			     list_first_entry(&container->emulated, struct group, next));
	while ((domain = list_first_entry_or_null(&container->domains, struct domain, next)))
		detach_group(container, domain,
			     list_first_entry(&domain->groups, struct group, next));
}

/**
 * stride_set_pinned_page_dirty_scope() - a group's driver has pinned pages: its devices dirty only
 * such pages from now on
 * @container:		locked
 * @iommu_group:	attached, else nothing happens
 */
void stride_set_pinned_page_dirty_scope(struct container *container,
					struct iommu_group *iommu_group)
{
	struct domain *domain;
	struct group *group = find_group(container, iommu_group, &domain);

	if (!group || group->pinned_page_dirty_scope)
		return;
	group->pinned_page_dirty_scope = true;
	stride_non_pinned_end(&container->space);
}

/** stride_coherent() - can no device of the container, locked, bypass the CPU's caches? */
bool stride_coherent(struct container *container)
{
	struct domain *domain;

	lockdep_assert_held(&container->lock);
	list_for_each_entry(domain, &container->domains, next)
		if (!domain->coherent)
			return false;
	return true;
}
