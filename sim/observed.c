// SPDX-License-Identifier: GPL-2.0
/*
 * What the engine maps, the owner's page table must have mapped at that address when the engine
 * looked; and where the device may write, the owner must have been allowed to.
 */
#include <stdlib.h>
#include "observed.h"
#include "run.h"

/* What the page table was seen to map. */
struct observed {
	u64 vpn;
	u64 pfn;
	u64 npages;
	bool writable;
};

/* Of the mapping being populated; @population counts how often that began. */
static struct observed *entries;
static u64 count, room, population;

/** sim_observe_anew() - a mapping is being looked at; forget others if this is its beginning */
void sim_observe_anew(const struct sim_mapping *mapping)
{
	if (mapping->stride.record.first.count)
		return;
	count = 0;
	population++;
}

/** sim_observe() - note what the engine was shown of the page table */
void sim_observe(u64 vpn, u64 pfn, u64 npages, bool writable)
{
	struct observed *tail = count ? entries + count - 1 : NULL;

	if (tail && tail->vpn + tail->npages == vpn && tail->writable == writable &&
	    tail->pfn + tail->npages == pfn) {
		tail->npages += npages;
		return;
	}
	if (count == room) {
		room = room ? 2 * room : 64;
		entries = realloc(entries, room * sizeof(entries[0]));
	}
	entries[count++] = (struct observed){ vpn, pfn, npages, writable };
}

/** sim_observe_end() - no mapping is being populated any more */
void sim_observe_end(void)
{
	free(entries);
	entries = NULL;
	count = 0;
	room = 0;
}

/* Pages from @vpn on that one entry, at or after @index, showed as those from @pfn on. */
static u64 pages_observed(u64 vpn, u64 pfn, bool write, u64 *index)
{
	u64 i;

	for (i = *index; i < count; i++) {
		const struct observed *entry = entries + i;

		if (vpn < entry->vpn || vpn >= entry->vpn + entry->npages ||
		    pfn != entry->pfn + (vpn - entry->vpn))
			continue;
		if (write && !entry->writable)
			continue;
		*index = i;
		return entry->vpn + entry->npages - vpn;
	}
	sim_violation("vpn 0x%llx was not seen to lead to pfn 0x%llx, %s", vpn, pfn,
		      write ? "to be written" : "to be read");
}

/** sim_check_observed() - may a device get at this for the mapping that is being populated? */
void sim_check_observed(struct sim_mapping *mapping, u64 ipn, const struct stride_extent *extents,
			u32 n, struct sim_observer *observer)
{
	const struct stride_mapping *m = &mapping->stride;
	u64 vpn = (m->vaddr >> STRIDE_PAGE_SHIFT) + ipn - (m->iova >> STRIDE_PAGE_SHIFT);
	bool write = m->prot & STRIDE_WRITE;
	u64 done, part;

	if (observer->population != population)
		*observer = (struct sim_observer){ .population = population };
	for (; !m->populated && n--; extents++)
		for (done = 0; done < extents->npages; done += part, vpn += part) {
			part = pages_observed(vpn, extents->pfn + done, write, &observer->index);
			if (part > extents->npages - done)
				part = extents->npages - done;
		}
}
