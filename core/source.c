// SPDX-License-Identifier: GPL-2.0
/*
 * The pin pipeline: three sources of extents behind one call.
 *
 * leaf: pins one page, then looks up what the page table maps from there on. As much of it as lies
 * in the page's folio is held by that one pin, whether a leaf maps it or a run of pages: a folio
 * that is pinned for long is not freed, split, migrated or reclaimed. Pin first, look second: what
 * was seen before the pin may be another's by now, and a large folio alone does not prove that its
 * pages are what the table maps. batch: pins page by page, in batches that end where a leaf could
 * begin. pfnmap: pfns without memory behind them, a device's BAR: nothing to pin.
 */
#include "source.h"

#define SKIP_PAGES_MIN	16

static u64 min_u64(u64 a, u64 b)
{
	return a < b ? a : b;
}

/* Pages from @vaddr to the next address where a leaf could begin. */
static u64 pages_to_leaf(u64 vaddr)
{
	return STRIDE_PMD_PAGES - ((vaddr >> STRIDE_PAGE_SHIFT) & (STRIDE_PMD_PAGES - 1));
}

static int pin_pages(struct stride_source *source, u64 npages, struct stride_extent *out)
{
	const struct stride_host *host = source->space->host;
	int n = host->pin(source->space, source->mapping, source->vaddr, npages,
			  min_u64(source->left, source->ahead), out);

	return n ? n : -EFAULT;
}

static int from_batch(struct stride_source *source, struct stride_extent *out)
{
	u64 npages = min_u64(source->left, pages_to_leaf(source->vaddr));

	if (source->vaddr < source->small_until)
		npages = min_u64(npages,
				 (source->small_until - source->vaddr) >> STRIDE_PAGE_SHIFT);
	return pin_pages(source, min_u64(npages, STRIDE_BATCH), out);
}

/*
 * Does the pin of one page settle for all what GUP settles for that page? For the device to write,
 * the process must be able to. For it to read, no copy on write may be to come: the device would be
 * left with the old page.
 */
static bool is_settled(const struct stride_leaf *leaf, u32 prot)
{
	return leaf->writable || (leaf->exclusive && !(prot & STRIDE_WRITE));
}

/* May the pin of @pfn hold more of @leaf? What is not settled goes page by page. */
static bool pin_covers_leaf(const struct stride_leaf *leaf, u64 pfn, u32 prot)
{
	return is_settled(leaf, prot) && leaf->pfn == pfn && leaf->npages > 1 &&
	       leaf->folio_order;
}

/*
 * The kind for one pin of @leaf's folio. No larger than the leaf, so that leaves of one folio that
 * follow one another become one extent.
 */
static enum stride_kind kind_of_leaf(const struct stride_leaf *leaf)
{
	u64 in_pmd = STRIDE_PMD_PAGES - (leaf->pfn & (STRIDE_PMD_PAGES - 1));

	if (leaf->folio_order <= STRIDE_PMD_ORDER)
		return STRIDE_PAGE + leaf->folio_order;
	return leaf->folio_order >= STRIDE_PUD_ORDER && leaf->npages > in_pmd ? STRIDE_PUD :
										STRIDE_PMD;
}

/* How much of @leaf one pin of such a kind holds. */
static u64 pages_held(const struct stride_leaf *leaf, enum stride_kind kind)
{
	u64 pin_pages = stride_pin_pages(kind);

	return min_u64(leaf->npages, pin_pages - (leaf->pfn & (pin_pages - 1)));
}

/* Where a folio ends before its table does, the next one may begin. */
static void expect_more(struct stride_source *source, u64 npages)
{
	if (npages < pages_to_leaf(source->vaddr))
		source->skip = SKIP_PAGES_MIN;
}

/*
 * A look in vain costs as much as pinning two or three pages, so where there are small pages only
 * one is taken where a leaf could begin. Between folios that are mapped by pages they come sooner,
 * and less and less often as long as they are in vain.
 */
static void skip_small(struct stride_source *source)
{
	u64 npages = pages_to_leaf(source->vaddr);

	if (source->skip && source->skip < npages) {
		npages = source->skip;
		source->skip *= 2;
	}
	source->small_until = source->vaddr + (npages << STRIDE_PAGE_SHIFT);
}

static int from_leaf(struct stride_source *source, struct stride_extent *out)
{
	const struct stride_host *host = source->space->host;
	struct stride_leaf leaf;
	int n = pin_pages(source, 1, out);

	if (n < 0)
		return n;
	if (out->kind == STRIDE_PAGE &&
	    host->leaf(source->mapping, source->vaddr, source->left, out->pfn, &leaf) &&
	    pin_covers_leaf(&leaf, out->pfn, source->mapping->prot)) {
		out->kind = kind_of_leaf(&leaf);
		out->npages = min_u64(source->left, pages_held(&leaf, out->kind));
		expect_more(source, out->npages);
	} else {
		skip_small(source);
	}
	return n;
}

/*
 * Refuse RAM inside a VM_PFNMAP range: it is not pinned, so its owner may free it while the device
 * still reaches it. What GUP says of it is the answer, whatever lies before it: a page that the
 * process wrote to in a private mapping is pinned like any other.
 */
static int from_pfnmap(struct stride_source *source, struct stride_extent *out)
{
	const struct stride_host *host = source->space->host;
	int i, n = host->pfnmap(source->mapping, source->vaddr, source->left, out);

	if (n < 0)
		return n;
	for (i = 0; i < n; i++)
		if (host->is_ram(out[i].pfn, out[i].npages))
			break;
	source->pfnmap = i > 0;
	return i;
}

static int from_memory(struct stride_source *source, struct stride_extent *out)
{
	if (source->leaves && source->left > 1 && source->vaddr >= source->small_until)
		return from_leaf(source, out);
	return from_batch(source, out);
}

/* What GUP cannot pin may be a raw pfn mapping; if it is neither, GUP's error is the answer. */
static int from_either(struct stride_source *source, struct stride_extent *out)
{
	int err = from_memory(source, out), n;

	if (err > 0)
		return err;
	n = from_pfnmap(source, out);
	return n ? n : err;
}

/**
 * stride_source_next() - pin what comes next
 * @source:	moved on by what was pinned; @source->left must not be 0
 * @out:	room for STRIDE_BATCH extents, which the caller then owns with their pins
 *
 * Return: how many extents, at least 1; or what GUP said, -EFAULT where there is no memory; then
 * nothing is pinned by this call.
 */
int stride_source_next(struct stride_source *source, struct stride_extent *out)
{
	int n = source->pfnmap ? from_pfnmap(source, out) : 0;
	u64 npages;

	if (!n)
		n = from_either(source, out);
	if (n < 0)
		return n;

	npages = stride_extents_pages(out, n);
	source->vaddr += npages << STRIDE_PAGE_SHIFT;
	source->left -= npages;
	source->ahead -= min_u64(npages, source->ahead);
	return n;
}
