// SPDX-License-Identifier: GPL-2.0
/*
 * Memory of each kind. See memory.h.
 *
 * Each is mapped over the middle of a reserved address range, so that it is aligned as its kind
 * can be, is an area of its own in /proc/self/smaps, and ends in nothing on both sides.
 */
#define _GNU_SOURCE
#include "cm.h"
#include "file.h"
#include "memory.h"
#include "vfio.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/mman.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGEPAGES "/sys/kernel/mm/hugepages/hugepages-%llukB/%s"
#define THP "/sys/kernel/mm/transparent_hugepage/"
#define SHMEM_ENABLED THP "shmem_enabled"

static const struct kind {
	int prot;
	int flags;
	int advice;
	uint64_t page;		/* hugetlb only */
	const char *huge;	/* the field of smaps that shows all of it as huge */
	bool touched;
} kinds[] = {
	[MEMORY_SMALL] = { PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, MADV_NOHUGEPAGE,
			   .touched = true },
	[MEMORY_SMALL_FRESH] = { PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
				 MADV_NOHUGEPAGE },
	[MEMORY_THP] = { PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, MADV_HUGEPAGE,
			 .huge = "AnonHugePages:", .touched = true },
	[MEMORY_THP_FRESH] = { PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			       MADV_HUGEPAGE },
	[MEMORY_HUGETLB_2M] = { PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_2MB,
				.page = THP_SIZE, .touched = true },
	[MEMORY_HUGETLB_1G] = { PROT_READ | PROT_WRITE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_HUGE_1GB,
				.page = GIB, .touched = true },
	[MEMORY_SHMEM] = { PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, MADV_NOHUGEPAGE,
			   .touched = true },
	[MEMORY_SHMEM_THP] = { PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, MADV_HUGEPAGE,
			       .huge = "ShmemPmdMapped:", .touched = true },
	[MEMORY_MEMFD] = { PROT_READ | PROT_WRITE, MAP_SHARED, MADV_NOHUGEPAGE, .touched = true },
	[MEMORY_FILE] = { PROT_READ | PROT_WRITE, MAP_SHARED, MADV_NOHUGEPAGE, .touched = true },
	[MEMORY_ZERO] = { PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, MADV_NOHUGEPAGE,
			  .touched = true },
	[MEMORY_ZERO_THP] = { PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, MADV_HUGEPAGE,
			      .touched = true },
};

static struct memory live[8];

static void pool_path(char path[128], uint64_t page, const char *field)
{
	snprintf(path, 128, HUGEPAGES, (unsigned long long)page / 1024, field);
}

static unsigned int pool_number(uint64_t page, const char *field)
{
	char path[128];

	pool_path(path, page, field);
	return file_number(path, "%llu");
}

static void pool_set(uint64_t page, unsigned int number)
{
	char path[128];
	FILE *file;

	pool_path(path, page, "nr_hugepages");
	file = fopen(path, "w");
	assert_non_null(file);
	fprintf(file, "%u", number);
	assert_int_equal(fclose(file), 0);
}

/* pages that the machine was booted with are used before the kernel is asked for more */
static unsigned int pool_grow(uint64_t page, unsigned int wanted)
{
	unsigned int before = pool_number(page, "nr_hugepages");
	unsigned int free = pool_number(page, "free_hugepages");

	if (wanted > free)
		pool_set(page, before + wanted - free);
	return before;
}

static int backing_fd(enum memory_kind kind, uint64_t size)
{
	char path[] = "/tmp/guest-test-XXXXXX";
	int fd = -1;

	if (kind == MEMORY_MEMFD) {
		fd = memfd_create("guest-test", MFD_CLOEXEC);
	} else if (kind == MEMORY_FILE) {
		fd = mkstemp(path);
		unlink(path);
	} else {
		return -1;
	}
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, size), 0);
	return fd;
}

static void touch(struct memory *memory, bool write)
{
	volatile char *at = memory->at;

	for (uint64_t i = 0; i < memory->size; i += PAGE) {
		if (write)
			at[i] = 1;
		else
			(void)at[i];
	}
}

