// SPDX-License-Identifier: GPL-2.0
/*
 * What the container's ioctls refuse, and with which error. A refusal changes nothing: no mapping,
 * nothing in the argument, nothing in the bitmap.
 *
 * No row is left to the differential test, which looks at little of what a refused call has
 * written, and whose random calls come to two thirds of the rows in make check, to many only once
 * or twice.
 */
#define _GNU_SOURCE
#include "dirty.h"
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

/* at these pages from IOVA there are mappings: [0, 4) and [8, 12); dirty pages are tracked */
#define SIZE (12 * PAGE)
#define PAGES_MAPPED 8
#define DIRTY_BITS 0xf0f

/* where all rows of the table have their memory, the mappings' and then the bitmap */
#define AT (1ull << 40)
#define BITMAP ((void *)(AT + SIZE))
#define KERNEL (1ull << 63)
#define MSI_WINDOW 0xfee00000ull

union argument {
	struct vfio_iommu_type1_dma_map map;
	struct dirty_argument dirty;	/* an unmap's too */
};

struct refusal {
	const char *title;
	unsigned long request;
	int error;
	union argument argument;
};

#define MAP_FULL sizeof(struct vfio_iommu_type1_dma_map)
#define UNMAP_FULL sizeof(struct vfio_iommu_type1_dma_unmap)
#define FULL sizeof(struct dirty_argument)

#define ALL VFIO_DMA_UNMAP_FLAG_ALL
#define VADDR VFIO_DMA_UNMAP_FLAG_VADDR
#define START DIRTY_START
#define STOP DIRTY_STOP
#define GET DIRTY_GET
#define UNMAP DIRTY_UNMAP

/* argsz, flags, vaddr, iova, size */
#define map(title, error, ...) \
	{ "map: " title, VFIO_IOMMU_MAP_DMA, error, { .map = { __VA_ARGS__ } } }

/* argsz, flags, iova, size */
#define unmap(title, error, ...) \
	{ "unmap: " title, VFIO_IOMMU_UNMAP_DMA, error, { .dirty = { __VA_ARGS__ } } }

/* the same, and { page size, bitmap's size, its address } */
#define dirty(title, error, ...) \
	{ "dirty: " title, VFIO_IOMMU_DIRTY_PAGES, error, { .dirty = { __VA_ARGS__ } } }

/* as both DIRTY_GET and DIRTY_UNMAP: iova, size and the bitmap */
#define both(title, error, ...) \
	dirty(title, error, FULL, GET, __VA_ARGS__), \
	unmap("dirty, " title, error, FULL, UNMAP, __VA_ARGS__)

#define WORD { PAGE, 8, BITMAP }

