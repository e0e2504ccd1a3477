// SPDX-License-Identifier: GPL-2.0
#include "user.h"

/** user_begin() - a world with the user in it */
void user_begin(bool v2, u32 available)
{
	sim_begin(1, v2, available);
	sim_put((struct sim_leaves){
		.vaddr = USER_VADDR,
		.count = USER_PAGES,
		.pfn = sim_zone_pfn(SIM_SMALL),
		.step = 1,
	});
	sim_attach(sim_domain_new(false));
}

/** user_end() - the end of it, in order */
void user_end(void)
{
	sim_check();
	sim_end();
}

/** user_map() - what a map answers */
int user_map(u64 ipn, u64 npages)
{
	struct stride_map_request request = {
		.iova = ipn << STRIDE_PAGE_SHIFT,
		.vaddr = USER_VADDR,
		.size = npages << STRIDE_PAGE_SHIFT,
		.prot = STRIDE_READ,
		.leaves = true,
	};
	int err = stride_map(&sim.space, &request);

	sim_check();
	return err;
}

static long long unmap(struct stride_unmap_request request)
{
	u64 unmapped = ~0ULL;
	int err = stride_unmap(&sim.space, &request, &unmapped);

	sim_check();
	if (err && unmapped != ~0ULL)
		sim_broken("an unmap that failed wrote a size");
	return err ? err : (long long)(unmapped >> STRIDE_PAGE_SHIFT);
}

/** user_unmap() - pages unmapped, or why not */
long long user_unmap(u64 ipn, u64 npages)
{
	return unmap((struct stride_unmap_request){
		.iova = ipn << STRIDE_PAGE_SHIFT,
		.size = npages << STRIDE_PAGE_SHIFT,
	});
}

/** user_unmap_all() - pages unmapped */
long long user_unmap_all(void)
{
	return unmap((struct stride_unmap_request){ .all = true });
}

/** user_has() - does the device see anything there? */
bool user_has(u64 ipn)
{
	u64 pfn;
	u32 prot;

	return sim_translate(sim.domains, ipn << STRIDE_PAGE_SHIFT, &pfn, &prot);
}
