// SPDX-License-Identifier: GPL-2.0
/*
 * The memory that operations map. See areas.h.
 */
#define _GNU_SOURCE
#include "../guest/cm.h"
#include "../guest/memory.h"
#include "../guest/vfio.h"
#include "areas.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#define BAR_FILE "/sys/bus/pci/devices/0000:00:05.0/resource2"

static const struct {
	const char *name;
	uint64_t pages;
	enum memory_kind memory;
	bool no_bytes, read_only;
} kinds_of_area[AREAS] = {
	[AREA_SMALL] = { "small", 1024, MEMORY_SMALL },
	[AREA_THP] = { "thp", 2048, MEMORY_THP },
	[AREA_HUGETLB] = { "hugetlb", 1024, MEMORY_HUGETLB_2M },
	[AREA_SHARED] = { "shared", 1024, MEMORY_MEMFD },
	[AREA_SHARED_AGAIN] = { "shared-again", 1024, MEMORY_MEMFD },
	[AREA_FRESH] = { "fresh", 512, MEMORY_SMALL_FRESH },
	[AREA_FILE] = { "file", 64, MEMORY_FILE, .read_only = true },
	[AREA_ZERO] = { "zero", 64, MEMORY_ZERO, .read_only = true },
	[AREA_HOLES] = { "holes", 64, MEMORY_SMALL, .no_bytes = true },
	[AREA_BAR] = { "bar", 1024, .no_bytes = true },
};

static char *areas[AREAS];

const char *area_name(enum area area)
{
	return kinds_of_area[area].name;
}

uint64_t area_size(enum area area)
{
	return kinds_of_area[area].pages * PAGE;
}

char *area_at(enum area area, uint64_t offset)
{
	return areas[area] + offset;
}

void area_touch(enum area area)
{
	assert_int_equal(madvise(areas[area], area_size(area), MADV_POPULATE_WRITE), 0);
}

bool area_is_shared(enum area area)
{
	return area == AREA_SHARED || area == AREA_SHARED_AGAIN;
}

bool area_has_bytes(enum area area)
{
	return !kinds_of_area[area].no_bytes;
}

bool area_is_writable(enum area area)
{
	return !kinds_of_area[area].read_only;
}

/* shared memory of the given address, at one more */
static char *again(char *at)
{
	char *other = mremap(at, 0, area_size(AREA_SHARED), MREMAP_MAYMOVE);

	assert_ptr_not_equal(other, MAP_FAILED);
	return other;
}

/* as the device's files in sysfs show it, so that no device need be open */
static char *bar(void)
{
	int fd = open(BAR_FILE, O_RDWR | O_CLOEXEC);
	void *at;

	assert_true(fd >= 0);
	at = mmap(NULL, area_size(AREA_BAR), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	assert_ptr_not_equal(at, MAP_FAILED);
	return at;
}

static char *get(enum area area)
{
	return memory_get(kinds_of_area[area].memory, area_size(area))->at;
}

void areas_share(void)
{
	areas[AREA_SHARED] = get(AREA_SHARED);
}

void areas_get(unsigned int process)
{
	if (process)	/* other addresses than the first process's */
		areas[AREA_SHARED] = again(areas[AREA_SHARED]);
	areas[AREA_SHARED_AGAIN] = again(areas[AREA_SHARED]);
	areas[AREA_SMALL] = get(AREA_SMALL);
	areas[AREA_THP] = get(AREA_THP);
	areas[AREA_HUGETLB] = get(AREA_HUGETLB);
	areas[AREA_FRESH] = get(AREA_FRESH);
	areas[AREA_FILE] = get(AREA_FILE);
	assert_int_equal(mprotect(areas[AREA_FILE], area_size(AREA_FILE), PROT_READ), 0);
	areas[AREA_ZERO] = get(AREA_ZERO);
	areas[AREA_HOLES] = get(AREA_HOLES);
	assert_int_equal(munmap(area_at(AREA_HOLES, 16 * PAGE), 3 * PAGE), 0);
	assert_int_equal(munmap(area_at(AREA_HOLES, 40 * PAGE), PAGE), 0);
	areas[AREA_BAR] = bar();
}
