// SPDX-License-Identifier: GPL-2.0
/*
 * Which source is taken when: the engine on a host that answers from a script.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "core/source.h"

#define VADDR	0x7f0000000000ULL
#define PFN	0x40000000ULL

/* What the host answers, and what it was asked. */
static struct {
	int pin;			/* an error, 0, or runs; 1 run of all pages asked for */
	enum stride_kind kind;
	struct stride_leaf what;	/* of the leaf's first page; none if the folio is small */
	int pfnmap;
	bool is_ram;

	u32 pin_calls;
	u32 pin_npages;
	u64 pin_ahead;
	struct stride_mapping *mapping;
	u32 leaf_calls;
	u64 leaf_npages;
	u32 pfnmap_calls;
} script;

static int scripted_pin(struct stride_space *space, struct stride_mapping *mapping, u64 vaddr,
			u32 npages, u64 ahead, struct stride_extent *out)
{
	(void)space;
	script.mapping = mapping;
	script.pin_calls++;
	script.pin_npages = npages;
	script.pin_ahead = ahead;
	if (script.pin > 0)
		*out = (struct stride_extent){
			.pfn = PFN + ((vaddr - VADDR) >> STRIDE_PAGE_SHIFT),
			.npages = npages,
			.kind = script.kind,
		};
	return script.pin;
}

static bool scripted_leaf(struct stride_mapping *mapping, u64 vaddr, u64 npages, u64 pfn,
			  struct stride_leaf *leaf)
{
	u64 offset = ((vaddr - VADDR) >> STRIDE_PAGE_SHIFT) % script.what.npages;

	(void)pfn;
	script.mapping = mapping;
	script.leaf_calls++;
	script.leaf_npages = npages;
	*leaf = script.what;
	leaf->pfn += offset;
	leaf->npages -= offset;
	return script.what.folio_order;
}

static int scripted_pfnmap(struct stride_mapping *mapping, u64 vaddr, u64 npages,
			   struct stride_extent *out)
{
	(void)vaddr;
	script.mapping = mapping;
	script.pfnmap_calls++;
	if (script.pfnmap > 0)
		*out = (struct stride_extent){ .pfn = 1, .npages = npages, .kind = STRIDE_NOPIN };
	return script.pfnmap;
}

static bool scripted_is_ram(u64 pfn, u64 npages)
{
	(void)pfn;
	(void)npages;
	return script.is_ram;
}

static const struct stride_host host = {
	.pin = scripted_pin,
	.leaf = scripted_leaf,
	.pfnmap = scripted_pfnmap,
	.is_ram = scripted_is_ram,
};

static struct stride_space space = { .host = &host };
static struct stride_mapping mapping;
static struct stride_extent out[STRIDE_BATCH];

/* RAM in leaves of @order, each of one folio. */
static void reset_script(u32 order)
{
	script = (typeof(script)){
		.pin = 1,
		.kind = STRIDE_PAGE,
		.what = { PFN, 1ULL << order, true, false, order },
	};
}

static struct stride_source source_of(u64 page, u64 npages)
{
	return (struct stride_source){
		.space = &space,
		.mapping = &mapping,
		.vaddr = VADDR + (page << STRIDE_PAGE_SHIFT),
		.left = npages,
		.leaves = true,
	};
}

/* Takes the next extent, which must be one of @npages. */
static void take_extent(struct stride_source *source, u64 npages, enum stride_kind kind)
{
	u64 vaddr = source->vaddr, left = source->left;

	script.mapping = NULL;
	assert_int_equal(stride_source_next(source, out), 1);
	assert_ptr_equal(script.mapping, &mapping);
	assert_int_equal(out->npages, npages);
	assert_int_equal(out->kind, kind);
	assert_int_equal(source->vaddr, vaddr + (npages << STRIDE_PAGE_SHIFT));
	assert_int_equal(source->left, left - npages);
}

static void test_leaf(void **state)
{
	struct stride_source source = source_of(0, 600);

	(void)state;
	reset_script(STRIDE_PMD_ORDER);
	take_extent(&source, 512, STRIDE_PMD);
	assert_int_equal(script.pin_npages, 1);
	assert_int_equal(script.leaf_npages, 600);
	assert_int_equal(out->pfn, PFN);

	script.what.pfn += 512;
	take_extent(&source, 88, STRIDE_PMD);
	assert_int_equal(out->pfn, PFN + 512);
}

static void test_leaf_clipped_at_both_ends(void **state)
{
	struct stride_source source = source_of(100, 7);

	(void)state;
	reset_script(STRIDE_PMD_ORDER);
	take_extent(&source, 7, STRIDE_PMD);
	assert_int_equal(out->pfn, PFN + 100);
}

