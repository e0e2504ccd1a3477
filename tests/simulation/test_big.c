// SPDX-License-Identifier: GPL-2.0
/*
 * Sizes that no test machine has. The work must follow leaves and folios, not pages, and
 * the record of a TiB of 2 MiB pages must fit into 8 MiB.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "sim/sim.h"

#define VADDR	0x100000000000ULL
#define IOVA	0x4000000000ULL
#define TIB	(1ULL << 40)
#define GIB	(1ULL << 30)
#define MIB	(1ULL << 20)

/**
 * struct big - a range and what it may cost
 * @name:	for messages
 * @leaves:	the memory
 * @bytes:	of the mapping
 * @pins:	at most so many pins
 * @calls:	at most so many calls to the host together, for map and unmap each
 * @record:	at most so many bytes of record
 */
struct big {
	const char *name;
	struct sim_leaves leaves;
	u64 bytes;
	u64 pins;
	u64 calls;
	u64 record;
};

/* A pin, a look and a signal check for each leaf, and a few calls for each window of 128 MiB. */
#define LEAF_CALLS(leaves)	(3 * (leaves) + 8 * 8192)

/* Raw leaves come by the hundred. */
#define PFNMAP_CALLS(bytes)	((bytes) >> 30)

#define RECORD(extents)		(9 * (extents) + 4096)

static const struct big bigs[] = {
	{
		.name = "1 TiB of scattered 2 MiB leaves",
		.leaves = { VADDR, TIB >> 21, 9, 1 << 30, 1024, SIM_RW, SIM_MEMORY },
		.bytes = TIB,
		.pins = TIB >> 21,
		.calls = LEAF_CALLS(TIB >> 21),
		.record = 8 * MIB,
	},
	{
		.name = "1 TiB of contiguous 2 MiB leaves",
		.leaves = { VADDR, TIB >> 21, 9, 1 << 29, 512, SIM_RW, SIM_MEMORY },
		.bytes = TIB,
		.pins = TIB >> 21,
		.calls = LEAF_CALLS(TIB >> 21),
		.record = RECORD(512),
	},
	{
		.name = "1 TiB of 2 MiB leaves in 1 GiB folios",
		.leaves = { VADDR, TIB >> 21, 9, 0x40000000, 512, SIM_RW, SIM_MEMORY },
		.bytes = TIB,
		.pins = TIB >> 21,
		.calls = LEAF_CALLS(TIB >> 21),
		.record = RECORD(512),
	},
	{
		.name = "32 GiB of 2 MiB folios, mapped by pages",
		.leaves = { VADDR, 32 << 18, 0, 1 << 29, 1, SIM_RW, SIM_MEMORY },
		.bytes = 32 * GIB,
		.pins = 32 << 9,
		.calls = LEAF_CALLS(32 << 9),
		.record = RECORD(16),
	},
	{
		.name = "2 GiB of 64 KiB folios, mapped by pages",
		.leaves = { VADDR, 1 << 19, 0, 0x180000, 1, SIM_RW, SIM_MEMORY },
		.bytes = 2 * GIB,
		.pins = 1 << 15,
		.calls = LEAF_CALLS(1 << 15),
		.record = 0,	/* the mapping itself has room for that extent */
	},
	{
		.name = "1 TiB of scattered 1 GiB leaves",
		.leaves = { VADDR, 1024, 18, 0x40000000, 2 << 18, SIM_RW, SIM_MEMORY },
		.bytes = TIB,
		.pins = 1024,
		.calls = 16 * 1024,
		.record = RECORD(1024),
	},
	{
		.name = "8 TiB of contiguous 1 GiB leaves",
		.leaves = { VADDR, 8192, 18, 0x40000000, 1 << 18, SIM_RW, SIM_MEMORY },
		.bytes = 8 * TIB,
		.pins = 8192,
		.calls = 16 * 8192,
		.record = RECORD(4096),
	},
	{
		.name = "16 TiB of raw pfns in 1 GiB leaves",
		.leaves = { VADDR, 16384, 18, SIM_BAR_PFN, 1 << 18, SIM_RW, SIM_PFNMAP },
		.bytes = 16 * TIB,
		.pins = 0,
		.calls = PFNMAP_CALLS(16 * TIB),
		.record = RECORD(8192),
	},
	{
		.name = "1 TiB of raw pfns in 2 MiB leaves",
		.leaves = { VADDR, TIB >> 21, 9, SIM_BAR_PFN, 512, SIM_RW, SIM_PFNMAP },
		.bytes = TIB,
		.pins = 0,
		.calls = PFNMAP_CALLS(TIB),
		.record = RECORD(512),
	},
};

