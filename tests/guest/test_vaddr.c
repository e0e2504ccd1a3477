// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO_UPDATE_VADDR within a process.
 *
 * The map of these tests, in pages: [0, 4) and [4, 8) side by side, a hole, [16, 20). While an
 * address is invalid no group may join: that is how a test sees whether any is.
 */
#define _GNU_SOURCE
#include "dirty.h"
#include "info.h"
#include "vaddr.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define VADDR VFIO_DMA_MAP_FLAG_VADDR
#define UNMAP_VADDR VFIO_DMA_UNMAP_FLAG_VADDR
#define UNMAP_ALL VFIO_DMA_UNMAP_FLAG_ALL

static struct memory *map_three(struct fixture *f)
{
	struct memory *m = memory_get(MEMORY_SMALL, 20 * PAGE);

	assert_map(&f->container, IOVA, m->at, 4 * PAGE);
	assert_map(&f->container, IOVA + 4 * PAGE, m->at + 4 * PAGE, 4 * PAGE);
	assert_map(&f->container, IOVA + 16 * PAGE, m->at + 16 * PAGE, 4 * PAGE);
	return m;
}

/* pages [first, first + count), of which so many become invalid */
static void assert_invalidates(struct fixture *f, uint64_t first, uint64_t count, uint64_t taken)
{
	uint64_t written;

	assert_int_equal(vaddr_invalidate(&f->container, IOVA + first * PAGE, count * PAGE,
					  &written), 0);
	assert_int_equal(written, taken * PAGE);
	assert_int_equal(judge_locked(), 12 * PAGE);
}

/* a mapping of four pages: 0 if its address was invalid */
static int update(struct fixture *f, uint64_t first)
{
	return vaddr_update(&f->container, IOVA + first * PAGE, NULL, 4 * PAGE);
}

static void assert_invalid(struct fixture *f, bool first, bool second, bool third)
{
	assert_int_equal(vaddr_join(f), first || second || third ? -EBUSY : 0);
	assert_int_equal(update(f, 0), first ? 0 : -EINVAL);
	assert_int_equal(update(f, 4), second ? 0 : -EINVAL);
	assert_int_equal(update(f, 16), third ? 0 : -EINVAL);
	assert_int_equal(vaddr_join(f), 0);
}

struct map_case {
	const char *title;
	uint32_t flags;
	uint64_t iova, size, vaddr;
	int error;
};

#define AT GIB			/* any address will do: it is not looked at */

/* of the three mappings the first and the third are invalid */
static const struct map_case map_cases[] = {
	{ "map: with read", VADDR | DEVICE_READ, IOVA, 4 * PAGE, AT, EINVAL },
	{ "map: with write", VADDR | DEVICE_WRITE, IOVA, 4 * PAGE, AT, EINVAL },
	{ "map: with both", VADDR | DEVICE_BOTH, IOVA, 4 * PAGE, AT, EINVAL },
	{ "map: no flag", 0, IOVA, 4 * PAGE, AT, EINVAL },
	{ "map: unknown flag", VADDR | 1u << 3, IOVA, 4 * PAGE, AT, EINVAL },
	{ "map: not mapped", VADDR, IOVA + 8 * PAGE, 4 * PAGE, AT, ENOENT },
	{ "map: before them all", VADDR, IOVA - 4 * PAGE, 4 * PAGE, AT, ENOENT },
	{ "map: what cannot be mapped", VADDR, 0xfee00000, 4 * PAGE, AT, ENOENT },
	{ "map: at the very top", VADDR, -PAGE, PAGE, AT, ENOENT },
	{ "map: not invalid", VADDR, IOVA + 4 * PAGE, 4 * PAGE, AT, EINVAL },
	{ "map: a head", VADDR, IOVA, 2 * PAGE, AT, EINVAL },
	{ "map: a tail", VADDR, IOVA + 18 * PAGE, 2 * PAGE, AT, EINVAL },
	{ "map: in the middle", VADDR, IOVA + PAGE, 2 * PAGE, AT, EINVAL },
	{ "map: two", VADDR, IOVA, 8 * PAGE, AT, EINVAL },
	{ "map: parts of two", VADDR, IOVA + 2 * PAGE, 4 * PAGE, AT, EINVAL },
	{ "map: more at the start", VADDR, IOVA + 15 * PAGE, 5 * PAGE, AT, EINVAL },
	{ "map: more at the end", VADDR, IOVA + 16 * PAGE, 5 * PAGE, AT, EINVAL },
	{ "map: size 0", VADDR, IOVA, 0, AT, EINVAL },
	{ "map: size misaligned", VADDR, IOVA, 4 * PAGE + 1, AT, EINVAL },
	{ "map: iova misaligned", VADDR, IOVA + 512, 4 * PAGE, AT, EINVAL },
	{ "map: vaddr misaligned", VADDR, IOVA, 4 * PAGE, AT + 8, EINVAL },
	{ "map: vaddr wraps", VADDR, IOVA, 4 * PAGE, -PAGE, EINVAL },
	{ "map: iova wraps", VADDR, IOVA, -PAGE, AT, EINVAL },
};

