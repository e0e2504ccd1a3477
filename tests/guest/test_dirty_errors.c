// SPDX-License-Identifier: GPL-2.0
/*
 * What dirty tracking refuses, and with which code. A refusal changes nothing: no mapping, nothing
 * in the argument, nothing in the bitmap.
 */
#include "dirty.h"
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define UNKNOWN_FLAG (1u << 3)
#define ALL VFIO_DMA_UNMAP_FLAG_ALL
#define VADDR VFIO_DMA_UNMAP_FLAG_VADDR
#define START DIRTY_START
#define STOP DIRTY_STOP
#define GET DIRTY_GET
#define UNMAP DIRTY_UNMAP

#define FULL sizeof(struct dirty_argument)
#define WITHOUT_BITMAP offsetof(struct dirty_argument, bitmap)

/* mapped: pages [0, 4) and [8, 12) from IOVA */
#define SIZE (12 * PAGE)
#define KERNEL (1ull << 63)

struct refusal {
	const char *title;
	uint32_t argsz, flags;
	uint64_t iova, size;
	uint64_t pgsize, bitmap_size;
	uint64_t data;		/* up to a page: from the bitmap's start; or an address */
	int error;
};

/* of VFIO_IOMMU_DIRTY_PAGES */
static const struct refusal get_refusals[] = {
	{ "argsz 0", 0, GET, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "argsz short", DIRTY_HEAD - 1, START, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "no flag", FULL, 0, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "start and stop", FULL, START | STOP, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "start and get", FULL, START | GET, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "stop and get", FULL, STOP | GET, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "all three flags", FULL, START | STOP | GET, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "unknown flag", FULL, UNKNOWN_FLAG, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "last flag", FULL, 1u << 31, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "get and unknown flag", FULL, GET | UNKNOWN_FLAG, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "stop and unknown flag", FULL, STOP | UNKNOWN_FLAG, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "get: argsz of the head", DIRTY_HEAD, GET, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "get: argsz short", FULL - 1, GET, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "get: wraps", FULL, GET, -PAGE, 2 * PAGE, PAGE, 8, 0, EINVAL },
	{ "get: ends at 2^64", FULL, GET, -4 * PAGE, 4 * PAGE, PAGE, 8, 0, EINVAL },
	{ "get: as large as can be", FULL, GET, 0, -PAGE, PAGE, DIRTY_MAX, 0, EINVAL },
};

/* of both VFIO_IOMMU_DIRTY_PAGES and VFIO_IOMMU_UNMAP_DMA: the flags are GET or UNMAP */
static const struct refusal both_refusals[] = {
	{ "size 0", FULL, 0, IOVA, 0, PAGE, 8, 0, EINVAL },
	{ "size less than a page", FULL, 0, IOVA, 512, PAGE, 8, 0, EINVAL },
	{ "size misaligned", FULL, 0, IOVA, SIZE + 512, PAGE, 8, 0, EINVAL },
	{ "iova misaligned", FULL, 0, IOVA - 512, SIZE, PAGE, 8, 0, EINVAL },
	{ "page size 0", FULL, 0, IOVA, SIZE, 0, SIZE, 0, EINVAL },
	{ "page size 1", FULL, 0, IOVA, SIZE, 1, SIZE, 0, EINVAL },
	{ "half a page's size", FULL, 0, IOVA, SIZE, PAGE / 2, 8, 0, EINVAL },
	{ "page size not a power of two", FULL, 0, IOVA, SIZE, PAGE + 512, 64, 0, EINVAL },
	{ "twice a page's size", FULL, 0, IOVA, SIZE, 2 * PAGE, 8, 0, EINVAL },
	{ "a large page's size", FULL, 0, IOVA, THP_SIZE, THP_SIZE, 8, 0, EINVAL },
	{ "page size 2^63", FULL, 0, IOVA, SIZE, 1ull << 63, 8, 0, EINVAL },
	{ "page size with a bit more", FULL, 0, IOVA, SIZE, PAGE | 1ull << 63, 8, 0, EINVAL },
	{ "bitmap size 0", FULL, 0, IOVA, SIZE, PAGE, 0, 0, EINVAL },
	{ "bitmap less than a word", FULL, 0, IOVA, SIZE, PAGE, 7, 0, EINVAL },
	{ "bitmap a word short", FULL, 0, IOVA, 65 * PAGE, PAGE, 8, 0, EINVAL },
	{ "bitmap a byte short", FULL, 0, IOVA, 65 * PAGE, PAGE, 15, 0, EINVAL },
	{ "bitmap above its limit", FULL, 0, IOVA, SIZE, PAGE, DIRTY_MAX + 8, 0, EINVAL },
	{ "bitmap size of all bits", FULL, 0, IOVA, SIZE, PAGE, -1, 0, EINVAL },
	{ "range above the bitmap's limit", FULL, 0, 0, (DIRTY_MAX * 8 + 1) * PAGE, PAGE, DIRTY_MAX,
	  0, EINVAL },
	{ "bitmap not the user's", FULL, 0, IOVA, SIZE, PAGE, 8, KERNEL, EINVAL },
	{ "bitmap reaches beyond the user's", FULL, 0, IOVA, SIZE, PAGE, DIRTY_MAX, KERNEL - PAGE,
	  EINVAL },
	{ "bisects at the start", FULL, 0, IOVA + PAGE, SIZE - PAGE, PAGE, 8, 0, EINVAL },
	{ "bisects at the end", FULL, 0, IOVA, SIZE - PAGE, PAGE, 8, 0, EINVAL },
	{ "within a mapping", FULL, 0, IOVA + PAGE, PAGE, PAGE, 8, 0, EINVAL },
	{ "a mapping's head", FULL, 0, IOVA, PAGE, PAGE, 8, 0, EINVAL },
	{ "a mapping's tail", FULL, 0, IOVA + 11 * PAGE, PAGE, PAGE, 8, 0, EINVAL },
	{ "from a hole into a mapping", FULL, 0, IOVA + 5 * PAGE, 4 * PAGE, PAGE, 8, 0, EINVAL },
	{ "no memory at the bitmap", FULL, 0, IOVA, SIZE, PAGE, 8, PAGE, EFAULT },
};