static const struct refusal refusals[] = {
	map("argsz 0", EINVAL, 0, DEVICE_BOTH, AT, IOVA + SIZE, PAGE),
	map("argsz short", EINVAL, MAP_FULL - 1, DEVICE_BOTH, AT, IOVA + SIZE, PAGE),
	map("neither read nor write", EINVAL, MAP_FULL, 0, AT, IOVA + SIZE, PAGE),
	map("size 0", EINVAL, MAP_FULL, DEVICE_BOTH, AT, IOVA + SIZE, 0),
	map("size misaligned", EINVAL, MAP_FULL, DEVICE_BOTH, AT, IOVA + SIZE, PAGE + 512),
	map("iova misaligned", EINVAL, MAP_FULL, DEVICE_BOTH, AT, IOVA + SIZE + 1, PAGE),
	map("vaddr misaligned", EINVAL, MAP_FULL, DEVICE_BOTH, AT + 2048, IOVA + SIZE, PAGE),
	map("iova wraps", EINVAL, MAP_FULL, DEVICE_BOTH, AT, -PAGE, 4 * PAGE),
	map("vaddr wraps", EINVAL, MAP_FULL, DEVICE_BOTH, AT, IOVA + SIZE, -PAGE),
	map("MSI window", EINVAL, MAP_FULL, DEVICE_BOTH, AT, MSI_WINDOW, PAGE),
	map("into the MSI window", EINVAL, MAP_FULL, DEVICE_BOTH, AT, MSI_WINDOW - PAGE, 2 * PAGE),
	map("around the MSI window", EINVAL, MAP_FULL, DEVICE_BOTH, AT, MSI_WINDOW - MIB, 3 * MIB),
	map("the same", EEXIST, MAP_FULL, DEVICE_BOTH, AT, IOVA + 8 * PAGE, 4 * PAGE),
	map("within another", EEXIST, MAP_FULL, DEVICE_BOTH, AT, IOVA + 9 * PAGE, 2 * PAGE),
	map("another's head", EEXIST, MAP_FULL, DEVICE_BOTH, AT, IOVA + 8 * PAGE, PAGE),
	map("another's tail", EEXIST, MAP_FULL, DEVICE_BOTH, AT, IOVA + 11 * PAGE, PAGE),
	map("over another's head", EEXIST, MAP_FULL, DEVICE_BOTH, AT, IOVA + 7 * PAGE, 2 * PAGE),
	map("over another's tail", EEXIST, MAP_FULL, DEVICE_BOTH, AT, IOVA + 11 * PAGE, 2 * PAGE),
	map("around another", EEXIST, MAP_FULL, DEVICE_BOTH, AT, IOVA + 6 * PAGE, 8 * PAGE),

	unmap("argsz 0", EINVAL, 0, 0, IOVA, SIZE),
	unmap("argsz short", EINVAL, UNMAP_FULL - 1, 0, IOVA, SIZE),
	unmap("size 0", EINVAL, UNMAP_FULL, 0, IOVA, 0),
	unmap("size misaligned", EINVAL, UNMAP_FULL, 0, IOVA, SIZE + 1),
	unmap("iova misaligned", EINVAL, UNMAP_FULL, 0, IOVA - 8, SIZE),
	unmap("wraps", EINVAL, UNMAP_FULL, 0, IOVA, -PAGE),
	unmap("all with a size", EINVAL, UNMAP_FULL, ALL, 0, SIZE),
	unmap("all with an iova", EINVAL, UNMAP_FULL, ALL, IOVA, 0),
	unmap("bisects at the start", EINVAL, UNMAP_FULL, 0, IOVA + PAGE, SIZE),
	unmap("bisects at the end", EINVAL, UNMAP_FULL, 0, IOVA - SIZE, SIZE + PAGE),
	unmap("within a mapping", EINVAL, UNMAP_FULL, 0, IOVA + PAGE, PAGE),
	unmap("a mapping's head", EINVAL, UNMAP_FULL, 0, IOVA, PAGE),
	unmap("a mapping's tail", EINVAL, UNMAP_FULL, 0, IOVA + PAGE, 3 * PAGE),
	unmap("dirty, argsz of the head", EINVAL, UNMAP_FULL, UNMAP, IOVA, SIZE, WORD),
	unmap("dirty, argsz short", EINVAL, FULL - 1, UNMAP, IOVA, SIZE, WORD),
	unmap("dirty and all", EINVAL, FULL, UNMAP | ALL, 0, 0, WORD),
	unmap("dirty and vaddr", EINVAL, FULL, UNMAP | VADDR, IOVA, SIZE, WORD),
	unmap("dirty, all and vaddr", EINVAL, FULL, UNMAP | ALL | VADDR, 0, 0, WORD),
	unmap("dirty, wraps", EINVAL, FULL, UNMAP, -PAGE, 2 * PAGE, WORD),

	dirty("argsz 0", EINVAL, 0, GET, IOVA, SIZE, WORD),
	dirty("argsz short", EINVAL, DIRTY_HEAD - 1, START, IOVA, SIZE, WORD),
	dirty("no flag", EINVAL, FULL, 0, IOVA, SIZE, WORD),
	dirty("start and stop", EINVAL, FULL, START | STOP, IOVA, SIZE, WORD),
	dirty("start and get", EINVAL, FULL, START | GET, IOVA, SIZE, WORD),
	dirty("stop and get", EINVAL, FULL, STOP | GET, IOVA, SIZE, WORD),
	dirty("all three flags", EINVAL, FULL, START | STOP | GET, IOVA, SIZE, WORD),
	dirty("get, argsz of the head", EINVAL, DIRTY_HEAD, GET, IOVA, SIZE, WORD),
	dirty("get, argsz short", EINVAL, FULL - 1, GET, IOVA, SIZE, WORD),
	dirty("get, wraps", EINVAL, FULL, GET, -PAGE, 2 * PAGE, WORD),
	dirty("get, ends at 2^64", EINVAL, FULL, GET, -4 * PAGE, 4 * PAGE, WORD),
	dirty("get, as large as can be", EINVAL, FULL, GET, 0, -PAGE, { PAGE, DIRTY_MAX, BITMAP }),

	both("size 0", EINVAL, IOVA, 0, WORD),
	both("size less than a page", EINVAL, IOVA, 512, WORD),
	both("size misaligned", EINVAL, IOVA, SIZE + 512, WORD),
	both("iova misaligned", EINVAL, IOVA - 512, SIZE, WORD),
	both("page size 0", EINVAL, IOVA, SIZE, { 0, SIZE, BITMAP }),
	both("page size 1", EINVAL, IOVA, SIZE, { 1, SIZE, BITMAP }),
	both("half a page's size", EINVAL, IOVA, SIZE, { PAGE / 2, 8, BITMAP }),
	both("page size not a power of two", EINVAL, IOVA, SIZE, { PAGE + 512, 64, BITMAP }),
	both("twice a page's size", EINVAL, IOVA, SIZE, { 2 * PAGE, 8, BITMAP }),
	both("a large page's size", EINVAL, IOVA, THP_SIZE, { THP_SIZE, 8, BITMAP }),
	both("page size 2^63", EINVAL, IOVA, SIZE, { 1ull << 63, 8, BITMAP }),
	both("page size with a bit more", EINVAL, IOVA, SIZE, { PAGE | 1ull << 63, 8, BITMAP }),
	both("bitmap size 0", EINVAL, IOVA, SIZE, { PAGE, 0, BITMAP }),
	both("bitmap less than a word", EINVAL, IOVA, SIZE, { PAGE, 7, BITMAP }),
	both("bitmap a word short", EINVAL, IOVA, 65 * PAGE, { PAGE, 8, BITMAP }),
	both("bitmap a byte short", EINVAL, IOVA, 65 * PAGE, { PAGE, 15, BITMAP }),
	both("bitmap above its limit", EINVAL, IOVA, SIZE, { PAGE, DIRTY_MAX + 8, BITMAP }),
	both("bitmap size of all bits", EINVAL, IOVA, SIZE, { PAGE, -1, BITMAP }),
	both("range above the bitmap's limit", EINVAL, 0, (DIRTY_MAX * 8 + 1) * PAGE,
	     { PAGE, DIRTY_MAX, BITMAP }),
	both("bitmap not the user's", EINVAL, IOVA, SIZE, { PAGE, 8, (void *)KERNEL }),
	both("bitmap reaches beyond the user's", EINVAL, IOVA, SIZE,
	     { PAGE, DIRTY_MAX, (void *)(KERNEL - PAGE) }),
	both("bisects at the start", EINVAL, IOVA + PAGE, SIZE - PAGE, WORD),
	both("bisects at the end", EINVAL, IOVA, SIZE - PAGE, WORD),
	both("within a mapping", EINVAL, IOVA + PAGE, PAGE, WORD),
	both("a mapping's head", EINVAL, IOVA, PAGE, WORD),
	both("a mapping's tail", EINVAL, IOVA + 11 * PAGE, PAGE, WORD),
	both("from a hole into a mapping", EINVAL, IOVA + 5 * PAGE, 4 * PAGE, WORD),
	both("no memory at the bitmap", EFAULT, IOVA, SIZE, { PAGE, 8, (void *)PAGE }),
};

