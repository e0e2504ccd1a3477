// SPDX-License-Identifier: GPL-2.0
/*
 * Pinning: what a process's page table gives to the engine, and the way back.
 *
 * What the engine is shown here is noted as an observed entry: nothing else may become accessible
 * to a device.
 */
#include "check_at_call.h"
#include "container.h"
#include "gup.h"
#include "inject.h"
#include "memory.h"
#include "observed.h"
#include "run.h"
#include "table.h"

struct sim_gup sim_gup;

static u64 address_of(u64 vpn)
{
	return vpn << STRIDE_PAGE_SHIFT;
}

static bool is_untouched(u64 vpn)
{
	struct sim_view view;

	return sim_lookup(address_of(vpn), &view) && view.kind == SIM_UNTOUCHED;
}

/* The first touch brings in a huge folio where one fits, else a page. */
static void bring_in(u64 vpn, u32 order)
{
	u64 head = vpn & ~(STRIDE_PMD_PAGES - 1), i;
	bool huge = order == STRIDE_PMD_ORDER;

	for (i = 0; huge && i < STRIDE_PMD_PAGES; i++)
		huge = is_untouched(head + i);
	sim_set_leaves((struct sim_leaves){
		.vaddr = address_of(huge ? head : vpn),
		.count = 1,
		.order = huge ? STRIDE_PMD_ORDER : 0,
		.pfn = sim_folio_fresh(huge ? SIM_HUGE : SIM_SMALL),
	});
}

/* Look a page up as GUP does, after a fault if need be; false if it cannot be pinned. */
static bool fault_in(u64 vpn, bool write, struct sim_view *view)
{
	if (!sim_lookup(address_of(vpn), view) || view->kind == SIM_PFNMAP)
		return false;
	if (view->access == SIM_NONE || (view->access == SIM_RO && write))
		return false;
	if (view->kind == SIM_UNTOUCHED) {
		bring_in(vpn, view->order);
	} else if (view->access == SIM_COW) {
		sim_split(address_of(vpn), 1);
		bring_in(vpn, 0);
	} else if (view->access == SIM_OWN && write) {
		sim_set_leaves((struct sim_leaves){
			.vaddr = address_of(vpn),
			.count = 1,
			.pfn = view->pfn,
		});
	}
	return sim_lookup(address_of(vpn), view);
}

static enum stride_kind kind_of(u64 pfn)
{
	enum sim_zone zone;

	sim_zone_of(pfn, &zone);
	if (zone == SIM_ZERO && !sim_gup.zero_pinned)
		return STRIDE_NOPIN;
	return zone <= SIM_ZERO ? STRIDE_RESERVED : STRIDE_PAGE;
}

/* Append pages to the last of @n runs or as a new one; returns how many runs there are then. */
static int append_run(struct stride_extent *out, int n, struct stride_extent extent)
{
	struct stride_extent *tail = n ? out + n - 1 : NULL;

	if (tail && tail->kind == extent.kind && (u64)tail->pfn + tail->npages == extent.pfn &&
	    (u64)tail->npages + extent.npages <= STRIDE_EXTENT_PAGES) {
		tail->npages += extent.npages;
		return n;
	}
	out[n] = extent;
	return n + 1;
}

static int pin_pages(u64 vpn, u32 npages, bool write, struct stride_extent *out)
{
	struct sim_view view;
	int n = 0;
	u32 i;

	for (i = 0; i < npages && fault_in(vpn + i, write, &view); i++) {
		enum stride_kind kind = kind_of(view.pfn);

		if (kind != STRIDE_NOPIN)
			sim_pin_page(view.pfn, write);
		sim_observe(vpn + i, view.pfn, 1, view.access == SIM_RW);
		n = append_run(out, n, (struct stride_extent){ view.pfn, 1, kind });
	}
	return n ? n : -EFAULT;
}

/*
 * Helpers fault in some of what is missing, in an order of their own, while the process's other
 * threads do what they like: the pins that follow find memory that is there already, or not, or no
 * more. A stretch as well as single pages, far away as well as next to the pin.
 */
