// SPDX-License-Identifier: GPL-2.0
/*
 * How each kind of memory is made. All of it lies at an address aligned to 1 GiB, so that the
 * process's page tables and the IOMMU's can use the largest leaves that the memory allows.
 */
#define _GNU_SOURCE
#include <err.h>
#include <linux/vfio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "limits.h"
#include "memory.h"
#include "pagemap.h"
#include "pool.h"
#include "text.h"

#define PAGE (4 * KIB)
#define CHUNK (256 * MIB)	/* prepared between two progress reports */
#define CALLS 4096		/* at most, for a kind that takes many */
#define READ_WRITE (VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE)

static void map_aligned(struct memory *memory, int flags, int fd, uint64_t offset)
{
	/* Take a GiB too much address space, map where it is aligned, give back the rest. */
	char *room = mmap(NULL, memory->size + GIB, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t before = -(uintptr_t)room & (GIB - 1);

	if (room == MAP_FAILED)
		err(1, "address space: 'ulimit -v unlimited'");
	memory->addr = mmap(room + before, memory->size, PROT_READ | PROT_WRITE,
			    flags | MAP_FIXED, fd, offset);
	if (memory->addr == MAP_FAILED)
		err(1, "%s: mmap", memory->kind->title);
	if (before)
		munmap(room, before);
	munmap(room + before + memory->size, GIB - before);
}

static void release(struct memory *memory)
{
	munmap(memory->addr, memory->size);
}

/* In the order of addresses, as MAP_POPULATE does, but with progress. */
static void populate(struct memory *memory)
{
	for (uint64_t done = 0; done < memory->size; done += CHUNK) {
		uint64_t left = memory->size - done;

		progress(memory->kind->title, done, memory->size);
		if (madvise(memory->addr + done, left < CHUNK ? left : CHUNK, MADV_POPULATE_WRITE))
			err(1, "%s: memory ran out after %llu MiB: ask for less",
			    memory->kind->title, (unsigned long long)(done / MIB));
	}
	progress(memory->kind->title, memory->size, memory->size);
}

static void map_anonymous(struct memory *memory, int advice)
{
	limits_check_memory(memory->size);
	map_aligned(memory, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (madvise(memory->addr, memory->size, advice) && advice == MADV_HUGEPAGE)
		err(1, "%s: this kernel has no transparent huge pages: choose others with --kinds",
		    memory->kind->title);
}

static void prepare_untouched(struct memory *memory)
{
	map_anonymous(memory, MADV_HUGEPAGE);
}

static void prepare_untouched_pages(struct memory *memory)
{
	map_anonymous(memory, MADV_NOHUGEPAGE);
}

static void prepare_thp(struct memory *memory)
{
	map_anonymous(memory, MADV_HUGEPAGE);
	populate(memory);
}

/*
 * Changing the protection of one page, and back, has the kernel map the whole huge page by pages of
 * 4 KiB, for good. What was write-protected meanwhile stays so until it is written to.
 */
static void prepare_split(struct memory *memory)
{
	prepare_thp(memory);
	for (uint64_t at = 0; at < memory->size; at += 2 * MIB) {
		volatile char *page = memory->addr + at;

		if (mprotect(memory->addr + at, PAGE, PROT_READ) ||
		    mprotect(memory->addr + at, PAGE, PROT_READ | PROT_WRITE))
			err(1, "%s: mprotect", memory->kind->title);
		*page = 1;
	}
}

static void prepare_small_pages(struct memory *memory)
{
	map_anonymous(memory, MADV_NOHUGEPAGE);
	populate(memory);
}

/*
 * The kernel hands out physical memory mostly in a row. Touching the pages in an order that jumps
 * far with each step puts pages that are neighbours here far apart there. As a prime the step
 * divides no size that a machine has, so every page is touched once.
 */
static void prepare_scattered(struct memory *memory)
{
	const uint64_t pages = memory->size / PAGE, step = 1000003;
	uint64_t page = 0;

	map_anonymous(memory, MADV_NOHUGEPAGE);
	for (uint64_t done = 0; done < pages; done++) {
		if (done % (CHUNK / PAGE) == 0)
			progress(memory->kind->title, done * PAGE, memory->size);
		*((volatile char *)memory->addr + page * PAGE) = 1;
		page = (page + step) % pages;
	}
	progress(memory->kind->title, memory->size, memory->size);
}

static void prepare_untouched_memfd(struct memory *memory)
{
	int fd = memfd_create("stride-bench", MFD_CLOEXEC);

	limits_check_memory(memory->size);
	if (fd < 0 || ftruncate(fd, memory->size))
		err(1, "memfd of %llu MiB", (unsigned long long)(memory->size / MIB));
	map_aligned(memory, MAP_SHARED, fd, 0);
	close(fd);
	madvise(memory->addr, memory->size, MADV_NOHUGEPAGE);
}

static void prepare_memfd(struct memory *memory)
{
	prepare_untouched_memfd(memory);
	populate(memory);
}

static void prepare_untouched_hugetlb(struct memory *memory)
{
	int log2_page = __builtin_ctzll(memory->kind->page);

	pool_raise(memory->kind->page, memory->size);
	map_aligned(memory, MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | log2_page << MAP_HUGE_SHIFT,
		    -1, 0);
}

static void prepare_hugetlb(struct memory *memory)
{
	prepare_untouched_hugetlb(memory);
	populate(memory);
}

static void release_hugetlb(struct memory *memory)
{
	release(memory);
	pool_restore();
}

static void prepare_bar(struct memory *memory)
{
	struct vfio_bar bar;

	if (!vfio_bar(memory->vfio, memory->kind->bar, &bar))
		errx(1, "%s of %s cannot be mapped: 'lspci -vs %s' shows its memory regions",
		     memory->kind->title, memory->vfio->address, memory->vfio->address);
	memory->size = bar.size;
	map_aligned(memory, MAP_SHARED, memory->vfio->device, bar.offset);
}

#define BAR(n)                                                                                  \
	{                                                                                       \
		.name = "bar" #n, .title = "BAR" #n, .prepare = prepare_bar, .release = release, \
		.dma = READ_WRITE, .bar = n,                                                    \
	}

const struct kind kinds[] = {
	{
		.name = "thp", .title = "MADV_HUGEPAGE", .page = 2 * MIB, .dma = READ_WRITE,
		.prepare = prepare_thp, .release = release,
	},
	{
		.name = "thp-ro", .title = "MADV_HUGEPAGE, read-only", .page = 2 * MIB,
		.dma = VFIO_DMA_MAP_FLAG_READ, .prepare = prepare_thp, .release = release,
	},
	{
		.name = "thp-split", .title = "MADV_HUGEPAGE, split", .page = 2 * MIB,
		.dma = READ_WRITE, .prepare = prepare_split, .release = release,
	},
	{
		.name = "untouched", .title = "MADV_HUGEPAGE, never touched", .fresh = true,
		.dma = READ_WRITE, .prepare = prepare_untouched, .release = release,
	},
	{
		.name = "untouched-4k", .title = "4 KiB pages, never touched", .fresh = true,
		.dma = READ_WRITE, .prepare = prepare_untouched_pages, .release = release,
	},
	{
		.name = "untouched-memfd", .title = "memfd, never touched", .fresh = true,
		.dma = READ_WRITE, .prepare = prepare_untouched_memfd, .release = release,
	},
	{
		.name = "untouched-2m", .title = "HUGETLBFS, never touched", .fresh = true,
		.page = 2 * MIB, .dma = READ_WRITE,
		.prepare = prepare_untouched_hugetlb, .release = release_hugetlb,
	},
	{
		.name = "untouched-1g", .title = "HUGETLBFS, 1 GiB pages, never touched",
		.fresh = true, .page = GIB, .dma = READ_WRITE,
		.prepare = prepare_untouched_hugetlb, .release = release_hugetlb,
	},
	{
		.name = "populate", .title = "MAP_POPULATE", .dma = READ_WRITE,
		.prepare = prepare_small_pages, .release = release,
	},
	{
		.name = "scattered", .title = "4 KiB pages, scattered", .scattered = true,
		.dma = READ_WRITE, .prepare = prepare_scattered, .release = release,
	},
	{
		.name = "memfd", .title = "memfd, 4 KiB pages", .dma = READ_WRITE,
		.prepare = prepare_memfd, .release = release,
	},
	{
		.name = "hugetlb", .title = "HUGETLBFS", .page = 2 * MIB, .dma = READ_WRITE,
		.prepare = prepare_hugetlb, .release = release_hugetlb,
	},
	{
		.name = "hugetlb-1g", .title = "HUGETLBFS, 1 GiB pages", .page = GIB,
		.dma = READ_WRITE, .prepare = prepare_hugetlb, .release = release_hugetlb,
	},
	{
		.name = "calls-4k", .title = "calls of 4 KiB", .call = PAGE, .dma = READ_WRITE,
		.prepare = prepare_small_pages, .release = release,
	},
	{
		.name = "calls-64k", .title = "calls of 64 KiB", .call = 64 * KIB,
		.dma = READ_WRITE, .prepare = prepare_small_pages, .release = release,
	},
	{
		.name = "calls-2m", .title = "calls of 2 MiB, THP", .page = 2 * MIB,
		.call = 2 * MIB, .dma = READ_WRITE, .prepare = prepare_thp, .release = release,
	},
	BAR(0), BAR(1), BAR(2), BAR(3), BAR(4), BAR(5),
};

const unsigned int nkinds = sizeof(kinds) / sizeof(kinds[0]);

/* Of BARs, the device need not have every one. */
static bool is_there(const struct kind *kind, const struct vfio *vfio)
{
	struct vfio_bar bar;

	return kind->prepare != prepare_bar || vfio_bar(vfio, kind->bar, &bar);
}

static void choose(bool chosen[], const char *name, const struct vfio *vfio)
{
	bool all = !strcmp(name, "all"), bars = !strcmp(name, "bars"), found = false;

	for (unsigned int i = 0; i < nkinds; i++) {
		bool in_set = all || (bars && kinds[i].prepare == prepare_bar);

		if ((in_set && is_there(&kinds[i], vfio)) || !strcmp(kinds[i].name, name)) {
			chosen[i] = true;
			found = true;
		}
	}
	if (!found && bars)
		errx(1, "%s has no BAR that can be mapped: 'lspci -vs %s' shows its memory regions",
		     vfio->address, vfio->address);
	if (!found)
		errx(1, "%s: no such kind of memory: see 'stride-bench --help'", name);
}

void kinds_choose(bool chosen[], const char *list, const struct vfio *vfio)
{
	char *names = strdup(list), *rest = names, *name;

	if (!names)
		err(1, "kinds");
	memset(chosen, 0, nkinds * sizeof(chosen[0]));
	while ((name = strsep(&rest, ",")))
		choose(chosen, name, vfio);
	free(names);
}

/* A figure for memory that is not what its title says would mislead. */
static void check_runs(const struct memory *memory)
{
	const struct kind *kind = memory->kind;
	char text[SIZE_TEXT];

	size_text(text, memory->mean_run);
	if (memory->mean_run && memory->mean_run < kind->page)
		warnx("%s lies in runs of %s: as root, 'echo 1 >/proc/sys/vm/compact_memory; "
		      "echo madvise >/sys/kernel/mm/transparent_hugepage/enabled'",
		      kind->title, text);
	if (kind->scattered && memory->mean_run >= 2 * PAGE)
		warnx("%s lies in runs of %s, which is not scattered: try again, or ask for more",
		      kind->title, text);
}

void memory_prepare(struct memory *memory, const struct kind *kind, const struct vfio *vfio,
		    uint64_t size)
{
	if (kind->call && size > CALLS * kind->call)
		size = CALLS * kind->call;
	*memory = (struct memory){ .kind = kind, .vfio = vfio, .size = size };
	if (kind->prepare != prepare_bar)
		limits_check_lock(size);
	kind->prepare(memory);
	memory->call = kind->call ? kind->call : memory->size;
	memory->mean_run = pagemap_mean_run(memory->addr, memory->size);
	check_runs(memory);
}

void memory_release(struct memory *memory)
{
	memory->kind->release(memory);
	memory->addr = NULL;
}