/* a field of the area's entry in smaps, in bytes */
static uint64_t area_field(const void *at, const char *field)
{
	unsigned long start, end, kib = 0;
	bool here = false, found = false;
	char line[512];
	FILE *file = fopen("/proc/self/smaps", "r");

	assert_non_null(file);
	while (!found && fgets(line, sizeof(line), file)) {
		if (sscanf(line, "%lx-%lx ", &start, &end) == 2)
			here = start == (uintptr_t)at;
		else if (here && !strncmp(line, field, strlen(field)))
			found = sscanf(line + strlen(field), "%lu", &kib) == 1;
	}
	fclose(file);
	assert_true(found);
	return kib * 1024ull;
}

/* the kernel had no huge page at hand at the first touch: have it collect some */
static void collapse(struct memory *memory, const char *field)
{
	if (area_field(memory->at, field) == memory->size)
		return;
	madvise(memory->at, memory->size, MADV_COLLAPSE);
	if (area_field(memory->at, field) != memory->size)
		fail_msg("no transparent huge pages to be had: give the machine more memory");
}

static void reserve(struct memory *memory, uint64_t align)
{
	uintptr_t start;

	memory->reserved_size = memory->size + 2 * align;
	memory->reserved = mmap(NULL, memory->reserved_size, PROT_NONE,
				MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	assert_ptr_not_equal(memory->reserved, MAP_FAILED);
	start = (uintptr_t)memory->reserved + PAGE;
	memory->at = (char *)((start + align - 1) & ~(align - 1));
}

bool memory_has_thp(void)
{
	return !access(THP, F_OK);
}

static void place(struct memory *memory, const struct kind *kind)
{
	int fd = backing_fd(memory->kind, memory->size);
	void *at = mmap(memory->at, memory->size, kind->prot, kind->flags | MAP_FIXED, fd, 0);

	if (fd >= 0)
		close(fd);
	if (at == MAP_FAILED && kind->page)
		fail_msg("no hugetlb pages of %llu MiB to be had: give the machine more memory",
			 (unsigned long long)(kind->page / MIB));
	assert_ptr_equal(at, memory->at);
	if (kind->advice && memory_has_thp())
		assert_int_equal(madvise(at, memory->size, kind->advice), 0);
}

struct memory *memory_get(enum memory_kind which, uint64_t size)
{
	const struct kind *kind = &kinds[which];
	struct memory *memory = live;

	while (memory->size)
		assert_ptr_not_equal(++memory, live + sizeof(live) / sizeof(*live));
	*memory = (struct memory){ .size = size, .kind = which };
	if (kind->page)
		memory->pool = pool_grow(kind->page, size / kind->page);
	if (which == MEMORY_SHMEM_THP && memory_has_thp())
		file_write(SHMEM_ENABLED, "advise");
	reserve(memory, kind->page > THP_SIZE ? kind->page : THP_SIZE);
	place(memory, kind);
	if (kind->touched)
		touch(memory, kind->prot & PROT_WRITE);
	if (kind->huge && memory_has_thp())
		collapse(memory, kind->huge);
	return memory;
}

void memory_split(const struct memory *memory)
{
	for (char *leaf = memory->at; leaf < memory->at + memory->size; leaf += THP_SIZE) {
		assert_int_equal(mprotect(leaf, PAGE, PROT_READ), 0);
		assert_int_equal(mprotect(leaf, PAGE, PROT_READ | PROT_WRITE), 0);
		*(volatile char *)leaf = 1;	/* may have stayed write-protected */
	}
}

void memory_put_all(void)
{
	struct memory *memory = live + sizeof(live) / sizeof(*live);

	while (memory-- > live) {
		if (!memory->size)
			continue;
		munmap(memory->reserved, memory->reserved_size);
		memory->size = 0;
		if (kinds[memory->kind].page)
			pool_set(kinds[memory->kind].page, memory->pool);
	}
}