static void map_two(struct fixture *f)
{
	assert_map(&f->container, IOVA, (void *)AT, 4 * PAGE);
	assert_map(&f->container, IOVA + 8 * PAGE, (void *)AT, 4 * PAGE);
}

static int setup(void **state)
{
	const uint64_t size = SIZE + PAGE;
	void *at;

	fixture_setup(state);
	at = mmap((void *)AT, size, PROT_READ | PROT_WRITE,
		  MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	assert_ptr_equal(at, AT);
	memset(BITMAP, 0x5a, PAGE);
	map_two(*state);
	assert_int_equal(dirty_switch(&((struct fixture *)*state)->container, START), 0);
	return 0;
}

static int teardown(void **state)
{
	munmap((void *)AT, SIZE + PAGE);
	return fixture_teardown(state);
}

static void assert_unchanged(struct fixture *f)
{
	char untouched[PAGE];
	uint64_t word = 0;

	memset(untouched, 0x5a, PAGE);
	assert_memory_equal(BITMAP, untouched, PAGE);
	assert_int_equal(judge_locked(), PAGES_MAPPED * PAGE);
	assert_int_equal(dirty_get(&f->container, IOVA, SIZE, &word), 0);
	assert_int_equal(word & 0xfff, DIRTY_BITS);
}

static void is_refused(void **state)
{
	struct fixture *f = *state;
	const struct refusal *r = f->variant;
	union argument sent = r->argument;

	assert_int_equal(vfio_call(&f->container, r->request, &sent), -r->error);
	assert_memory_equal(&sent, &r->argument, sizeof(sent));
	assert_unchanged(f);
}

/* an argument that ends where memory ends: its head is there, or half of it, or not even that */
static void bad_pointers(void **state)
{
	static const unsigned long requests[] = {
		VFIO_IOMMU_GET_INFO, VFIO_IOMMU_MAP_DMA, VFIO_IOMMU_UNMAP_DMA,
		VFIO_IOMMU_DIRTY_PAGES,
	};
	struct fixture *f = *state;
	struct dirty_argument get = dirty_argument(GET, IOVA, SIZE, BITMAP);
	struct dirty_argument unmap = dirty_argument(UNMAP, IOVA, SIZE, BITMAP);
	char *end = memory_get(MEMORY_SMALL, PAGE)->at + PAGE;
	char *without_bitmap = end - offsetof(struct dirty_argument, bitmap);

	for (unsigned int i = 0; i < guest_rows(requests); i++) {
		assert_int_equal(vfio_call(&f->container, requests[i], NULL), -EFAULT);
		assert_int_equal(vfio_call(&f->container, requests[i], end), -EFAULT);
		assert_int_equal(vfio_call(&f->container, requests[i], end - 4), -EFAULT);
	}
	memcpy(without_bitmap, &get, end - without_bitmap);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_DIRTY_PAGES, without_bitmap), -EFAULT);
	memcpy(without_bitmap, &unmap, end - without_bitmap);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_UNMAP_DMA, without_bitmap), -EFAULT);
	assert_unchanged(f);
}