static void test_giant_leaf(void **state)
{
	struct stride_source source = source_of(3, 1ULL << 40);

	(void)state;
	reset_script(STRIDE_PUD_ORDER);
	take_extent(&source, STRIDE_PUD_PAGES - 3, STRIDE_PUD);
	assert_int_equal(script.pin_calls, 1);
}

/* A leaf in the middle of a larger folio is covered by one pin as well. */
static void test_leaf_of_larger_folio(void **state)
{
	struct stride_source source = source_of(0, 512);

	(void)state;
	reset_script(STRIDE_PMD_ORDER);
	script.what.folio_order = STRIDE_PMD_ORDER + 2;
	take_extent(&source, 512, STRIDE_PMD);
	source = source_of(0, 512);
	script.what.folio_order = STRIDE_PUD_ORDER;
	take_extent(&source, 512, STRIDE_PMD);
}

/* A pin holds no more than its folio, however much follows in the table, and no more than a PMD. */
static void test_leaf_of_smaller_folio(void **state)
{
	struct stride_source source = source_of(5, 1000);
	u32 order;

	(void)state;
	for (order = 3; order < STRIDE_PUD_ORDER; order++) {
		reset_script(STRIDE_PUD_ORDER);
		script.what.folio_order = order;
		source = source_of(5, 1000);
		if (order < STRIDE_PMD_ORDER)
			take_extent(&source, (1 << order) - 5, STRIDE_PAGE + order);
		else
			take_extent(&source, 507, STRIDE_PMD);
	}
}

/* Pages of a folio that follow one another, from its middle on; then more of them after a hole. */
static void test_run(void **state)
{
	struct stride_source source = source_of(100, 2000);

	(void)state;
	reset_script(STRIDE_PMD_ORDER);
	script.what.npages = 150;
	take_extent(&source, 50, STRIDE_PMD);
	assert_int_equal(out->pfn, PFN + 100);
	source.vaddr += STRIDE_PAGE_SIZE;
	script.what.npages = 512;
	take_extent(&source, 361, STRIDE_PMD);
	assert_int_equal(out->pfn, PFN + 151);
	assert_int_equal(script.pin_calls, 2);
}

/* The device may read what is the process's own, even if that is not to be written just now. */
static void test_read_only(void **state)
{
	struct stride_source source = source_of(0, 512);

	(void)state;
	reset_script(STRIDE_PMD_ORDER);
	script.what.writable = false;
	script.what.exclusive = true;
	mapping.prot = STRIDE_READ;
	take_extent(&source, 512, STRIDE_PMD);
	source = source_of(0, 512);
	mapping.prot = STRIDE_WRITE;
	take_extent(&source, 1, STRIDE_PAGE);
	mapping.prot = 0;
}

/* The page that was pinned is all that can be had; then pages up to where a leaf could begin. */
static void page_then_batch(void)
{
	struct stride_source source = source_of(5, 2000);

	take_extent(&source, 1, STRIDE_PAGE);
	take_extent(&source, 506, STRIDE_PAGE);
	assert_int_equal(script.leaf_calls, 1);
	take_extent(&source, 1, STRIDE_PAGE);
	assert_int_equal(script.leaf_calls, 2);
}

static void test_not_a_leaf(void **state)
{
	(void)state;
	reset_script(0);
	page_then_batch();
	reset_script(STRIDE_PMD_ORDER);		/* the process cannot write through it */
	script.what.writable = false;
	page_then_batch();
	reset_script(STRIDE_PMD_ORDER);		/* it was replaced after the pin */
	script.what.pfn += 1024;
	page_then_batch();
	reset_script(STRIDE_PMD_ORDER);		/* by one that begins with a neighbour */
	script.what.pfn++;
	page_then_batch();
	reset_script(STRIDE_PMD_ORDER);		/* no other page follows it */
	script.what.npages = 1;
	page_then_batch();
}

/* Looks in vain after a folio that ended within a table: ever fewer. */
static void test_between_folios(void **state)
{
	struct stride_source source = source_of(0, 1000);

	(void)state;
	reset_script(4);
	take_extent(&source, 16, STRIDE_PAGE + 4);
	script.what.writable = false;
	take_extent(&source, 1, STRIDE_PAGE);
	take_extent(&source, 15, STRIDE_PAGE);
	take_extent(&source, 1, STRIDE_PAGE);
	take_extent(&source, 31, STRIDE_PAGE);
	script.what.writable = true;
	script.what.pfn += 64;
	take_extent(&source, 16, STRIDE_PAGE + 4);
	script.what.writable = false;
	take_extent(&source, 1, STRIDE_PAGE);
	take_extent(&source, 15, STRIDE_PAGE);
}

