// SPDX-License-Identifier: GPL-2.0
/*
 * Folios that the process maps by pages: whole, in part, at odd addresses, in any order. A pin
 * holds as much of a folio as follows one another in the page table, and the device sees each page
 * where the process does.
 */
#define _GNU_SOURCE
#include "file.h"
#include "fixture.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define LEAF	(THP_SIZE / PAGE)
#define SIZE	(2 * THP_SIZE)
#define MIDDLE	(64 * 1024ull)		/* 6.12 has such folios, too */
#define SYSFS	"/sys/kernel/mm/transparent_hugepage/hugepages-64kB/"

/* the memory, and what of it is mapped for the device */
struct area {
	char *at;
	uint64_t pages;
};

static void move_page(char *from, char *to)
{
	assert_ptr_equal(mremap(from, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, to), to);
}

static void touch(char *at, uint64_t pages)
{
	for (uint64_t i = 0; i < pages; i++)
		*(volatile char *)(at + i * PAGE) = 1;
}

static struct area split_whole(void)
{
	struct memory *m = memory_get(MEMORY_THP, SIZE);

	memory_split(m);
	return (struct area){ m->at, SIZE / PAGE };
}

static struct area clipped(void)
{
	struct area whole = split_whole();

	return (struct area){ whole.at + 300 * PAGE, 400 };
}

/* small pages where the folio had others; looks for the rest of it become rare meanwhile */
static struct area with_a_part_replaced(void)
{
	struct area whole = split_whole();

	assert_int_equal(madvise(whole.at + 100 * PAGE, 50 * PAGE, MADV_DONTNEED), 0);
	if (memory_has_thp())
		assert_int_equal(madvise(whole.at + 100 * PAGE, 50 * PAGE, MADV_NOHUGEPAGE), 0);
	touch(whole.at + 100 * PAGE, 50);
	return whole;
}

static struct area without_an_end(void)
{
	struct area whole = split_whole();

	assert_int_equal(munmap(whole.at, 10 * PAGE), 0);
	assert_int_equal(munmap(whole.at + SIZE - 20 * PAGE, 20 * PAGE), 0);
	return (struct area){ whole.at + 10 * PAGE, SIZE / PAGE - 30 };
}

static struct area moved(enum memory_kind kind)
{
	struct memory *m = memory_get(kind, SIZE);
	struct memory *there = memory_get(MEMORY_SMALL, SIZE + THP_SIZE);
	char *at = there->at + 7 * PAGE;

	assert_ptr_equal(mremap(m->at, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, at), at);
	touch(at, SIZE / PAGE);
	return (struct area){ at, SIZE / PAGE };
}

static struct area moved_to_an_odd_address(void)
{
	return moved(MEMORY_THP);
}

static struct area shared_at_an_odd_address(void)
{
	return moved(MEMORY_SHMEM_THP);
}

static struct area in_reverse(void)
{
	struct area whole = split_whole();
	struct memory *there = memory_get(MEMORY_SMALL, 64 * PAGE);

	for (int i = 0; i < 64; i++)
		move_page(whole.at + i * PAGE, there->at + (63 - i) * PAGE);
	return (struct area){ there->at, 64 };
}

/* pages of two folios by turns, and each two pages in their order */
static struct area interleaved(void)
{
	struct area whole = split_whole();
	struct memory *there = memory_get(MEMORY_SMALL, 64 * PAGE);

	for (int i = 0; i < 64; i++)
		move_page(whole.at + (i & 2 ? THP_SIZE : 0) + (i / 4 * 2 + (i & 1)) * PAGE,
			  there->at + i * PAGE);
	return (struct area){ there->at, 64 };
}

/* pages that a child shares among the process's own: they are copied when they are written */
static struct area in_part_shared(void)
{
	struct area whole = split_whole();

	assert_int_equal(madvise(whole.at, 100 * PAGE, MADV_DONTFORK), 0);
	return whole;
}

/* write-protected, for the kernel to notice the next write */
static struct area watched_for_writes(void)
{
	struct area whole = split_whole();

	file_write("/proc/self/clear_refs", "4");
	touch(whole.at + 33 * PAGE, 44);
	return whole;
}

/* no huge page fits */
static struct area of_middle_folios(int flags, const char *setting, const char *how)
{
	struct memory *there = memory_get(MEMORY_SMALL, THP_SIZE);
	char *at = there->at + MIDDLE;

	assert_ptr_equal(mmap(at, MIB, PROT_READ | PROT_WRITE, flags | MAP_ANONYMOUS | MAP_FIXED,
			      -1, 0), at);
	assert_int_equal(madvise(at, MIB, MADV_HUGEPAGE), 0);
	file_write(setting, how);
	touch(at, MIB / PAGE);
	file_write(setting, "never");
	return (struct area){ at, MIB / PAGE };
}

static struct area middle(void)
{
	return of_middle_folios(MAP_PRIVATE, SYSFS "enabled", "madvise");
}

static struct area middle_shared(void)
{
	return of_middle_folios(MAP_SHARED, SYSFS "shmem_enabled", "advise");
}

static struct area write_protected(struct area area)
{
	assert_int_equal(mprotect(area.at, area.pages * PAGE, PROT_READ), 0);
	return area;
}

