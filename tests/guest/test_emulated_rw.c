// SPDX-License-Identifier: GPL-2.0
/*
 * vfio's copying for drivers of emulated devices: nothing is pinned, the process's memory changes.
 *
 * The driver may ask for it in the process's own system call or in a kernel thread, with the same
 * result, but for memory of another process, which only a kernel thread reaches.
 */
#include "other.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define SIZE (8 * PAGE)

struct way {
	const char *title;
	bool kthread;
};

struct copy {
	struct emulated *device;
	bool kthread;
};

static struct copy copy_of(struct fixture *f)
{
	const struct way *way = f->variant;

	return (struct copy){ &f->emulated, way->kthread };
}

/* both ways, and nothing beside it changes: at is the middle of at least size + 2 bytes */
static void assert_copies(struct copy c, uint64_t iova, char *at, size_t size)
{
	char pattern[SIZE], seen[SIZE], before = ~at[-1], behind = ~at[size];

	at[-1] = before;
	at[size] = behind;
	reach_fill(pattern, size);
	assert_int_equal(emulated_rw(c.device, iova, pattern, size, true, c.kthread), 0);
	assert_memory_equal(at, pattern, size);
	assert_int_equal(at[-1], before);
	assert_int_equal(at[size], behind);
	reach_fill(at, size);
	assert_int_equal(emulated_rw(c.device, iova, seen, size, false, c.kthread), 0);
	assert_memory_equal(at, seen, size);
}

static void assert_fails(struct copy c, uint64_t iova, size_t size, bool write, int error)
{
	char buffer[SIZE] = { 0 };

	assert_in_range(size, 0, SIZE);
	assert_int_equal(emulated_rw(c.device, iova, buffer, size, write, c.kthread), -error);
}

static void assert_both_fail(struct copy c, uint64_t iova, size_t size, int error)
{
	assert_fails(c, iova, size, false, error);
	assert_fails(c, iova, size, true, error);
}

static struct memory *map_small(struct fixture *f, uint32_t flags)
{
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	assert_int_equal(vfio_map(&f->container, IOVA, m->at, m->size, flags), 0);
	return m;
}

static void any_bytes(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f, DEVICE_BOTH);

	assert_copies(copy_of(f), IOVA + 1, m->at + 1, 1);
	assert_copies(copy_of(f), IOVA + 100, m->at + 100, PAGE);
	assert_copies(copy_of(f), IOVA + PAGE - 1, m->at + PAGE - 1, 2);
	assert_copies(copy_of(f), IOVA + 1, m->at + 1, SIZE - 2);
	assert_int_equal(judge_pins(), 0);
	assert_int_equal(judge_locked(), 0);
}

static void memory_never_touched(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL_FRESH, SIZE);
	char pattern[2 * PAGE];

	assert_map(&f->container, IOVA, m->at, m->size);
	reach_fill(pattern, sizeof(pattern));
	assert_int_equal(emulated_rw(&f->emulated, IOVA, pattern, sizeof(pattern), true,
				     copy_of(f).kthread), 0);
	assert_memory_equal(m->at, pattern, sizeof(pattern));
}

/* their memory lies in another order than their IOVAs */
static void several_mappings(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	char pattern[3 * PAGE], seen[3 * PAGE];
	bool kthread = copy_of(f).kthread;

	for (uint64_t i = 0; i < 3; i++)
		assert_map(&f->container, IOVA + i * PAGE, m->at + (5 - 2 * i) * PAGE, PAGE);
	reach_fill(pattern, sizeof(pattern));
	assert_int_equal(emulated_rw(&f->emulated, IOVA + 1, pattern + 1, 3 * PAGE - 2, true,
				     kthread), 0);
	assert_memory_equal(m->at + 5 * PAGE + 1, pattern + 1, PAGE - 1);
	assert_memory_equal(m->at + 3 * PAGE, pattern + PAGE, PAGE);
	assert_memory_equal(m->at + PAGE, pattern + 2 * PAGE, PAGE - 1);
	assert_int_equal(emulated_rw(&f->emulated, IOVA + 1, seen + 1, 3 * PAGE - 2, false,
				     kthread), 0);
	assert_memory_equal(seen + 1, pattern + 1, 3 * PAGE - 2);
}