/* The last page needs no look: it has a pin of its own in any case. */
static void test_last_page(void **state)
{
	struct stride_source source = source_of(5, 1);

	(void)state;
	reset_script(STRIDE_PMD_ORDER);
	take_extent(&source, 1, STRIDE_PAGE);
	assert_int_equal(script.leaf_calls, 0);
}

static void test_no_leaf_is_looked_for(void **state)
{
	struct stride_source source = source_of(5, 2000);
	static const enum stride_kind kinds[] = { STRIDE_RESERVED, STRIDE_NOPIN };
	int i;

	(void)state;
	reset_script(STRIDE_PMD_ORDER);
	source.leaves = false;
	take_extent(&source, 507, STRIDE_PAGE);
	take_extent(&source, 512, STRIDE_PAGE);
	for (i = 0; i < 2; i++) {
		source = source_of(0, 1000);
		script.kind = kinds[i];
		take_extent(&source, 1, kinds[i]);
	}
	assert_int_equal(script.leaf_calls, 0);
}

/* Raw pfns are tried after a pin fails, and first where the last ones were raw. */
static void test_pfnmap(void **state)
{
	struct stride_source source = source_of(0, 1ULL << 20);

	(void)state;
	reset_script(0);
	script.pin = -EFAULT;
	script.pfnmap = 1;
	source.left = 100;
	take_extent(&source, 100, STRIDE_NOPIN);
	assert_int_equal(script.pin_calls, 1);
	source.left = 100;
	take_extent(&source, 100, STRIDE_NOPIN);
	assert_int_equal(script.pin_calls, 1);

	script.pfnmap = 0;
	script.pin = 1;
	source.left = 512;
	take_extent(&source, 1, STRIDE_PAGE);
	take_extent(&source, 311, STRIDE_PAGE);
	assert_int_equal(script.pfnmap_calls, 3);
}

/* RAM among raw pfns is pinned or refused, whether the pages before it were raw or not. */
static void test_ram_among_pfns(void **state)
{
	struct stride_source source = source_of(0, 1ULL << 20);

	(void)state;
	reset_script(0);
	script.pfnmap = 1;
	script.is_ram = true;
	source.left = 512;
	source.pfnmap = true;
	take_extent(&source, 1, STRIDE_PAGE);
	assert_false(source.pfnmap);
}

/* What may be faulted in ahead moves on with the pins, ends with what is left, and runs out. */
static void test_ahead(void **state)
{
	struct stride_source source = source_of(0, 2000);

	(void)state;
	reset_script(STRIDE_PMD_ORDER);
	source.ahead = 700;
	take_extent(&source, 512, STRIDE_PMD);
	assert_int_equal(script.pin_ahead, 700);
	script.what.folio_order = 0;
	take_extent(&source, 1, STRIDE_PAGE);
	assert_int_equal(script.pin_ahead, 188);
	take_extent(&source, 511, STRIDE_PAGE);
	assert_int_equal(script.pin_ahead, 187);
	source.ahead = ~0ULL;
	take_extent(&source, 1, STRIDE_PAGE);
	assert_int_equal(script.pin_ahead, 976);
	source.ahead = 0;
	take_extent(&source, 511, STRIDE_PAGE);
	assert_int_equal(script.pin_ahead, 0);
}

static void check_error(int due)
{
	struct stride_source source = source_of(0, 100);

	assert_int_equal(stride_source_next(&source, out), due);
	assert_int_equal(source.left, 100);
	assert_int_equal(source.vaddr, VADDR);
	source.leaves = false;
	assert_int_equal(stride_source_next(&source, out), due);
	source.pfnmap = true;
	assert_int_equal(stride_source_next(&source, out), due);
}

static void test_errors(void **state)
{
	(void)state;
	reset_script(0);
	script.pin = -EOPNOTSUPP;
	check_error(-EOPNOTSUPP);
	script.pin = 0;			/* a pin that returns nothing must not be asked for ever */
	check_error(-EFAULT);
	script.pfnmap = -ENXIO;
	check_error(-ENXIO);
	script.pfnmap = 1;			/* raw pfns that are RAM */
	script.is_ram = true;
	check_error(-EFAULT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_leaf),
		cmocka_unit_test(test_leaf_clipped_at_both_ends),
		cmocka_unit_test(test_giant_leaf),
		cmocka_unit_test(test_leaf_of_larger_folio),
		cmocka_unit_test(test_leaf_of_smaller_folio),
		cmocka_unit_test(test_run),
		cmocka_unit_test(test_read_only),
		cmocka_unit_test(test_not_a_leaf),
		cmocka_unit_test(test_between_folios),
		cmocka_unit_test(test_last_page),
		cmocka_unit_test(test_no_leaf_is_looked_for),
		cmocka_unit_test(test_pfnmap),
		cmocka_unit_test(test_ram_among_pfns),
		cmocka_unit_test(test_ahead),
		cmocka_unit_test(test_errors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
