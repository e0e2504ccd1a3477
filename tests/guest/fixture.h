/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What nearly every test stands on: a container with the first edu device's group in it, enclosed
 * by the judge.
 *
 * The teardown closes whatever is still open of what the fixture names, also after a failure, so
 * a test may leave everything mapped and open.
 */
#ifndef GUEST_FIXTURE_H
#define GUEST_FIXTURE_H

#include "cm.h"
#include "edu.h"
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
	struct vfio_device device;
	pid_t child;		/* killed if the test leaves it behind; 0: none */
	const void *variant;	/* the test's initial state */
};

int fixture_setup(void **state);	/* VFIO_TYPE1v2_IOMMU */
int fixture_setup_v1(void **state);	/* VFIO_TYPE1_IOMMU */
int fixture_setup_closed(void **state);	/* the judge alone: the test opens things itself */
int fixture_teardown(void **state);

#define guest_test(f) cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
#define guest_test_v1(f) cmocka_unit_test_setup_teardown(f, fixture_setup_v1, fixture_teardown)
#define guest_test_closed(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup_closed, fixture_teardown)

/*
 * Forks; in the child it returns 0, and the child must end by _exit(). A failed assertion ends it
 * with FIXTURE_CHILD_FAILED.
 */
#define FIXTURE_CHILD_FAILED 99
pid_t fixture_fork(struct fixture *fixture);

/* waits for the child: its status, as of waitpid() */
int fixture_wait(struct fixture *fixture);

/* one function for a table of variants, each with its own name */
#define guest_test_variant(f, title, which) \
	{ title, f, fixture_setup, fixture_teardown, (void *)(which) }

#endif
