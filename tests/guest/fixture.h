/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What nearly every test stands on: a container with the group of the first edu device or of the
 * first emulated one in it, enclosed by the judge.
 *
 * The teardown closes whatever is still open of what the fixture names, also after a failure, so
 * a test may leave everything mapped and open.
 */
#ifndef GUEST_FIXTURE_H
#define GUEST_FIXTURE_H

#include "cm.h"
#include "edu.h"
#include "emulated.h"
#include "judge.h"
#include "memory.h"
#include "reach.h"
#include "vfio.h"

#include <sys/types.h>

/* where tests map, well away from the edge and from the MSI window */
#define IOVA (4 * GIB)

struct fixture {
	struct vfio_container container;
	struct edu edu;
	/* closed, for tests that want more */
	struct vfio_container container2;
	struct edu edu2;
	struct emulated emulated, emulated2;
	struct vfio_device device;
	pid_t child;		/* killed if the test leaves it behind; 0: none */
	const void *variant;	/* the test's initial state: see guest_test_with() */
};

int fixture_setup(void **state);	/* VFIO_TYPE1v2_IOMMU */
int fixture_setup_v1(void **state);	/* VFIO_TYPE1_IOMMU */
int fixture_setup_emulated(void **state);	/* emulated instead of edu, VFIO_TYPE1v2_IOMMU */
int fixture_setup_closed(void **state);	/* the judge alone: the test opens things itself */
int fixture_teardown(void **state);

/*
 * The first member of a test's initial state is its title: the fixture writes it to the kernel's
 * log, so that a splat there names its test.
 */
#define guest_test_with(f, setup, teardown) \
	{ #f, f, setup, teardown, (void *)&(const char *const){ #f } }

#define guest_test(f) guest_test_with(f, fixture_setup, fixture_teardown)
#define guest_test_v1(f) guest_test_with(f, fixture_setup_v1, fixture_teardown)
#define guest_test_emulated(f) guest_test_with(f, fixture_setup_emulated, fixture_teardown)
#define guest_test_closed(f) guest_test_with(f, fixture_setup_closed, fixture_teardown)

/* so many pages pinned, and each charged to this process */
#define assert_held(pages) \
	do { \
		assert_int_equal(judge_pins(), pages); \
		assert_int_equal(judge_locked(), (pages) * PAGE); \
	} while (0)

/*
 * Forks; in the child it returns 0, and the child must end by _exit(). A failed assertion ends it
 * with FIXTURE_CHILD_FAILED.
 */
#define FIXTURE_CHILD_FAILED 99
pid_t fixture_fork(struct fixture *fixture);

/* waits for the child: its status, as of waitpid() */
int fixture_wait(struct fixture *fixture);

#define guest_rows(table) (sizeof(table) / sizeof(*(table)))

/* a test for each of a table's rows; test is where they go, and moves on */
#define guest_add_rows_with(test, table, f, setup, teardown) \
	do { \
		for (unsigned int _i = 0; _i < guest_rows(table); _i++) \
			*(test)++ = (struct CMUnitTest){ (table)[_i].title, f, setup, teardown, \
							 (void *)&(table)[_i] }; \
	} while (0)

#define guest_add_rows(test, table, f) \
	guest_add_rows_with(test, table, f, fixture_setup, fixture_teardown)

#endif