static struct area huge_write_protected(void)
{
	struct memory *m = memory_get(MEMORY_THP, SIZE);

	return write_protected((struct area){ m->at, SIZE / PAGE });
}

static struct area split_write_protected(void)
{
	return write_protected(split_whole());
}

static struct area shared_write_protected(void)
{
	return write_protected(in_part_shared());
}

struct variant {
	const char *title;
	struct area (*make)(void);
	bool forks;
	int64_t pins;		/* at most, with one for what follows one another in a folio */
};

static const struct variant variants[] = {
	{ "split by a change of protection", split_whole, .pins = 2 },
	{ "clipped within folios", clipped, .pins = 2 },
	{ "a part replaced by small pages", with_a_part_replaced, .pins = 1 + 112 + 2 },
	{ "unmapped at both ends", without_an_end, .pins = 2 },
	{ "moved to an odd address", moved_to_an_odd_address, .pins = 5 },
	{ "shared memory at an odd address", shared_at_an_odd_address, .pins = 5 },
	{ "in reverse", in_reverse, .pins = 64 },
	{ "two folios interleaved", interleaved, .pins = 64 },
	{ "shared with a child in part", in_part_shared, .forks = true, .pins = 1 + 2 * LEAF },
	{ "write-protected to notice writes", watched_for_writes, .pins = 2 * LEAF },
};

static const struct variant middle_variants[] = {
	{ "64 KiB", middle, .pins = 16 },
	{ "64 KiB, shared", middle_shared, .pins = 16 },
};

/* for a device that only reads */
static const struct variant read_only_variants[] = {
	{ "read-only, huge", huge_write_protected, .pins = 2 },
	{ "read-only, split", split_write_protected, .pins = 2 },
	{ "read-only, shared with a child in part", shared_write_protected, .forks = true,
	  .pins = 1 + 2 * LEAF - 100 },
};

/* 6.1 has none, nor have kernels without transparent huge pages */
static bool has_middle_folios(void)
{
	return !access(SYSFS "shmem_enabled", F_OK);
}

/* the driver takes one pin for what a leaf maps */
static bool pins_leaves(void)
{
	char value = 0;
	FILE *file = fopen("/sys/module/vfio_iommu_type1/parameters/leaf_pins", "r");

	if (file) {
		value = fgetc(file);
		fclose(file);
	}
	return value == 'Y' && memory_has_thp();
}

/* each page is where it should be: all of them, or as many as take a bearable time */
static void assert_sees_pages(struct fixture *f, const struct area *a)
{
	for (uint64_t i = 0; i < a->pages; i++)
		reach_fill(a->at + i * PAGE, REACH);
	for (uint64_t i = 0; i < a->pages; i += 1 + a->pages / 100)
		assert_device_sees(&f->edu, IOVA + i * PAGE, a->at + i * PAGE, REACH);
}

/* from one page to the next */
static void assert_reaches_across(struct fixture *f, const struct area *a)
{
	const uint64_t half = EDU_MAX / 2;

	for (uint64_t i = PAGE; i < a->pages * PAGE; i += a->pages / 4 * PAGE)
		assert_reaches(&f->edu, IOVA + i - half, a->at + i - half, EDU_MAX);
}

static struct area make(struct fixture *f)
{
	const struct variant *v = f->variant;
	struct area area = v->make();

	if (v->forks && !fixture_fork(f)) {
		pause();
		_exit(0);
	}
	return area;
}

static void map_area(struct fixture *f, const struct area *a, uint32_t flags)
{
	const struct variant *v = f->variant;
	int64_t pins = pins_leaves() ? v->pins : (int64_t)a->pages;

	assert_int_equal(vfio_map(&f->container, IOVA, a->at, a->pages * PAGE, flags), 0);
	assert_int_equal(judge_locked(), a->pages * PAGE);
	assert_in_range(judge_pins(), 1, pins);
}

static void is_seen_page_by_page(void **state)
{
	struct fixture *f = *state;
	struct area a = make(f);

	map_area(f, &a, DEVICE_BOTH);
	assert_sees_pages(f, &a);
	assert_reaches_across(f, &a);
	assert_unmap(&f->container, IOVA, a.pages * PAGE);
	assert_int_equal(judge_pins(), 0);
	assert_not_written(&f->edu, IOVA, a.at);
}

/* what the process writes later, once it may, goes to the pages that the device reads */
static void is_read_page_by_page(void **state)
{
	struct fixture *f = *state;
	struct area a = make(f);

	map_area(f, &a, DEVICE_READ);
	assert_int_equal(mprotect(a.at, a.pages * PAGE, PROT_READ | PROT_WRITE), 0);
	assert_sees_pages(f, &a);
	assert_unmap(&f->container, IOVA, a.pages * PAGE);
	assert_int_equal(judge_pins(), 0);
}

int main(void)
{
	struct CMUnitTest tests[guest_rows(variants) + guest_rows(read_only_variants) +
				guest_rows(middle_variants)] = { 0 };
	struct CMUnitTest *test = tests;

	guest_add_rows(test, variants, is_seen_page_by_page);
	guest_add_rows(test, read_only_variants, is_read_page_by_page);
	if (has_middle_folios())
		guest_add_rows(test, middle_variants, is_seen_page_by_page);

	return cmocka_run_group_tests_name("folios", tests, NULL, NULL);
}
