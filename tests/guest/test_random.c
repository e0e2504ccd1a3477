// SPDX-License-Identifier: GPL-2.0
/*
 * Random maps and unmaps of random memory in a window of IOVAs, against a model that knows for each
 * page of the window what is behind it; now and then the device tries a page.
 *
 * GUEST_SEED in the environment repeats a run.
 */
#include "fixture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

#define WINDOW 4096u		/* pages */
#define OPERATIONS 1500
#define CHECK_EVERY 100		/* operations; a check takes 200 to 300 ms */

static struct memory *areas[4];

/* behind: what is, or else was last, behind the page; id: of its mapping, 0 for none */
static struct model {
	char *behind;
	unsigned int id;
} model[WINDOW];

static uint64_t seed, mapped;
static unsigned int last_id;

static uint64_t below(uint64_t limit)
{
	uint64_t z = seed += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return (z ^ z >> 31) % limit;
}

/* short ones and long ones alike often */
static unsigned int random_length(unsigned int limit)
{
	unsigned int length = 1 + below(1u << (1 + below(10)));

	return length < limit ? length : limit;
}

static bool is_free(unsigned int first, unsigned int count)
{
	for (unsigned int i = first; i < first + count; i++)
		if (model[i].id)
			return false;
	return true;
}

static bool is_inside(unsigned int page)
{
	return page && page < WINDOW && model[page].id && model[page].id == model[page - 1].id;
}

static void random_map(struct fixture *f)
{
	struct memory *area = areas[below(4)];
	unsigned int first = below(WINDOW), count = random_length(WINDOW - first);
	char *at = area->at + below(area->size / PAGE - count) * PAGE;
	bool free = is_free(first, count);

	assert_int_equal(vfio_map(&f->container, IOVA + first * PAGE, at, count * PAGE,
				  DEVICE_BOTH), free ? 0 : -EEXIST);
	if (!free)
		return;
	last_id++;
	for (unsigned int i = 0; i < count; i++)
		model[first + i] = (struct model){ at + i * PAGE, last_id };
	mapped += count;
}

/* takes [first, first + count) out of the model: how many pages were mapped */
static unsigned int forget(unsigned int first, unsigned int count)
{
	unsigned int gone = 0;

	for (unsigned int i = first; i < first + count; i++) {
		gone += !!model[i].id;
		model[i].id = 0;
	}
	mapped -= gone;
	return gone;
}

static void random_unmap(struct fixture *f)
{
	unsigned int first = below(WINDOW), count = random_length(WINDOW - first);
	uint64_t written;
	bool bisects;

	if (below(4)) {		/* else most would bisect something */
		while (is_inside(first))
			first--;
		while (is_inside(first + count))
			count++;
	}
	bisects = is_inside(first) || is_inside(first + count);
	assert_int_equal(vfio_unmap(&f->container, IOVA + first * PAGE, count * PAGE, 0, &written),
			 bisects ? -EINVAL : 0);
	assert_int_equal(written, PAGE * (bisects ? count : forget(first, count)));
}

static void random_check(struct fixture *f)
{
	bool mapped_one = below(3);
	unsigned int page = below(WINDOW);

	for (unsigned int i = 0; i < WINDOW && !!model[page].id != mapped_one; i++)
		page = (page + 1) % WINDOW;
	if (model[page].id)
		assert_reaches(&f->edu, IOVA + page * PAGE, model[page].behind, REACH);
	else
		assert_unreachable(&f->edu, IOVA + page * PAGE, model[page].behind);
}

static void get_areas(void)
{
	areas[0] = memory_get(MEMORY_THP, 8 * MIB);
	areas[1] = memory_get(MEMORY_SMALL, 8 * MIB);
	areas[2] = memory_get(MEMORY_HUGETLB_2M, 8 * MIB);
	areas[3] = memory_get(MEMORY_MEMFD, 8 * MIB);
	for (unsigned int i = 0; i < WINDOW; i++)
		model[i] = (struct model){ areas[0]->at, 0 };
	mapped = 0;
}

static void seed_it(void)
{
	const char *given = getenv("GUEST_SEED");

	if (given)
		seed = strtoull(given, NULL, 0);
	else
		assert_int_equal(getrandom(&seed, sizeof(seed), 0), sizeof(seed));
	print_message("# GUEST_SEED=0x%llx\n", (unsigned long long)seed);
}

static void maps_and_unmaps(void **state)
{
	struct fixture *f = *state;
	uint64_t written;

	seed_it();
	get_areas();
	for (unsigned int i = 1; i <= OPERATIONS; i++) {
		if (below(2))
			random_map(f);
		else
			random_unmap(f);
		assert_int_equal(judge_locked(), mapped * PAGE);
		if (i % CHECK_EVERY == 0)
			random_check(f);
	}
	assert_int_equal(vfio_unmap(&f->container, 0, 0, VFIO_DMA_UNMAP_FLAG_ALL, &written), 0);
	assert_int_equal(written, mapped * PAGE);
}

static void maps_and_unmaps_small_pages(void **state)
{
	maps_and_unmaps(state);
}

static int setup_small(void **state)
{
	vfio_parameter_set("disable_hugepages", "Y", NULL);
	return fixture_setup(state);
}

static int teardown_small(void **state)
{
	vfio_parameter_set("disable_hugepages", "N", NULL);
	return fixture_teardown(state);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test(maps_and_unmaps),
		guest_test_with(maps_and_unmaps_small_pages, setup_small, teardown_small),
	};

	return cmocka_run_group_tests_name("random", tests, NULL, NULL);
}
