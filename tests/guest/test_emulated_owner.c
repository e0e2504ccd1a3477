// SPDX-License-Identifier: GPL-2.0
/*
 * What is pinned in a container of emulated devices belongs to the process that mapped it, not to
 * the one whose device pins it, or that brings a real group.
 */
#include "other.h"

#include <errno.h>
#include <string.h>

#define NPAGES 16
#define SIZE (NPAGES * PAGE)

static void owner_of_the_mapping_is_charged(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	char seen[2];

	memset(m->at, 'p', m->size);
	other_maps(f, m, 'c');
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 2, DEVICE_BOTH), 2);
	assert_int_equal(judge_pins(), 2);
	assert_int_equal(judge_locked(), 0);
	assert_int_equal(judge_locked_by(f->child), 2 * PAGE);
	assert_int_equal(emulated_touch(&f->emulated, IOVA + PAGE - 1, seen, 2, false), 0);
	assert_memory_equal(seen, "cc", 2);
	emulated_unpin(&f->emulated, IOVA, 1);
	assert_int_equal(judge_locked_by(f->child), PAGE);
}

static void owner_is_gone(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	char seen;

	other_maps(f, m, 'c');
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_BOTH), 1);
	other_ends(f);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + PAGE, 1, DEVICE_BOTH), -ENODEV);
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 2, DEVICE_BOTH), -ENODEV);
	assert_int_equal(judge_pins(), 1);
	assert_int_equal(emulated_touch(&f->emulated, IOVA, &seen, 1, false), 0);
	assert_int_equal(seen, 'c');
}

static void owner_runs_another_program(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);

	other_maps(f, m, 'c');
	assert_int_equal(emulated_pin(&f->emulated, IOVA, 1, DEVICE_BOTH), 1);
	other_execs(f);
	assert_int_equal(emulated_pin(&f->emulated, IOVA + PAGE, 1, DEVICE_BOTH), -ENODEV);
	assert_int_equal(judge_pins(), 1);
	assert_int_equal(judge_locked_by(f->child), 0);
}

/* in-tree pins the memory of whoever brings the real group, at the same address */
static void real_group_of_another_process(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	char bytes[REACH];

	memset(m->at, 'p', m->size);
	other_maps(f, m, 'c');
	edu_open(&f->edu, &f->container, EDU_FIRST);
	assert_int_equal(judge_pins(), NPAGES);
	assert_int_equal(judge_locked_by(f->child), SIZE);
	memset(bytes, vfio_in_tree() ? 'p' : 'c', REACH);
	assert_device_sees(&f->edu, IOVA + PAGE - 2, bytes, REACH);
	edu_close(&f->edu);
	assert_int_equal(judge_locked_by(f->child), 0);
}

/* in-tree again takes the memory of whoever brings the group */
static void real_group_when_the_owner_is_gone(void **state)
{
	struct fixture *f = *state;
	struct memory *m = memory_get(MEMORY_SMALL, SIZE);
	char bytes[REACH];

	memset(m->at, 'p', m->size);
	memset(bytes, 'p', REACH);
	other_maps(f, m, 'c');
	other_ends(f);
	if (vfio_in_tree()) {
		edu_open(&f->edu, &f->container, EDU_FIRST);
		assert_device_sees(&f->edu, IOVA + PAGE - 2, bytes, REACH);
		return;
	}
	assert_int_equal(vfio_group_open(&f->device, &f->container, EDU_FIRST), -ENODEV);
	assert_int_equal(judge_pins(), 0);
	assert_unmap(&f->container, IOVA, SIZE);
	edu_open(&f->edu, &f->container, EDU_FIRST);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		guest_test_emulated(owner_of_the_mapping_is_charged),
		guest_test_emulated(owner_is_gone),
		guest_test_emulated(owner_runs_another_program),
		guest_test_emulated(real_group_of_another_process),
		guest_test_emulated(real_group_when_the_owner_is_gone),
	};

	return cmocka_run_group_tests_name("emulated owner", tests, NULL, NULL);
}
