// SPDX-License-Identifier: GPL-2.0
/*
 * Domains that join and leave a space. One that joins gets all mappings out of their records.
 */
#include "map.h"
#include "release.h"

static int replay_mapping(struct stride_space *space, struct stride_domain *domain,
			  const struct stride_mapping *mapping)
{
	struct stride_cursor cursor = { 0 };
	const struct stride_extent *extents;
	u64 iova = mapping->iova;
	u32 n;
	int err;

	while ((extents = stride_record_slice(&mapping->record, &cursor, &n))) {
		err = space->host->relax();
		if (!err)
			err = space->host->map(domain, iova, extents, n, mapping->prot);
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

/**
 * stride_domain_attach() - a domain joins: it translates all mappings that there are
 * @space:	the container's
 * @domain:	translates nothing yet
 *
 * Return: 0; or a negative errno, then the domain translates nothing and has not joined.
 */
int stride_domain_attach(struct stride_space *space, struct stride_domain *domain)
{
	struct stride_mapping *m, *done;
	int err;

	for (m = stride_space_first(space, 0, ~0ULL); m; m = stride_space_next(space, m, ~0ULL)) {
		err = replay_mapping(space, domain, m);
		if (err)
			goto clear;
	}
	domain->next = space->domains;
	space->domains = domain;
	return 0;

clear:
	for (done = stride_space_first(space, 0, ~0ULL); done != m;
	     done = stride_space_next(space, done, ~0ULL))
		stride_clear_domain(space, domain, done->iova, done->mapped);
	space->host->sync(domain);
	return err;
}

/**
 * stride_domain_detach() - a domain leaves; with the last one go all mappings
 * @space:	the container's
 * @domain:	no device uses it any more; what it still translates then, the host drops with it
 */
void stride_domain_detach(struct stride_space *space, struct stride_domain *domain)
{
	struct stride_domain **link = &space->domains;

	if (space->domains == domain && !domain->next)
		stride_unmap_all(space);
	while (*link != domain)
		link = &(*link)->next;
	*link = domain->next;
}