static void map_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct map_case *c = f->variant;

	map_three(f);
	assert_invalidates(f, 0, 4, 4);
	assert_invalidates(f, 16, 4, 4);
	assert_int_equal(vfio_map(&f->container, c->iova, (void *)c->vaddr, c->size, c->flags),
			 -c->error);
	assert_int_equal(judge_locked(), 12 * PAGE);
	assert_invalid(f, true, false, true);
}

struct unmap_case {
	const char *title;
	uint32_t flags;
	uint64_t iova, size;
};

/* of the three mappings the second is invalid */
static const struct unmap_case unmap_cases[] = {
	{ "unmap: already invalid", UNMAP_VADDR, IOVA + 4 * PAGE, 4 * PAGE },
	{ "unmap: the second already", UNMAP_VADDR, IOVA, 8 * PAGE },
	{ "unmap: the second of three already", UNMAP_VADDR, IOVA, 100 * PAGE },
	{ "unmap: the first of two already", UNMAP_VADDR, IOVA + 4 * PAGE, 100 * PAGE },
	{ "unmap: one of all already", UNMAP_VADDR | UNMAP_ALL, 0, 0 },
	{ "unmap: bisects at the start", UNMAP_VADDR, IOVA + 17 * PAGE, 4 * PAGE },
	{ "unmap: bisects at the end", UNMAP_VADDR, IOVA + 12 * PAGE, 5 * PAGE },
	{ "unmap: within a mapping", UNMAP_VADDR, IOVA + PAGE, PAGE },
	{ "unmap: all with a size", UNMAP_VADDR | UNMAP_ALL, 0, 4 * PAGE },
	{ "unmap: all with an iova", UNMAP_VADDR | UNMAP_ALL, IOVA, 0 },
	{ "unmap: unknown flag", UNMAP_VADDR | 1u << 3, IOVA, 4 * PAGE },
	{ "unmap: size 0", UNMAP_VADDR, IOVA, 0 },
	{ "unmap: size misaligned", UNMAP_VADDR, IOVA, 4 * PAGE + 8 },
	{ "unmap: iova misaligned", UNMAP_VADDR, IOVA - 8, 4 * PAGE },
	{ "unmap: wraps", UNMAP_VADDR, IOVA, -PAGE },
};

static void unmap_is_refused(void **state)
{
	struct fixture *f = *state;
	const struct unmap_case *c = f->variant;
	uint64_t written;

	map_three(f);
	assert_invalidates(f, 4, 4, 4);
	assert_int_equal(vfio_unmap(&f->container, c->iova, c->size, c->flags, &written), -EINVAL);
	assert_int_equal(written, c->size);
	assert_int_equal(judge_locked(), 12 * PAGE);
	assert_invalid(f, false, true, false);
}

static void one_several_or_none(void **state)
{
	struct fixture *f = *state;

	map_three(f);
	assert_invalidates(f, 4, 4, 4);
	assert_invalid(f, false, true, false);
	assert_invalidates(f, 0, 8, 8);
	assert_invalid(f, true, true, false);
	assert_invalidates(f, 4, 100, 8);
	assert_invalid(f, false, true, true);
	assert_invalidates(f, 8, 8, 0);
	assert_invalidates(f, 1000, 1, 0);
	assert_invalid(f, false, false, false);
}

static void all_of_them(void **state)
{
	const uint32_t flags = UNMAP_VADDR | UNMAP_ALL;
	struct fixture *f = *state;
	uint64_t written = 1;

	assert_int_equal(vfio_unmap(&f->container, 0, 0, flags, &written), 0);
	assert_int_equal(written, 0);
	map_three(f);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, flags, &written), 0);
	assert_int_equal(written, 12 * PAGE);
	assert_invalid(f, true, true, true);
}