static void fault_ahead(u64 vpn, u64 ahead, bool write)
{
	u64 stretch, i, chunks = sim_below(4), at;
	struct sim_view view;

	while (chunks--) {
		at = vpn + sim_below(sim_below(2) ? ahead : (ahead < 1024 ? ahead : 1024));
		stretch = 1 + (sim_below(2) ? sim_below(2 * STRIDE_PMD_PAGES) : 0);
		for (i = at; i < at + stretch && i < vpn + ahead; i++)
			if (!fault_in(i, write, &view))
				break;
		if (sim_gup.race && !sim_below(4))
			sim_gup.race(address_of(at));
	}
}

/** sim_pin() - the host's pin */
int sim_pin(struct stride_space *space, struct stride_mapping *stride, u64 vaddr, u32 npages,
	    u64 ahead, struct stride_extent *out)
{
	struct sim_mapping *mapping = sim_mapping_of(stride);
	struct sim_process *caller;
	int err;

	if (!npages || npages > STRIDE_BATCH || space != &sim.space)
		sim_violation("%u pages are pinned at once", npages);
	if (sim_hit(SIM_CALL_PIN, &err))
		return err;
	if (mapping->owner->gone)
		return -ENODEV;
	if (sim_calls.erratic)
		npages = 1 + sim_below(npages);
	sim_check_pin(stride, npages);
	sim_check_ahead(stride, ahead);
	sim_observe_anew(mapping);
	caller = sim_switch_to(mapping->owner);
	if (sim_gup.helpers && ahead && is_untouched(vaddr >> STRIDE_PAGE_SHIFT))
		fault_ahead(vaddr >> STRIDE_PAGE_SHIFT, ahead, stride->prot & STRIDE_WRITE);
	err = pin_pages(vaddr >> STRIDE_PAGE_SHIFT, npages, stride->prot & STRIDE_WRITE, out);
	sim_switch_to(caller);
	return err;
}

/* A copy on write may still come to other memory. */
static void observe_view(u64 vpn, const struct sim_view *view, u64 npages)
{
	if (view->kind == SIM_PFNMAP || view->access == SIM_RW || view->access == SIM_OWN)
		sim_observe(vpn, view->pfn, npages, view->access == SIM_RW);
}

/* The entries of a table of pages, from @vpn on, as long as they are of that kind. */
static u32 look_at_entries(u64 vpn, u64 npages, enum sim_kind kind, u64 *entries)
{
	struct sim_view view;
	u32 i, n = STRIDE_PMD_PAGES - vpn % STRIDE_PMD_PAGES;

	if (n > npages)
		n = npages;
	for (i = 0; i < n && sim_lookup(address_of(vpn + i), &view); i++) {
		if (view.kind != kind || view.order)
			break;
		entries[i] = sim_entry(&view);
		observe_view(vpn + i, &view, 1);
	}
	return i;
}

/* How many pages follow one another, in a leaf or in a table of pages. */
static u64 run_length(u64 vpn, const struct sim_view *view, u64 npages)
{
	u64 entries[STRIDE_PMD_PAGES];
	u32 n;

	if (view->order) {
		npages = view->leaf_vpn + (1ULL << view->order) - vpn;
		observe_view(vpn, view, npages);
		return npages;
	}
	n = look_at_entries(vpn, npages, SIM_MEMORY, entries);
	return stride_entries_run(entries, n, entries[0], SIM_ENTRY_USED, sim_entry_decode);
}

/* How many pages are the process's own, though it cannot write to them. */
static u64 own_length(u64 vpn, u64 npages)
{
	struct sim_view view;
	u64 i;

	for (i = 0; i < npages && sim_lookup(address_of(vpn + i), &view); i++)
		if (view.access != SIM_OWN)
			break;
	return i;
}

static u32 order_of(const struct sim_folio *folio)
{
	return __builtin_ctzll(folio->span.last - folio->span.first + 1);
}

/* What maps @vaddr, and what follows; false unless the pinned folio is large. */
static bool look_at_leaf(u64 vaddr, u64 npages, const struct sim_folio *folio,
			 struct stride_leaf *leaf)
{
	u64 vpn = vaddr >> STRIDE_PAGE_SHIFT;
	struct sim_view view;

	if (sim_gup.race)
		sim_gup.race(vaddr);
	if (!order_of(folio) || !sim_lookup(vaddr, &view))
		return false;
	if (view.kind != SIM_MEMORY || view.access == SIM_NONE)
		return false;

