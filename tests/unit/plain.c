// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include "plain.h"

u64 plain_room;
u64 plain_bytes;
u64 plain_largest;

void plain_reset(void)
{
	plain_room = ~0ULL;
	plain_bytes = 0;
	plain_largest = 0;
}

static void *plain_alloc(size_t bytes)
{
	if (!plain_room)
		return NULL;
	plain_room--;
	plain_bytes += bytes;
	if (bytes > plain_largest)
		plain_largest = bytes;
	return malloc(bytes);
}

static void plain_resched(void)
{
}

const struct stride_host plain_host = {
	.alloc = plain_alloc,
	.free = free,
	.resched = plain_resched,
};
