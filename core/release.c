// SPDX-License-Identifier: GPL-2.0
/*
 * The one way by which translations and pins go, for unmap, for undoing a map that failed, and for
 * the end of a container. Nothing here allocates or fails.
 *
 * Work is done in pieces of bounded length, with a chance for others to run in between; who goes
 * from mapping to mapping gives them one there. Clearing takes aligned pieces of one length: an
 * IOMMU driver that gathers flushes must flush when the length changes, and a piece that ended
 * within a leaf would take all of it.
 */
#include "release.h"

#define CLEAR_BYTES	(4ULL << 30)
#define UNPIN_PAGES	(1ULL << 15)

/**
 * stride_clear_domain() - remove translations from one domain; IOTLBs may still hold them
 * @space:	the domain's
 * @domain:	which translates all of it
 * @iova:	from here on
 * @bytes:	how far
 *
 * Return: false if the IOMMU would not let go of some.
 */
bool stride_clear_domain(struct stride_space *space, struct stride_domain *domain, u64 iova,
			 u64 bytes)
{
	const struct stride_host *host = space->host;
	u64 done, piece, cleared;

	for (done = 0; done < bytes; done += cleared) {
		if (done)
			host->resched();
		piece = CLEAR_BYTES - ((iova + done) & (CLEAR_BYTES - 1));
		if (piece > bytes - done)
			piece = bytes - done;
		cleared = host->clear(domain, iova + done, piece);
		if (!cleared)
			return false;
	}
	return true;
}

/**
 * stride_clear() - remove a mapping's translations from every domain
 * @space:	the mapping's
 * @mapping:	translated as far as @mapping->mapped says
 *
 * stride_sync() must follow before its pages may be unpinned.
 */
void stride_clear(struct stride_space *space, struct stride_mapping *mapping)
{
	struct stride_domain *domain;

	for (domain = space->domains; domain; domain = domain->next)
		if (!stride_clear_domain(space, domain, mapping->iova, mapping->mapped))
			mapping->unmap_failed = true;
	mapping->mapped = 0;
}

/** stride_sync() - wait until no IOTLB holds what was cleared */
void stride_sync(struct stride_space *space)
{
	struct stride_domain *domain;

	for (domain = space->domains; domain; domain = domain->next)
		space->host->sync(domain);
}

/* Unpin one extent, in pieces that end where a pin does. */
static void unpin_pieces(const struct stride_host *host, struct stride_extent extent, bool dirty)
{
	u64 pin_pages = stride_pin_pages(extent.kind);
	u64 unit = pin_pages > UNPIN_PAGES ? pin_pages : UNPIN_PAGES;
	struct stride_extent piece = extent;
	u64 done;

	if (!pin_pages)
		return;
	for (done = 0; done < extent.npages; done += piece.npages) {
		u64 left = extent.npages - done;

		piece.pfn = extent.pfn + done;
		piece.npages = unit - (piece.pfn & (unit - 1));
		if (piece.npages > left)
			piece.npages = left;
		host->unpin(&piece, 1, dirty);
		host->resched();
	}
}

static void unpin_record(const struct stride_host *host, const struct stride_mapping *mapping)
{
	bool dirty = mapping->prot & STRIDE_WRITE;
	struct stride_cursor cursor = { 0 };
	const struct stride_extent *extents;
	u32 i, n;

	for (; (extents = stride_record_slice(&mapping->record, &cursor, &n)); cursor.index += n) {
		if (cursor.chunk != &mapping->record.first)
			host->resched();
		if (stride_extents_pages(extents, n) <= UNPIN_PAGES) {
			host->unpin(extents, n, dirty);
			continue;
		}
		for (i = 0; i < n; i++)
			unpin_pieces(host, extents[i], dirty);
	}
}

/*
 * Uncharge what the mapping no longer costs: each page once, whether a domain or a driver needs it.
 */
static void uncharge_excess(const struct stride_host *host, struct stride_mapping *mapping)
{
	u64 cost = mapping->held;

	if (mapping->chargeable > cost)
		cost = mapping->chargeable;
	if (mapping->charged <= cost)
		return;
	if (!mapping->unmap_failed)
		host->uncharge(mapping, mapping->charged - cost);
	mapping->charged = cost;
}

/**
 * stride_depopulate() - drop a mapping's pins and their charge
 * @space:	the mapping's
 * @mapping:	its translations cleared and synced
 *
 * Pages that some translation still leads to stay pinned, and stay charged.
 */
void stride_depopulate(struct stride_space *space, struct stride_mapping *mapping)
{
	if (!mapping->unmap_failed)
		unpin_record(space->host, mapping);
	stride_record_free(space->host, &mapping->record);
	mapping->chargeable = 0;
	uncharge_excess(space->host, mapping);
	mapping->populated = false;
	mapping->unmap_failed = false;
}

/**
 * stride_drop_hold() - a page that no driver holds any more
 * @space:	the mapping's
 * @mapping:	the page's
 * @hold:	ends here, with its pin and, if nothing else needs the page, with its charge
 */
void stride_drop_hold(struct stride_space *space, struct stride_mapping *mapping,
		      struct stride_hold *hold)
{
	space->host->unpin(&hold->page, 1, mapping->prot & STRIDE_WRITE);
	mapping->held -= stride_charged_pages(&hold->page, 1);
	uncharge_excess(space->host, mapping);
	space->host->hold_del(space, hold);
}

/**
 * stride_drop_mapping() - drop the pins and the charge of a mapping, and the mapping itself
 * @space:	the mapping's
 * @mapping:	not in the index, its translations cleared and synced. What is still held of it are
 *		pages that drivers forgot, since their devices are closed.
 */
void stride_drop_mapping(struct stride_space *space, struct stride_mapping *mapping)
{
	const struct stride_host *host = space->host;
	struct stride_hold *hold;

	stride_depopulate(space, mapping);
	while ((hold = host->hold_find(space, mapping->iova, mapping->last))) {
		stride_drop_hold(space, mapping, hold);
		host->resched();
	}
	if (mapping->dirty)
		host->free(mapping->dirty);
	space->vaddr_invalid_count -= mapping->vaddr_invalid;
	host->mapping_free(mapping);
	space->available++;
}