/* TYPE1's rule: those whose heads are in the range, if the first one's is */
static void v1_by_their_heads(void **state)
{
	struct fixture *f = *state;

	map_three(f);
	assert_invalidates(f, 0, 1, 4);
	assert_invalid(f, true, false, false);
	assert_invalidates(f, 4, 13, 8);
	assert_invalid(f, false, true, true);
	assert_invalidates(f, 1, 100, 0);
	assert_invalidates(f, 17, 1, 0);
	assert_invalid(f, false, false, false);
}

static void device_goes_on(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_three(f);

	assert_invalidates(f, 0, 8, 8);
	assert_reaches(&f->edu, IOVA + 4 * PAGE - REACH / 2, m->at + 4 * PAGE - REACH / 2, REACH);
	assert_int_equal(update(f, 0), 0);
	assert_int_equal(update(f, 4), 0);
	assert_reaches(&f->edu, IOVA, m->at, REACH);
}

static void invalid_and_unmapped(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_three(f);

	assert_invalidates(f, 0, 100, 12);
	assert_unmap(&f->container, IOVA, 8 * PAGE);
	assert_int_equal(judge_locked(), 4 * PAGE);
	assert_int_equal(vaddr_join(f), -EBUSY);
	assert_int_equal(update(f, 0), -ENOENT);
	assert_int_equal(vfio_unmap(&f->container, 0, 0, UNMAP_ALL, NULL), 0);
	assert_int_equal(vaddr_join(f), 0);
	assert_map(&f->container, IOVA, m->at, PAGE);
}

static void others_are_mapped_meanwhile(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_three(f);
	uint32_t left = info_entries_left(&f->container);

	assert_invalidates(f, 0, 4, 4);
	assert_int_equal(vfio_map(&f->container, IOVA, m->at, PAGE, DEVICE_BOTH), -EEXIST);
	assert_map(&f->container, IOVA + 8 * PAGE, m->at + 8 * PAGE, 4 * PAGE);
	assert_int_equal(info_entries_left(&f->container), left - 1);
	assert_unmap(&f->container, IOVA + 8 * PAGE, 4 * PAGE);
	assert_int_equal(update(f, 0), 0);
	assert_int_equal(info_entries_left(&f->container), left);
}

static void invalid_is_dirty_too(void **state)
{
	struct fixture *f = *state;
	uint64_t word = 0, written;

	map_three(f);
	assert_int_equal(dirty_switch(&f->container, DIRTY_START), 0);
	assert_invalidates(f, 0, 8, 8);
	assert_int_equal(dirty_get(&f->container, IOVA, 8 * PAGE, &word), 0);
	assert_int_equal(word & 0xff, 0xff);
	assert_int_equal(dirty_unmap(&f->container, IOVA, 4 * PAGE, &word, &written), 0);
	assert_int_equal(word, 0xf);
	assert_int_equal(written, 4 * PAGE);
	assert_int_equal(update(f, 4), 0);
	assert_int_equal(vaddr_join(f), 0);
}

/* the process moves the memory itself: the same pages at another address */
static void memory_moves(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_three(f), *other = memory_get(MEMORY_SMALL_FRESH, 4 * PAGE);
	void *moved;

	assert_invalidates(f, 0, 4, 4);
	moved = mremap(m->at, 4 * PAGE, 4 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, other->at);
	assert_ptr_equal(moved, other->at);
	assert_int_equal(vaddr_update(&f->container, IOVA, moved, 4 * PAGE), 0);
	assert_int_equal(judge_locked(), 12 * PAGE);
	edu_open(&f->edu2, &f->container, EDU_SECOND);
	assert_reaches(&f->edu2, IOVA + PAGE, other->at + PAGE, REACH);
}

int main(void)
{
	const struct CMUnitTest single[] = {
		guest_test(one_several_or_none),
		guest_test(all_of_them),
		guest_test_v1(v1_by_their_heads),
		guest_test(device_goes_on),
		guest_test(invalid_and_unmapped),
		guest_test(others_are_mapped_meanwhile),
		guest_test(invalid_is_dirty_too),
		guest_test(memory_moves),
	};
	struct CMUnitTest tests[guest_rows(map_cases) + guest_rows(unmap_cases) +
				guest_rows(single)];
	struct CMUnitTest *test = tests;

	guest_add_rows(test, map_cases, map_is_refused);
	guest_add_rows(test, unmap_cases, unmap_is_refused);
	memcpy(test, single, sizeof(single));

	return cmocka_run_group_tests_name("vaddr", tests, NULL, NULL);
}
