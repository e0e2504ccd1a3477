// SPDX-License-Identifier: GPL-2.0
/*
 * Memory replaces other memory, and pfns are drawn from few: the same page is often mapped twice,
 * folios are mapped in part, in any order and at unaligned addresses, and next to other folios'
 * pages.
 */
#include "scene.h"

#define SMALL_PAGES	2048	/* pfns that small pages are drawn from */
#define MIDDLE_PAGES	2048
#define HUGE_FOLIOS	12
#define GIANT_FOLIOS	2

static const long long page_steps[] = { 1, 1, 1, 2, -1, 3 };
static const long long leaf_steps[] = { 1, 1, 2, -1, 0 };

static u64 small_pfn(void)
{
	return sim_zone_pfn(SIM_SMALL) + sim_below(SMALL_PAGES);
}

static u64 middle_pfn(void)
{
	return sim_zone_pfn(SIM_MIDDLE) + sim_below(MIDDLE_PAGES);
}

static u64 huge_pfn(void)
{
	return sim_zone_pfn(SIM_HUGE) + (HUGE_FOLIOS + sim_below(HUGE_FOLIOS)) * STRIDE_PMD_PAGES;
}

static u64 giant_pfn(void)
{
	return sim_zone_pfn(SIM_GIANT) + sim_below(GIANT_FOLIOS) * STRIDE_PUD_PAGES;
}

static enum sim_access random_access(void)
{
	static const enum sim_access accesses[] = {
		SIM_RW, SIM_RW, SIM_RW, SIM_RO, SIM_COW, SIM_OWN,
	};

	return sim_below(20) ? accesses[sim_below(6)] : SIM_NONE;
}

/* Pages that are no part of a leaf, or do not look like it. */
static void set_pages(u64 vaddr, u64 pfn, long long step)
{
	u64 count = 1 + (sim_below(2) ? sim_below(8) : sim_below(700));

	sim_set_leaves((struct sim_leaves){
		.vaddr = vaddr,
		.count = count,
		.pfn = pfn,
		.step = step,
		.access = random_access(),
	});
}

/* Mapped by pages, some of which cannot be written, are gone, or are of another folio. */
static void set_folio(u64 vaddr, u64 pfn)
{
	struct sim_leaves leaves = {
		.vaddr = vaddr,
		.count = STRIDE_PMD_PAGES,
		.pfn = pfn,
		.step = 1,
		.access = sim_below(2) ? SIM_RW : SIM_OWN,
	};
	u64 i, page;

	sim_set_leaves(leaves);
	leaves.count = 1;
	for (i = sim_below(8); i; i--) {
		page = sim_below(STRIDE_PMD_PAGES);
		leaves.vaddr = vaddr + pages(page);
		leaves.pfn = sim_below(2) ? pfn + page : huge_pfn() + page;
		leaves.access = random_access();
		sim_set_leaves(leaves);
		if (!sim_below(4))
			sim_zap(leaves.vaddr, 1);
	}
}

static void set_huge(u64 vaddr, u64 pfn, enum sim_kind kind)
{
	u64 bytes = STRIDE_PMD_PAGES << STRIDE_PAGE_SHIFT;

	sim_set_leaves((struct sim_leaves){
		.vaddr = vaddr & ~(bytes - 1),
		.count = 1 + sim_below(3),
		.order = STRIDE_PMD_ORDER,
		.pfn = pfn,
		.step = leaf_steps[sim_below(5)] * (long long)STRIDE_PMD_PAGES,
		.access = random_access(),
		.kind = kind,
	});
}

static void set_pfnmap(u64 vaddr, u64 count, u64 pfn, enum sim_access access)
{
	sim_set_leaves((struct sim_leaves){
		.vaddr = vaddr,
		.count = count,
		.pfn = pfn,
		.step = page_steps[sim_below(6)],
		.access = access,
		.kind = SIM_PFNMAP,
	});
}

/* One long run, or many short ones out of few pages. */
static void set_pfnmap_pages(u64 vaddr, u64 pfn)
{
	static const enum sim_access accesses[] = { SIM_RW, SIM_RO, SIM_NONE };
	enum sim_access access = accesses[sim_below(3)];
	u64 count = 1 + sim_below(700), n;

	if (sim_below(2))
		return set_pfnmap(vaddr, count, pfn, access);
	for (; count; count -= n, vaddr += pages(n)) {
		n = 1 + sim_below(count < 8 ? count : 8);
		set_pfnmap(vaddr, n, pfn + sim_below(16), access);
	}
}

static void set_untouched(u64 vaddr)
{
	sim_set_leaves((struct sim_leaves){
		.vaddr = vaddr,
		.count = 1 + sim_below(1500),
		.order = sim_below(2) ? STRIDE_PMD_ORDER : 0,
		.kind = SIM_UNTOUCHED,
	});
}

