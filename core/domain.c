// SPDX-License-Identifier: GPL-2.0
/*
 * Domains, and groups of emulated devices, that join and leave a space.
 *
 * Mappings are populated as long as there is a domain, and exist as long as there is a domain or an
 * emulated device. So the first domain to join populates them, and the last one to leave takes that
 * away again, or them with it. Any other domain gets them out of their records.
 */
#include "dirty.h"
#include "stride.h"
#include "populate.h"
#include "release.h"

/* What the domain cannot get rid of if it fails is dropped with it, since it has not joined. */
static int replay_mapping(struct stride_space *space, struct stride_domain *domain,
			  const struct stride_mapping *mapping)
{
	struct stride_cursor cursor = { 0 };
	const struct stride_extent *extents;
	u64 iova = mapping->iova;
	bool left = false;
	u32 n;
	int err;

	while ((extents = stride_record_slice(&mapping->record, &cursor, &n))) {
		space->host->resched();
		err = space->host->killed() ? -EINTR :
		      space->host->map(domain, iova, extents, n, mapping->prot, &left);
		if (err)
			goto clear;
		iova += stride_extents_pages(extents, n) << STRIDE_PAGE_SHIFT;
		cursor.index += n;
	}
	return 0;

clear:
	stride_clear_domain(space, domain, mapping->iova, iova - mapping->iova);
	return err;
}

/* For a domain that has not joined yet. */
static int replay_all(struct stride_space *space, struct stride_domain *domain)
{
	struct stride_mapping *m, *done;
	int err;

	stride_for_each_mapping(m, space, 0, ~0ULL) {
		err = replay_mapping(space, domain, m);
		if (err)
			goto clear;
	}
	return 0;

clear:
	stride_for_each_mapping(done, space, 0, ~0ULL) {
		if (done == m)
			break;
		stride_clear_domain(space, domain, done->iova, done->mapped);
		space->host->resched();
	}
	space->host->sync(domain);
	return err;
}

static void depopulate_all(struct stride_space *space)
{
	struct stride_mapping *m;

	stride_for_each_mapping(m, space, 0, ~0ULL) {
		stride_clear(space, m);
		space->host->resched();
	}
	stride_sync(space);
	stride_for_each_mapping(m, space, 0, ~0ULL) {
		stride_depopulate(space, m);
		space->host->resched();
	}
}

static int populate_all(struct stride_space *space)
{
	struct stride_mapping *m;
	int err;

	stride_for_each_mapping(m, space, 0, ~0ULL) {
		err = stride_populate(space, m);
		if (err)
			goto undo;
	}
	return 0;

undo:
	depopulate_all(space);
	return err;
}

/**
 * stride_domain_attach() - a domain joins: it translates all mappings that there are
 * @space:	the container's; no user address may be gone
 * @domain:	translates nothing yet
 *
 * Return: 0; or a negative errno, then the domain translates nothing and has not joined.
 */
int stride_domain_attach(struct stride_space *space, struct stride_domain *domain)
{
	struct stride_domain *others = space->domains;
	int err = others ? replay_all(space, domain) : 0;

	if (err)
		return err;
	domain->next = others;
	space->domains = domain;
	if (!others)
		err = populate_all(space);
	if (err)
		space->domains = NULL;
	return err;
}

/**
 * stride_domain_detach() - a domain leaves; with the last one go all pins, or all mappings
 * @space:	the container's
 * @domain:	no device uses it any more; what it still translates then, the host drops with it
 */
void stride_domain_detach(struct stride_space *space, struct stride_domain *domain)
{
	struct stride_domain **link = &space->domains;

	if (space->domains == domain && !domain->next) {
		if (space->emulated)
			depopulate_all(space);
		else
			stride_unmap_all(space);
	}
	while (*link != domain)
		link = &(*link)->next;
	*link = domain->next;
}

/** stride_emulated_attach() - a group of emulated devices joins */
void stride_emulated_attach(struct stride_space *space)
{
	space->emulated++;
}

/** stride_emulated_detach() - one leaves; with the last group of any kind, all mappings go */
void stride_emulated_detach(struct stride_space *space)
{
	if (!--space->emulated && !space->domains)
		stride_unmap_all(space);
}

/**
 * stride_device_attach() - an emulated device opens whose driver has a dma_unmap callback
 * @space:	the container's. Only such drivers may hold pages, since only they can be asked to
 *		let go.
 */
void stride_device_attach(struct stride_space *space)
{
	space->dma_unmap_devices++;
}

/** stride_device_detach() - it is being closed */
void stride_device_detach(struct stride_space *space)
{
	space->dma_unmap_devices--;
}

/** stride_non_pinned_attach() - a real group joins: it may dirty any page that is mapped */
void stride_non_pinned_attach(struct stride_space *space)
{
	space->num_non_pinned_groups++;
}

/** stride_non_pinned_end() - such a group has pinned pages: it dirties only these from now on */
void stride_non_pinned_end(struct stride_space *space)
{
	space->num_non_pinned_groups--;
}

/**
 * stride_non_pinned_detach() - a group leaves that may have dirtied any page
 * @space:	the container's; the group's domain has left it if it had to
 */
void stride_non_pinned_detach(struct stride_space *space)
{
	space->num_non_pinned_groups--;
	if (space->tracking)
		stride_dirty_mark_all(space);
}

/**
 * stride_set_valid_ranges() - which IOVAs may be mapped from now on
 * @space:	the container's; every mapping lies within them, see stride_space_fits()
 * @valid:	the space's from now on
 */
void stride_set_valid_ranges(struct stride_space *space, struct stride_ranges valid)
{
	stride_ranges_free(space->host, &space->valid);
	space->valid = valid;
}

/**
 * stride_set_page_sizes() - which sizes every domain can map
 * @space:	the container's
 * @page_sizes:	a bit each, none below a page
 *
 * What was marked dirty so far counts in pages of the old size: then nothing is known any more.
 */
void stride_set_page_sizes(struct stride_space *space, u64 page_sizes)
{
	u64 before = stride_space_page_size(space);

	space->page_sizes = page_sizes;
	if (space->tracking && stride_space_page_size(space) != before)
		stride_dirty_mark_all(space);
}