/* what lies before the hole is copied */
static void holes(void **state)
{
	struct fixture *f = *state;
	struct copy c = copy_of(f);
	struct memory *m = map_small(f, DEVICE_BOTH);
	char pattern[PAGE];

	assert_both_fail(c, IOVA - 1, 1, EINVAL);
	assert_both_fail(c, IOVA - 1, 2, EINVAL);
	assert_both_fail(c, IOVA + SIZE, 1, EINVAL);
	assert_fails(c, IOVA + SIZE - 1, 2, false, EINVAL);
	reach_fill(pattern, PAGE);
	assert_int_equal(emulated_rw(c.device, IOVA + SIZE - 100, pattern, PAGE, true, c.kthread),
			 -EINVAL);
	assert_memory_equal(m->at + SIZE - 100, pattern, 100);
}

static void no_bytes(void **state)
{
	struct fixture *f = *state;

	map_small(f, DEVICE_BOTH);
	assert_both_fail(copy_of(f), IOVA, 0, EINVAL);
}

/* who writes must be allowed to read as well */
static void directions(void **state)
{
	struct fixture *f = *state;
	struct copy c = copy_of(f);
	struct memory *m = map_small(f, DEVICE_READ);
	char seen[PAGE];

	assert_fails(c, IOVA, 1, true, EPERM);
	assert_int_equal(emulated_rw(c.device, IOVA, seen, PAGE, false, c.kthread), 0);
	assert_memory_equal(seen, m->at, PAGE);
	assert_int_equal(vfio_map(&f->container, IOVA + SIZE, m->at, SIZE, DEVICE_WRITE), 0);
	assert_both_fail(c, IOVA + SIZE, 1, EPERM);
	assert_fails(c, IOVA + SIZE - 1, 2, false, EPERM);
}

static void memory_that_is_not_there(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f, DEVICE_BOTH);

	assert_int_equal(munmap(m->at + PAGE, PAGE), 0);
	assert_both_fail(copy_of(f), IOVA + PAGE, 1, EFAULT);
	assert_both_fail(copy_of(f), IOVA + PAGE - 1, 2, EFAULT);
	assert_copies(copy_of(f), IOVA + 1, m->at + 1, PAGE - 2);
}

static void memory_that_may_only_be_read(void **state)
{
	struct fixture *f = *state;
	struct memory *m = map_small(f, DEVICE_BOTH);

	assert_int_equal(mprotect(m->at, PAGE, PROT_READ), 0);
	assert_fails(copy_of(f), IOVA, 1, true, EFAULT);
	assert_fails(copy_of(f), IOVA, 1, false, 0);
}

static void first_version_of_type1(void **state)
{
	struct fixture *f = *state;
	struct memory *m;

	emulated_close(&f->emulated);
	vfio_container_close(&f->container);
	vfio_container_open(&f->container, VFIO_TYPE1_IOMMU);
	emulated_open(&f->emulated, &f->container, 0);
	m = map_small(f, DEVICE_BOTH);
	assert_copies(copy_of(f), IOVA + 1, m->at + 1, PAGE);
}

static void memory_of_another_process(void **state)
{
	struct fixture *f = *state;
	struct copy c = copy_of(f);
	struct memory *m = memory_get(MEMORY_SHMEM, SIZE);

	other_maps(f, m, 'c');
	if (c.kthread)
		assert_copies(c, IOVA + 1, m->at + 1, SIZE - 2);
	else
		assert_both_fail(c, IOVA, 1, EFAULT);
}

static void process_that_is_gone(void **state)
{
	struct fixture *f = *state;

	other_maps(f, memory_get(MEMORY_SHMEM, SIZE), 'c');
	other_ends(f);
	assert_both_fail(copy_of(f), IOVA, 1, EPERM);
}

static void process_that_runs_another_program(void **state)
{
	struct fixture *f = *state;

	other_maps(f, memory_get(MEMORY_SHMEM, SIZE), 'c');
	other_execs(f);
	assert_both_fail(copy_of(f), IOVA, 1, EPERM);
}

#define one_way(f, title, kthread) \
	{ title, f, fixture_setup_emulated, fixture_teardown, \
	  (void *)&(const struct way){ title, kthread } }
#define both_ways(f) one_way(f, #f " by_process", false), one_way(f, #f " by_kthread", true)

int main(void)
{
	const struct CMUnitTest tests[] = {
		both_ways(any_bytes),
		both_ways(memory_never_touched),
		both_ways(several_mappings),
		both_ways(holes),
		both_ways(no_bytes),
		both_ways(directions),
		both_ways(memory_that_is_not_there),
		both_ways(memory_that_may_only_be_read),
		both_ways(first_version_of_type1),
		both_ways(memory_of_another_process),
		both_ways(process_that_is_gone),
		both_ways(process_that_runs_another_program),
	};

	return cmocka_run_group_tests_name("emulated rw", tests, NULL, NULL);
}
