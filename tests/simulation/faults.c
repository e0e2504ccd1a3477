// SPDX-License-Identifier: GPL-2.0
#include <string.h>
#include "faults.h"

/** map_at() - map so many pages of the process, from the first one on */
int map_at(u64 iova, u64 npages)
{
	struct stride_map_request request = {
		.iova = iova,
		.vaddr = SCENE_VADDR,
		.size = pages(npages),
		.prot = STRIDE_READ | STRIDE_WRITE,
	};

	return stride_map(&sim.space, &request);
}

/** set_memory() - memory, from page @page of the process on */
void set_memory(u64 page, u64 count, u32 order, u64 pfn, long long step, enum sim_kind kind)
{
	sim_set_leaves((struct sim_leaves){
		.vaddr = SCENE_VADDR + pages(page),
		.count = count,
		.order = order,
		.pfn = pfn,
		.step = step,
		.kind = kind,
	});
}

/** set_mixed() - everything in one range */
void set_mixed(void)
{
	u64 small = sim_zone_pfn(SIM_SMALL), huge = sim_zone_pfn(SIM_HUGE);

	set_memory(0, 30, 0, small, 1, SIM_MEMORY);
	set_memory(30, 10, 0, sim_zone_pfn(SIM_ZERO), 0, SIM_MEMORY);
	set_memory(40, 10, 0, sim_zone_pfn(SIM_RESERVED), 1, SIM_MEMORY);
	set_memory(50, 462, 0, huge + 50, 1, SIM_MEMORY);
	set_memory(512, 2, STRIDE_PMD_ORDER, huge, 512, SIM_MEMORY);
	set_memory(1536, 600, 0, SIM_BAR_PFN, 1, SIM_PFNMAP);
	set_memory(2136, 40, 0, small + 5, -1, SIM_MEMORY);
}

/** domains() - so many join */
void domains(u32 n)
{
	while (n--)
		assert_int_equal(sim_attach(sim_domain_new(n & 1)), 0);
}

/** attach() - one more joins */
int attach(void)
{
	return sim_attach(sim_domain_new(true));
}

static const struct {
	enum sim_call call;
	int with;
	int due;
	bool harmless;
} failures[] = {
	{ SIM_CALL_ALLOC, 0, -ENOMEM, false },
	{ SIM_CALL_MAPPING_NEW, 0, -ENOMEM, false },
	{ SIM_CALL_PIN, -EOPNOTSUPP, -EOPNOTSUPP, false },
	{ SIM_CALL_PIN, 0, -EFAULT, false },
	{ SIM_CALL_LEAF, 0, 0, true },
	{ SIM_CALL_PFNMAP, -ENXIO, -ENXIO, false },
	{ SIM_CALL_CHARGE, -ENOMEM, -ENOMEM, false },
	{ SIM_CALL_MAP, -EIO, -EIO, false },
	{ SIM_CALL_CHANGE_OWNER, -ERANGE, -ERANGE, false },
	{ SIM_CALL_HOLD_ADD, 0, -ENOMEM, false },
	{ SIM_CALL_ACCESS, -EPIPE, -EPIPE, false },
	{ SIM_CALL_ACCESS, 0, -EFAULT, false },
	{ SIM_CALL_ACCESS, 7, -EFAULT, false },
	{ SIM_CALL_COPY_IN, -ESPIPE, -ESPIPE, false },
	{ SIM_CALL_COPY_OUT, -EROFS, -EROFS, false },
	/* A fatal signal after the last place where the engine asks for one changes nothing. */
	{ SIM_CALL_KILLED, -EINTR, -EINTR, true },
};

/* One failure; returns false if the operation has no such call. */
static bool fail_once(const struct operation *operation, size_t failure, u64 nth)
{
	enum sim_call call = failures[failure].call;
	bool harmless = failures[failure].harmless || operation->harmless & 1u << call;
	struct sim_state before;
	bool failed;
	int err, due;

	sim_begin(nth, SIM_OPTIONS);
	sim_run.step = call;
	operation->prepare();
	before = sim_state();
	sim_inject(call, nth, failures[failure].with);
	err = operation->run();
	failed = sim_calls.hits;
	due = failed ? failures[failure].due : 0;
	sim_inject_none();

	if (err != due && !(harmless && !err))
		sim_violation("%s: answer %d, due was %d", operation->name, err, due);
	sim_check();
	if (err) {
		sim_check_same(&before);
		assert_int_equal(operation->run(), 0);
		sim_check();
	}
	sim_end();
	return failed;
}

/* Every failure at every place in one operation, which is the test's state. */
static void test_operation(void **state)
{
	u64 nth, failed = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(failures); i++)
		for (nth = 1; fail_once(*state, i, nth); nth++)
			failed++;
	assert_true(failed);
}

/** run_operations() - all tests of a program: its @n operations, one by one, and @m others */
int run_operations(const struct operation *operations, size_t n, const struct CMUnitTest *others,
		   size_t m)
{
	struct CMUnitTest tests[n + m];
	size_t i;

	for (i = 0; i < n; i++)
		tests[i] = (struct CMUnitTest){
			.name = operations[i].name,
			.test_func = test_operation,
			.initial_state = (void *)&operations[i],
		};
	memcpy(tests + n, others, m * sizeof(tests[0]));
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/**
 * refuse_undo() - begins a world where an operation fails and the IOMMU does not let it be undone
 * @prepare:	what is there before
 * @run:	the operation
 * @nth:	which map fails
 * @call:	what is refused then: SIM_CALL_CLEAR or SIM_CALL_SWEEP
 *
 * Return: what there was before.
 */
struct sim_state refuse_undo(void (*prepare)(void), int (*run)(void), u64 nth,
			     enum sim_call call)
{
	struct sim_state before;

	sim_begin(nth, SIM_OPTIONS);
	prepare();
	before = sim_state();
	sim_inject(SIM_CALL_MAP, nth, -EIO);
	sim_inject(call, 1, 0);
	assert_int_equal(run(), -EIO);
	assert_int_equal(sim_calls.hits, 2);
	sim_inject_none();
	sim_check();
	return before;
}