/** scene_change_at() - something at random, at or around an address */
void scene_change_at(u64 vaddr)
{
	u64 odd = sim_below(STRIDE_PMD_PAGES);

	switch (sim_below(20)) {
	case 0:
	case 1:
		return set_pages(vaddr, small_pfn(), page_steps[sim_below(6)]);
	case 2:
		return set_pages(vaddr, sim_zone_pfn(SIM_ZERO), 0);
	case 3:
		return set_pages(vaddr, sim_zone_pfn(SIM_RESERVED) + odd, 1);
	case 4:		/* from reserved pages into ordinary ones, from small pages into a folio */
		return set_pages(vaddr, sim_zone_pfn(SIM_SMALL) - 1 - sim_below(99), 1);
	case 5:
		return set_pages(vaddr, sim_zone_pfn(sim_below(2) ? SIM_MIDDLE : SIM_HUGE) - 1 -
				 sim_below(99), 1);
	case 6:		/* parts of large folios, in order or not */
		return set_pages(vaddr, huge_pfn() + odd, page_steps[sim_below(6)]);
	case 7:
		return set_pages(vaddr, giant_pfn() + STRIDE_PUD_PAGES / 2 + odd, 1);
	case 8:
	case 9:
	case 10:
		return set_huge(vaddr, huge_pfn(), SIM_MEMORY);
	case 11:
		return set_huge(vaddr, giant_pfn() + (2 + odd % 8) * STRIDE_PMD_PAGES, SIM_MEMORY);
	case 12:
		return set_pfnmap_pages(vaddr, SIM_BAR_PFN + 4096 + odd);
	case 13:
		return set_huge(vaddr, SIM_BAR_PFN + (4 + odd % 8) * STRIDE_PMD_PAGES, SIM_PFNMAP);
	case 14:	/* raw pfns that are memory: reserved, or what must not be mapped */
		return set_pfnmap_pages(vaddr, sim_below(2) ? sim_zone_pfn(SIM_RESERVED) + odd :
					sim_zone_pfn(SIM_SMALL) - 1 - odd);
	case 15:
		return set_untouched(vaddr);
	case 16:
		return sim_split(vaddr, 1 + sim_below(1000));
	case 17:	/* folios that no leaf could map */
		return set_pages(vaddr, middle_pfn(), page_steps[sim_below(6)]);
	case 18:	/* all of a folio, at any address */
		return set_folio(vaddr, huge_pfn());
	default:
		return sim_zap(vaddr, 1 + sim_below(20));
	}
}

/** scene_race() - what may happen to a leaf or a folio just after a page of it was pinned */
void scene_race(u64 vaddr)
{
	struct sim_view view;
	struct sim_leaves leaves = { .count = 1, .order = STRIDE_PMD_ORDER };

	if (sim_below(2))
		return scene_change_at(vaddr + pages(sim_below(3)));
	if (!sim_lookup(vaddr, &view) || view.kind != SIM_MEMORY ||
	    view.order != STRIDE_PMD_ORDER ||
	    !sim_below(3))
		return scene_change_at(vaddr & ~((STRIDE_PMD_PAGES << STRIDE_PAGE_SHIFT) - 1));

	leaves.vaddr = view.leaf_vpn << STRIDE_PAGE_SHIFT;
	leaves.pfn = view.leaf_pfn;
	switch (sim_below(4)) {
	case 0:
		leaves.access = SIM_RO;
		return sim_set_leaves(leaves);
	case 1:		/* its neighbour, which may be of the same folio */
		leaves.pfn += STRIDE_PMD_PAGES;
		return sim_set_leaves(leaves);
	case 2:		/* the same page, among others */
		sim_set_leaves(leaves);
		sim_split(leaves.vaddr, 1);
		return sim_zap(vaddr + STRIDE_PAGE_SIZE, 1);
	default:
		return sim_zap(leaves.vaddr, STRIDE_PMD_PAGES);
	}
}

/** scene_change() - something at random, somewhere */
void scene_change(void)
{
	scene_change_at(SCENE_VADDR + (sim_below(SCENE_PAGES) << STRIDE_PAGE_SHIFT));
}

/** scene_change_giant() - a giant leaf: of a giant folio, of huge ones, or of raw pfns */
void scene_change_giant(void)
{
	struct sim_leaves leaves = {
		.vaddr = SCENE_GIANT_VADDR + (sim_below(SCENE_GIANTS) << STRIDE_PAGE_SHIFT) *
					     STRIDE_PUD_PAGES,
		.count = 1,
		.order = STRIDE_PUD_ORDER,
		.pfn = giant_pfn(),
		.access = sim_below(8) ? SIM_RW : SIM_RO,
	};

	switch (sim_below(4)) {
	case 0:
	case 1:
		leaves.pfn = STRIDE_PUD_PAGES * (16 + sim_below(2));	/* of SIM_HUGE */
		break;
	case 2:
		leaves.kind = SIM_PFNMAP;
		leaves.pfn = SIM_BAR_PFN + sim_below(8) * STRIDE_PUD_PAGES;
	}
	sim_set_leaves(leaves);
}
