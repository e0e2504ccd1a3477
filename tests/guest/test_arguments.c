// SPDX-License-Identifier: GPL-2.0
/*
 * Arguments that have more than the driver needs: structures and bitmaps that are larger, which is
 * no matter, and, as of clients that are newer than it, flags and ioctls that it does not know,
 * each of which is refused.
 */
#include "dirty.h"
#include "fixture.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define SIZE (4 * PAGE)
#define TRACKED (12 * PAGE)

/* flags that any of the two kernels knows, of any of these calls: the first three */
#define FIRST_UNKNOWN 3

/* any argument here, and what a newer client has behind it */
struct larger {
	union {
		struct vfio_iommu_type1_dma_map map;
		struct dirty_argument dirty;	/* also of an unmap */
	};
	char more[64];
};

static const uint32_t sizes[] = {
	sizeof(struct dirty_argument) + 1, sizeof(struct larger), 4096, 1u << 31, ~0u,
};

static struct larger larger_map(uint32_t argsz, const struct memory *m)
{
	struct larger argument;

	memset(&argument, 0x5a, sizeof(argument));
	argument.map = (struct vfio_iommu_type1_dma_map){
		.argsz = argsz,
		.flags = DEVICE_BOTH,
		.vaddr = (uintptr_t)m->at,
		.iova = IOVA,
		.size = SIZE,
	};
	return argument;
}

static struct larger larger_dirty(uint32_t argsz, uint32_t flags, void *bitmap)
{
	struct larger argument;

	memset(&argument, 0x5a, sizeof(argument));
	argument.dirty = dirty_argument(flags, IOVA, SIZE, bitmap);
	argument.dirty.argsz = argsz;
	return argument;
}

/* succeeds, and nothing in the argument changes */
static void assert_takes(struct fixture *f, unsigned long request, struct larger argument)
{
	struct larger sent = argument;

	assert_int_equal(vfio_call(&f->container, request, &argument), 0);
	assert_memory_equal(&argument, &sent, sizeof(argument));
}

static void larger_structures_are_taken(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	uint64_t bits;

	for (unsigned int i = 0; i < guest_rows(sizes); i++) {
		assert_takes(f, VFIO_IOMMU_MAP_DMA, larger_map(sizes[i], m));
		assert_int_equal(judge_locked(), SIZE);
		assert_takes(f, VFIO_IOMMU_DIRTY_PAGES, larger_dirty(sizes[i], DIRTY_START, NULL));
		bits = 0;
		assert_takes(f, VFIO_IOMMU_DIRTY_PAGES, larger_dirty(sizes[i], DIRTY_GET, &bits));
		assert_int_equal(bits, 0xf);
		bits = 0;
		if (i % 2)
			assert_takes(f, VFIO_IOMMU_UNMAP_DMA, larger_dirty(sizes[i], 0, NULL));
		else
			assert_takes(f, VFIO_IOMMU_UNMAP_DMA,
				     larger_dirty(sizes[i], DIRTY_UNMAP, &bits));
		assert_int_equal(bits, i % 2 ? 0 : 0xf);
		assert_int_equal(judge_locked(), 0);
		assert_takes(f, VFIO_IOMMU_DIRTY_PAGES, larger_dirty(sizes[i], DIRTY_STOP, NULL));
	}
}

/* pages [0, 4) and [8, 12) from IOVA */
static void track_two(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SMALL, TRACKED);

	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_map(&f->container, IOVA + 8 * PAGE, m->at + 8 * PAGE, 4 * PAGE);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
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
		argument = dirty_argument(DIRTY_GET, IOVA, TRACKED, end - 8 - i);
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

static void assert_refuses(struct fixture *f, unsigned long request, struct larger argument,
			   uint32_t flags)
{
	struct larger sent;

	argument.map.flags = flags;
	sent = argument;
	assert_int_equal(vfio_call(&f->container, request, &argument), -EINVAL);
	assert_memory_equal(&argument, &sent, sizeof(argument));
}

static void unknown_flags_are_refused(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	const struct larger map = larger_map(sizeof(map.map), m);
	uint64_t bits = 0;
	struct larger dirty = larger_dirty(sizeof(dirty.dirty), 0, &bits);

	for (unsigned int bit = FIRST_UNKNOWN; bit < 32; bit++)
		assert_refuses(f, VFIO_IOMMU_MAP_DMA, map, DEVICE_BOTH | 1u << bit);
	assert_int_equal(judge_locked(), 0);
	assert_map(&f->container, IOVA, m->at, SIZE);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	for (unsigned int bit = FIRST_UNKNOWN; bit < 32; bit++) {
		assert_refuses(f, VFIO_IOMMU_UNMAP_DMA, dirty, 1u << bit);
		assert_refuses(f, VFIO_IOMMU_UNMAP_DMA, dirty, DIRTY_UNMAP | 1u << bit);
		assert_refuses(f, VFIO_IOMMU_DIRTY_PAGES, dirty, 1u << bit);
		assert_refuses(f, VFIO_IOMMU_DIRTY_PAGES, dirty, DIRTY_GET | 1u << bit);
		assert_refuses(f, VFIO_IOMMU_DIRTY_PAGES, dirty, DIRTY_STOP | 1u << bit);
	}
	assert_int_equal(bits, 0);
	assert_int_equal(judge_locked(), SIZE);
}

static bool is_known(unsigned long request)
{
	return request == VFIO_GET_API_VERSION || request == VFIO_CHECK_EXTENSION ||
	       request == VFIO_SET_IOMMU || request == VFIO_IOMMU_GET_INFO ||
	       request == VFIO_IOMMU_MAP_DMA || request == VFIO_IOMMU_UNMAP_DMA ||
	       request == VFIO_IOMMU_DIRTY_PAGES;
}

/* other types' among them */
static void unknown_ioctls_are_refused(void **state)
{
	struct fixture *f = *state;
	struct larger argument = larger_map(0, memory_get(MEMORY_SMALL, SIZE)), sent = argument;

	for (unsigned int number = 0; number < 256; number++) {
		unsigned long request = _IO(VFIO_TYPE, number);

		if (!is_known(request))
			assert_int_equal(vfio_call(&f->container, request, &argument), -ENOTTY);
	}
	assert_memory_equal(&argument, &sent, sizeof(argument));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(larger_structures_are_taken),
		guest_test(larger_bitmaps_are_taken),
		guest_test(the_largest_bitmap),
		guest_test(unknown_flags_are_refused),
		guest_test(unknown_ioctls_are_refused),
		guest_test_v1(unknown_ioctls_are_refused),
	};

	return cmocka_run_group_tests_name("arguments", tests, NULL, NULL);
}