/* of VFIO_IOMMU_UNMAP_DMA */
static const struct refusal unmap_refusals[] = {
	{ "unmap: argsz of the head", WITHOUT_BITMAP, UNMAP, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "unmap: argsz short", FULL - 1, UNMAP, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "unmap: and all", FULL, UNMAP | ALL, 0, 0, PAGE, 8, 0, EINVAL },
	{ "unmap: and vaddr", FULL, UNMAP | VADDR, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "unmap: and both", FULL, UNMAP | ALL | VADDR, 0, 0, PAGE, 8, 0, EINVAL },
	{ "unmap: and unknown flag", FULL, UNMAP | UNKNOWN_FLAG, IOVA, SIZE, PAGE, 8, 0, EINVAL },
	{ "unmap: wraps", FULL, UNMAP, -PAGE, 2 * PAGE, PAGE, 8, 0, EINVAL },
};

static void map_two(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_map(&f->container, IOVA + 8 * PAGE, m->at + 8 * PAGE, 4 * PAGE);
}

static void track_two(struct fixture *f)
{
	map_two(f);
	assert_int_equal(dirty_switch(&f->container, START), 0);
}

static void assert_unchanged(struct fixture *f)
{
	uint64_t word = 0;

	assert_int_equal(judge_locked(), 8 * PAGE);
	assert_int_equal(dirty_get(&f->container, IOVA, SIZE, &word), 0);
	assert_int_equal(word & 0xfff, 0xf0f);
}

static void assert_refused(struct fixture *f, unsigned long request, uint32_t flags)
{
	const struct refusal *r = f->variant;
	char *buffer = memory_get(MEMORY_SMALL, PAGE)->at, before[PAGE];
	struct dirty_argument argument = {
		.argsz = r->argsz,
		.flags = flags,
		.iova = r->iova,
		.size = r->size,
		.bitmap.pgsize = r->pgsize,
		.bitmap.size = r->bitmap_size,
		.bitmap.data = (void *)(r->data <= PAGE ? (uintptr_t)buffer + r->data : r->data),
	}, sent = argument;

	memset(buffer, 0x5a, PAGE);
	memcpy(before, buffer, PAGE);
	assert_int_equal(vfio_call(&f->container, request, &argument), -r->error);
	assert_memory_equal(&argument, &sent, sizeof(argument));
	assert_memory_equal(buffer, before, PAGE);
	assert_unchanged(f);
}

static void get_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct refusal *r = f->variant;

	track_two(f);
	assert_refused(f, VFIO_IOMMU_DIRTY_PAGES, r->flags);
}

static void unmap_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct refusal *r = f->variant;

	track_two(f);
	assert_refused(f, VFIO_IOMMU_UNMAP_DMA, r->flags);
}

static void both_are_refused(void **state)
{
	struct fixture *f = *state;

	track_two(f);
	assert_refused(f, VFIO_IOMMU_DIRTY_PAGES, GET);
	assert_refused(f, VFIO_IOMMU_UNMAP_DMA, UNMAP);
}

