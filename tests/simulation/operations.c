// SPDX-License-Identifier: GPL-2.0
#include "operations.h"

struct model model;
bool giants;

/** one_in() - true once in @n times */
bool one_in(u64 n)
{
	return !sim_below(n);
}

u64 random_npages(void)
{
	switch (sim_below(4)) {
	case 0:
		return 1 + sim_below(4);
	case 1:
		return 1 + sim_below(100);
	default:
		return 1 + sim_below(3 * STRIDE_PMD_PAGES);
	}
}

/** random_mapping() - NULL if there is none */
const struct model_mapping *random_mapping(void)
{
	const struct model_mapping *m = model.mappings;
	u64 i = model.count ? sim_below(model.count) : 0;

	while (i--)
		m = m->next;
	return m;
}

/** random_iova() - where something is or ends; or low, or up to the end of the address space */
u64 random_iova(void)
{
	const struct model_mapping *m = random_mapping();

	if (m && !one_in(4))
		return one_in(2) ? m->iova : m->last + 1;
	return pages(sim_below(IOVA_PAGES)) - (one_in(4) ? pages(IOVA_PAGES) : 0);
}

/** spoil() - make a range invalid: unaligned, empty, or wrapping */
void spoil(u64 *iova, u64 *size)
{
	switch (sim_below(4)) {
	case 0:
		*iova += 1 + sim_below(STRIDE_PAGE_SIZE - 1);
		return;
	case 1:
		*size += 1 + sim_below(STRIDE_PAGE_SIZE - 1);
		return;
	case 2:
		*size = 0;
		return;
	default:
		*size = STRIDE_PAGE_SIZE - *iova;
	}
}

void align(u64 *what)
{
	*what &= ~(model.page_size - 1);
}

static const int fail_with[] = {
	[SIM_CALL_ALLOC] = -ENOMEM,
	[SIM_CALL_MAPPING_NEW] = -ENOMEM,
	[SIM_CALL_PIN] = -ENOTTY,
	[SIM_CALL_LEAF] = 0,
	[SIM_CALL_PFNMAP] = -ENXIO,
	[SIM_CALL_CHARGE] = -EDOM,
	[SIM_CALL_MAP] = -EIO,
	[SIM_CALL_CLEAR] = 0,
	[SIM_CALL_CHANGE_OWNER] = -ERANGE,
	[SIM_CALL_HOLD_ADD] = -ENOMEM,
	[SIM_CALL_ACCESS] = -EPIPE,
	[SIM_CALL_COPY_IN] = -ESPIPE,
	[SIM_CALL_COPY_OUT] = -EROFS,
	[SIM_CALL_SWEEP] = 0,
	[SIM_CALL_KILLED] = -EINTR,
};

/** inject_some() - let one of the next calls of a kind fail */
void inject_some(enum sim_call call)
{
	u64 nth = 1 + sim_below(one_in(2) ? 3 : 30);

	sim_inject(call, nth, fail_with[call]);
}

/** check_answer() - is it the answer due, given which host calls failed? Ends the injection. */
void check_answer(int err, int due, enum sim_call call)
{
	u64 failed = sim_calls.hits;

	sim_inject_none();
	if (err == due && !failed)
		return;
	if (failed && err == fail_with[call])
		return;
	/* The first error wins; the engine does without a leaf, a bitmap, a place to be killed. */
	if (failed && err == due && (err || call == SIM_CALL_LEAF || call == SIM_CALL_KILLED ||
				     call == SIM_CALL_ALLOC))
		return;
	/* After any failed pin raw pfns are tried. */
	if (failed && err == due && call == SIM_CALL_PIN)
		return;
	sim_violation("answer %d, due was %d; %llu calls failed with %d", err, due, failed,
		      fail_with[call]);
}