/* what a refused overlap would have taken is still to be had */
static void neighbours_are_mapped(void **state)
{
	struct fixture *f = *state;

	assert_map(&f->container, IOVA + 4 * PAGE, (void *)AT, 4 * PAGE);
	assert_map(&f->container, IOVA + 12 * PAGE, (void *)AT, 4 * PAGE);
	assert_reaches(&f->edu, IOVA + 8 * PAGE, (void *)AT, REACH);
}

/* the answer cannot be delivered, but what was asked for is done */
static void unmap_into_read_only_argument_unmaps(void **state)
{
	struct fixture *f = *state;
	struct memory *argument = memory_get(MEMORY_SMALL, PAGE);

	*(struct vfio_iommu_type1_dma_unmap *)argument->at = (struct vfio_iommu_type1_dma_unmap){
		.argsz = UNMAP_FULL,
		.iova = IOVA,
		.size = SIZE,
	};
	assert_int_equal(mprotect(argument->at, PAGE, PROT_READ), 0);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_UNMAP_DMA, argument->at), -EFAULT);
	assert_int_equal(judge_locked(), 0);
	map_two(f);
}

/* whatever is asked, and even without an argument */
static void v1_has_no_dirty_tracking(void **state)
{
	static const uint32_t flags[] = { START, STOP, GET, 0, START | STOP, 1u << 3 };
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t word;

	assert_map(&f->container, IOVA, m->at, SIZE);
	for (unsigned int i = 0; i < guest_rows(flags); i++)
		assert_int_equal(dirty_switch(&f->container, flags[i]), -EACCES);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_DIRTY_PAGES, NULL), -EACCES);
	assert_int_equal(dirty_get(&f->container, IOVA, SIZE, &word), -EACCES);
	assert_int_equal(dirty_unmap(&f->container, IOVA, SIZE, &word, NULL), -EINVAL);
	assert_int_equal(judge_locked(), SIZE);
}

/*
 * The bitmap's memory ends between two mappings. The in-tree driver has unmapped the first by then.
 */
static void a_fault_half_way_unmaps_nothing(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE), *bitmap = memory_get(MEMORY_SMALL, PAGE);
	uint64_t second = IOVA + 8 * PAGE * PAGE, size = second + 8 * PAGE - IOVA;

	assert_int_equal(dirty_switch(&f->container, START), 0);
	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_map(&f->container, second, m->at + 4 * PAGE, 8 * PAGE);
	assert_int_equal(dirty_get(&f->container, IOVA, size, bitmap->at), -EFAULT);
	assert_int_equal(judge_locked(), 12 * PAGE);
	assert_int_equal(dirty_unmap(&f->container, IOVA, size, bitmap->at, NULL), -EFAULT);
	assert_int_equal(judge_locked(), vfio_in_tree() ? 8 * PAGE : 12 * PAGE);
	if (!vfio_in_tree())
		assert_unmap(&f->container, IOVA, 4 * PAGE);
	assert_unmap(&f->container, second, 8 * PAGE);
}

int main(void)
{
	const struct CMUnitTest single[] = {
		guest_test_with(bad_pointers, setup, teardown),
		guest_test_with(neighbours_are_mapped, setup, teardown),
		guest_test_with(unmap_into_read_only_argument_unmaps, setup, teardown),
		guest_test_v1(v1_has_no_dirty_tracking),
		guest_test(a_fault_half_way_unmaps_nothing),
	};
	struct CMUnitTest tests[guest_rows(refusals) + guest_rows(single)], *test = tests;

	guest_add_rows_with(test, refusals, is_refused, setup, teardown);
	memcpy(test, single, sizeof(single));

	return cmocka_run_group_tests_name("refusals", tests, NULL, NULL);
}