/* an argument that ends where memory ends: its head is there, or half of it, or not even that */
static void bad_pointers_are_refused(void **state)
{
	struct fixture *f = *state;
	char *end = memory_get(MEMORY_SMALL, PAGE)->at + PAGE;
	char *at = end - WITHOUT_BITMAP;
	uint64_t word;
	struct dirty_argument get = dirty_argument(GET, IOVA, SIZE, &word);
	struct dirty_argument unmap = dirty_argument(UNMAP, IOVA, SIZE, &word);

	track_two(f);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_DIRTY_PAGES, NULL), -EFAULT);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_DIRTY_PAGES, end), -EFAULT);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_DIRTY_PAGES, end - 4), -EFAULT);
	memcpy(at, &get, WITHOUT_BITMAP);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_DIRTY_PAGES, at), -EFAULT);
	memcpy(at, &unmap, WITHOUT_BITMAP);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_UNMAP_DMA, at), -EFAULT);
	assert_unchanged(f);
}

/* whatever is asked, and even without an argument */
static void v1_has_no_dirty_tracking(void **state)
{
	static const uint32_t flags[] = { START, STOP, GET, 0, START | STOP, UNKNOWN_FLAG };
	struct fixture *f = *state;
	uint64_t word;

	map_two(f);
	for (unsigned int i = 0; i < guest_rows(flags); i++)
		assert_int_equal(dirty_switch(&f->container, flags[i]), -EACCES);
	assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_DIRTY_PAGES, NULL), -EACCES);
	assert_int_equal(dirty_get(&f->container, IOVA, SIZE, &word), -EACCES);
	assert_int_equal(dirty_unmap(&f->container, IOVA, SIZE, &word, NULL), -EINVAL);
	assert_int_equal(judge_locked(), 8 * PAGE);
}

/* what needs 8 bytes may have more, anywhere; the rest of it need not even be there */
static void larger_bitmaps_are_taken(void **state)
{
	static const uint64_t sizes[] = { 8, 9, 16, 2 * PAGE, DIRTY_MAX };
	struct fixture *f = *state;
	char *end = memory_get(MEMORY_SMALL, PAGE)->at + PAGE;
	struct dirty_argument argument;
	uint16_t bits;

	track_two(f);
	for (unsigned int i = 0; i < guest_rows(sizes); i++) {
		memset(end - 16, 0, 16);
		argument = dirty_argument(GET, IOVA, SIZE, end - 8 - i);
		argument.bitmap.size = sizes[i];
		assert_int_equal(vfio_call(&f->container, VFIO_IOMMU_DIRTY_PAGES, &argument), 0);
		memcpy(&bits, end - 8 - i, sizeof(bits));
		assert_int_equal(bits & 0xfff, 0xf0f);
	}
}

/* 8 TiB, of which only the words that mappings touch need memory */
static void the_largest_bitmap(void **state)
{
	struct fixture *f = *state;
	uint64_t *bitmap = mmap(NULL, DIRTY_MAX, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	uint64_t *word = bitmap + IOVA / PAGE / 64;

	assert_ptr_not_equal(bitmap, MAP_FAILED);
	track_two(f);
	assert_int_equal(dirty_get(&f->container, 0, DIRTY_MAX * 8 * PAGE, bitmap), -EFAULT);
	assert_int_equal(mprotect(word, PAGE, PROT_READ), 0);
	assert_int_equal(dirty_get(&f->container, 0, DIRTY_MAX * 8 * PAGE, bitmap), -EFAULT);
	assert_int_equal(mprotect(word, PAGE, PROT_READ | PROT_WRITE), 0);
	assert_int_equal(dirty_get(&f->container, 0, DIRTY_MAX * 8 * PAGE, bitmap), 0);
	assert_int_equal(word[0] & 0xfff, 0xf0f);
	assert_int_equal(word[1], 0);
	munmap(bitmap, DIRTY_MAX);
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
		guest_test(bad_pointers_are_refused),
		guest_test_v1(v1_has_no_dirty_tracking),
		guest_test(larger_bitmaps_are_taken),
		guest_test(the_largest_bitmap),
		guest_test(a_fault_half_way_unmaps_nothing),
	};
	struct CMUnitTest tests[guest_rows(get_refusals) + guest_rows(both_refusals) +
				guest_rows(unmap_refusals) + guest_rows(single)];
	struct CMUnitTest *test = tests;

	guest_add_rows(test, get_refusals, get_is_refused);
	guest_add_rows(test, both_refusals, both_are_refused);
	guest_add_rows(test, unmap_refusals, unmap_is_refused);
	memcpy(test, single, sizeof(single));

	return cmocka_run_group_tests_name("dirty errors", tests, NULL, NULL);
}