/* Calls to the host, without those that ask for a signal: there is one beside each resched. */
static u64 host_calls(void)
{
	u64 i, n = 0;

	for (i = 0; i < SIM_CALLS; i++)
		n += i == SIM_CALL_KILLED ? 0 : sim_calls.made[i];
	return n;
}

/* All of it, but @clip bytes at either end. */
static void map_and_unmap(const struct big *big, u64 iova, u64 clip, bool leafwise)
{
	const u64 size = big->bytes - 2 * clip;
	struct stride_map_request map = {
		.iova = iova + clip,
		.vaddr = VADDR + clip,
		.size = size,
		.prot = STRIDE_READ | STRIDE_WRITE,
	};
	struct stride_unmap_request unmap = { .iova = iova + clip, .size = size };
	struct sim_state before;
	u64 unmapped, start;

	sim_begin(1, SIM_OPTIONS);
	sim_set_leaves(big->leaves);
	assert_int_equal(sim_attach(sim_domain_new(leafwise)), 0);
	before = sim_state();

	start = host_calls();
	assert_int_equal(stride_map(&sim.space, &map), 0);
	sim_check();
	assert_in_range(host_calls() - start, 1, big->calls);
	assert_int_equal(sim_memory.pins, big->pins);
	assert_int_equal(sim_self->locked, big->pins ? size >> STRIDE_PAGE_SHIFT : 0);
	assert_in_range(sim_heap.bytes - before.bytes, !!big->record, big->record);
	assert_in_range(sim_heap.max_alloc, 1, 4096);

	start = host_calls();
	assert_int_equal(stride_unmap(&sim.space, &unmap, &unmapped), 0);
	assert_int_equal(unmapped, size);
	assert_in_range(host_calls() - start, 1, big->calls);
	sim_check_same(&before);
	sim_end();
}

static void test_big(void **state)
{
	map_and_unmap(*state, IOVA, 5 * STRIDE_PAGE_SIZE, true);
}

/*
 * A domain that joins late is given the record in few calls, and so makes entries larger than the
 * pieces in which the engine clears.
 */
static void test_late_domain(void **state)
{
	struct stride_map_request map = {
		.iova = 0x100000000000,
		.vaddr = VADDR,
		.size = TIB,
		.prot = STRIDE_READ,
	};
	u64 start;

	(void)state;
	sim_begin(1, SIM_OPTIONS);
	sim_set_leaves(bigs[6].leaves);
	assert_int_equal(sim_attach(sim_domain_new(false)), 0);
	assert_int_equal(stride_map(&sim.space, &map), 0);
	start = host_calls();
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	assert_in_range(host_calls() - start, 1, 16);
	sim_check();
	sim_end();
}

/* Up to the very end of the address space. */
static void test_end_of_iovas(void **state)
{
	(void)state;
	map_and_unmap(&bigs[5], -TIB, 0, false);
}

/**
 * struct growth - a kind of memory
 * @name:	for messages
 * @leaves:	the memory, of the smaller size
 * @bytes:	that size
 */
struct growth {
	const char *name;
	struct sim_leaves leaves;
	u64 bytes;
};

