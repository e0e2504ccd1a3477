// SPDX-License-Identifier: GPL-2.0
/* Where memory physically lies: /proc/self/pagemap. */
#include <fcntl.h>
#include <unistd.h>

#include "pagemap.h"

#define PAGE_SIZE 4096
#define PFN_MASK ((1ULL << 55) - 1)	/* of an entry of pagemap */
#define BATCH 8192			/* entries of pagemap read at once */

uint64_t pagemap_mean_run(const void *addr, uint64_t size)
{
	uint64_t page = (uintptr_t)addr / PAGE_SIZE, end = page + size / PAGE_SIZE;
	uint64_t entries[BATCH], last = 0, runs = 0;
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	ssize_t got;

	while (page < end) {
		got = pread(fd, entries, sizeof(entries), page * sizeof(entries[0]));
		if (got <= 0)
			break;
		for (ssize_t i = 0; i < got / 8 && page < end; i++, page++) {
			uint64_t pfn = entries[i] & PFN_MASK;

			if (!pfn)
				goto unknown;
			runs += pfn != last + 1;
			last = pfn;
		}
	}
unknown:
	close(fd);
	return page == end ? size / runs : 0;
}
