// SPDX-License-Identifier: GPL-2.0
/*
 * A mapping of pfns, by a file of our test module. See pfnmap.h.
 */
#include "../mdev/test_mdev.h"
#include "cm.h"
#include "emulated.h"
#include "pfnmap.h"
#include "vfio.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

void *pfnmap_get(const uint64_t *pfns, unsigned int n)
{
	void *at;
	int fd;

	emulated_load();
	fd = open("/dev/" TEST_MDEV_PFNMAP, O_RDWR | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, pfns, n * sizeof(*pfns)), n * sizeof(*pfns));
	at = mmap(NULL, n * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	assert_ptr_not_equal(at, MAP_FAILED);
	close(fd);
	return at;
}

/* sysfs has a line for each BAR: its first address, its last one, flags */
uint64_t pfnmap_of_bar(const char *bdf, unsigned int bar)
{
	unsigned long long first = 0;
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", bdf);
	file = fopen(path, "r");
	assert_non_null(file);
	for (unsigned int i = 0; i <= bar; i++)
		assert_int_equal(fscanf(file, "%llx %*x %*x", &first), 1);
	fclose(file);
	return first / PAGE;
}