static const struct growth growths[] = {
	{ "4 KiB pages", { VADDR, 1 << 17, 0, 1 << 23, 1, SIM_RW, SIM_MEMORY },
	  GIB / 2 },
	{ "4 KiB pages, scattered", { VADDR, 1 << 17, 0, 1 << 23, 3, SIM_RW, SIM_MEMORY },
	  GIB / 2 },
	{ "2 MiB leaves, scattered", { VADDR, 1 << 14, 9, 1 << 30, 1024, SIM_RW, SIM_MEMORY },
	  TIB / 32 },
	{ "1 GiB leaves, scattered", { VADDR, 1024, 18, 1 << 30, 2 << 18, SIM_RW, SIM_MEMORY },
	  TIB },
	{ "raw 2 MiB leaves", { VADDR, 1 << 14, 9, SIM_BAR_PFN, 512, SIM_RW, SIM_PFNMAP },
	  TIB / 32 },
	{ "raw 1 GiB leaves", { VADDR, 16384, 18, SIM_BAR_PFN, 1 << 18, SIM_RW, SIM_PFNMAP },
	  16 * TIB },
};

/* Most host calls between two chances for others to run, whatever the size. */
#define CALLS_AT_A_TIME	8

/* What a mapping costs: host calls of its map and of its unmap, bytes of record. */
struct cost {
	u64 map;
	u64 unmap;
	u64 record;
	u64 longest;
};

static struct cost cost_of(const struct growth *growth, u64 times)
{
	struct stride_map_request map = { .iova = IOVA, .vaddr = VADDR,
					  .size = growth->bytes * times, .prot = STRIDE_READ };
	struct stride_unmap_request unmap = { .iova = IOVA, .size = map.size };
	struct sim_leaves leaves = growth->leaves;
	u64 start, before, unmapped;
	struct cost cost;

	sim_begin(1, SIM_OPTIONS);
	leaves.count *= times;
	sim_set_leaves(leaves);
	assert_int_equal(sim_attach(sim_domain_new(true)), 0);
	before = sim_heap.bytes;
	start = host_calls();
	assert_int_equal(stride_map(&sim.space, &map), 0);
	cost.map = host_calls() - start;
	cost.record = sim_heap.bytes - before;
	start = host_calls();
	assert_int_equal(stride_unmap(&sim.space, &unmap, &unmapped), 0);
	cost.unmap = host_calls() - start;
	cost.longest = sim_calls.longest;
	sim_end();
	return cost;
}

/* Four times the memory takes four times the work, and nobody else has to wait any longer. */
static void test_growth(void **state)
{
	u32 i;

	(void)state;
	for (i = 0; i < sizeof(growths) / sizeof(growths[0]); i++) {
		struct cost one = cost_of(growths + i, 1), four = cost_of(growths + i, 4);
		double gibs = growths[i].bytes / (double)GIB;

		print_message("# %s, a GiB: %.2f and %.2f calls, %.0f bytes; %llu at a time\n",
			      growths[i].name, four.map / gibs / 4, four.unmap / gibs / 4,
			      four.record / gibs / 4, four.longest);
		/* a window, or a chunk of the record, may begin later */
		assert_in_range(four.map, 1, 4 * one.map + one.map / 64 + 8);
		assert_in_range(four.unmap, 1, 4 * one.unmap + one.unmap / 64 + 8);
		assert_in_range(four.record, 0, 4 * one.record + 4096);
		assert_in_range(four.longest, 1, CALLS_AT_A_TIME);
	}
}

#define BIG(i) { bigs[i].name, test_big, NULL, NULL, (void *)&bigs[i] }

int main(void)
{
	const struct CMUnitTest tests[] = {
		BIG(0), BIG(1), BIG(2), BIG(3), BIG(4), BIG(5), BIG(6),
		BIG(7), BIG(8),
		cmocka_unit_test(test_late_domain),
		cmocka_unit_test(test_end_of_iovas),
		cmocka_unit_test(test_growth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