	leaf->pfn = view.pfn;
	leaf->npages = run_length(vpn, &view, npages);
	leaf->writable = view.access == SIM_RW;
	leaf->exclusive = view.access == SIM_OWN;
	if (leaf->exclusive)
		leaf->npages = own_length(vpn, leaf->npages);
	leaf->folio_order = order_of(folio);
	return true;
}

/** sim_leaf() - the host's leaf; a process that races with it does so now */
bool sim_leaf(struct stride_mapping *mapping, u64 vaddr, u64 npages, u64 pfn,
	      struct stride_leaf *leaf)
{
	struct sim_folio *folio = sim_folio_find(pfn);
	struct sim_process *caller;
	bool found;
	int none;

	if (!folio || !folio->pins)
		sim_violation("the leaf of pfn 0x%llx is asked for, which is not pinned", pfn);
	if (sim_hit(SIM_CALL_LEAF, &none) || (sim_calls.erratic && !sim_below(8)))
		return false;
	caller = sim_switch_to(sim_mapping_of(mapping)->owner);
	found = look_at_leaf(vaddr, npages, folio, leaf);
	sim_switch_to(caller);
	return found;
}

static bool is_pfnmap(u64 vpn, struct sim_view *view)
{
	return sim_lookup(address_of(vpn), view) && view->kind == SIM_PFNMAP;
}

/* The rest of a table of pages, from @vpn on. */
static int look_at_table(u64 vpn, u64 npages, bool write, struct stride_extent *out)
{
	u64 entries[STRIDE_PMD_PAGES];
	u32 n = look_at_entries(vpn, npages, SIM_PFNMAP, entries);

	n = stride_entries_fold(entries, n, SIM_ENTRY_USED, write, sim_entry_decode, out);
	if (!n)
		return -EFAULT;
	return sim_calls.erratic ? 1 + sim_below(n) : n;
}

/* Leaves above a page. */
static int look_at_leaves(u64 vpn, u64 npages, bool write, struct stride_extent *out)
{
	struct sim_view view;
	u64 part;
	int n = 0;

	for (; npages && n < STRIDE_BATCH; vpn += part, npages -= part) {
		if (!is_pfnmap(vpn, &view) || !view.order)
			return n;
		if (write && view.access != SIM_RW)
			return n ? n : -EFAULT;
		part = view.leaf_vpn + (1ULL << view.order) - vpn;
		if (part > npages)
			part = npages;
		sim_observe(vpn, view.pfn, part, view.access == SIM_RW);
		n = append_run(out, n, (struct stride_extent){ view.pfn, part, STRIDE_NOPIN });
		if (sim_calls.erratic && !sim_below(8))
			return n;
	}
	return n;
}

static int look_at_pfnmap(u64 vpn, u64 npages, bool write, struct stride_extent *out)
{
	struct sim_view view;

	if (!is_pfnmap(vpn, &view))
		return 0;
	if (view.order)
		return look_at_leaves(vpn, npages, write, out);
	return look_at_table(vpn, npages, write, out);
}

/** sim_pfnmap() - the host's pfnmap: a table of pages, or some larger leaves */
int sim_pfnmap(struct stride_mapping *stride, u64 vaddr, u64 npages, struct stride_extent *out)
{
	struct sim_mapping *mapping = sim_mapping_of(stride);
	struct sim_process *caller;
	int n;

	if (sim_hit(SIM_CALL_PFNMAP, &n))
		return n;
	if (mapping->owner->gone)
		return 0;
	sim_observe_anew(mapping);
	caller = sim_switch_to(mapping->owner);
	n = look_at_pfnmap(vaddr >> STRIDE_PAGE_SHIFT, npages, stride->prot & STRIDE_WRITE, out);
	sim_switch_to(caller);
	return n;
}

static void unpin_clean(u64 pfn)
{
	sim_unpin_page(pfn, false);
}

static void unpin_dirty(u64 pfn)
{
	sim_unpin_page(pfn, true);
}

/** sim_unpin() - the host's unpin: one pin for each aligned block of what a pin covers */
void sim_unpin(const struct stride_extent *extents, u32 n, bool dirty)
{
	u32 i;

	sim_count(SIM_CALL_UNPIN);
	for (i = 0; i < n; i++) {
		sim_check_unpin(extents[i].pfn, extents[i].npages);
		sim_each_pin(extents + i, dirty ? unpin_dirty : unpin_clean);
	}
}
