// SPDX-License-Identifier: GPL-2.0
#include "user.h"

static void begin_world(bool v2, u32 available)
{
	sim_begin(1, (struct stride_space_options){
		.v2 = v2, .leaf_pins = true, .max_mappings = available });
	sim_set_leaves((struct sim_leaves){
		.vaddr = USER_VADDR,
		.count = USER_PAGES,
		.pfn = sim_zone_pfn(SIM_SMALL),
		.step = 1,
	});
}

/** user_begin() - a world with the user in it, and one domain */
void user_begin(bool v2, u32 available)
{
	begin_world(v2, available);
	sim_attach(sim_domain_new(false));
}

/** user_begin_emulated() - with an emulated device instead of a domain */
void user_begin_emulated(void)
{
	begin_world(true, 100);
	sim_emulated_attach();
}

/** user_end() - all checks, then the end of the world */
void user_end(void)
{
	sim_check();
	sim_end();
}

/** user_attach() - one more domain joins, or why it cannot */
int user_attach(void)
{
	int err = sim_attach(sim_domain_new(true));

	sim_check();
	return err;
}

/** user_detach() - the domain that joined last leaves */
void user_detach(void)
{
	sim_detach(sim.domains);
	sim_check();
}

/** user_map_prot() - what a map answers */
int user_map_prot(u64 ipn, u64 npages, u32 prot)
{
	struct stride_map_request request = {
		.iova = ipn << STRIDE_PAGE_SHIFT,
		.vaddr = USER_VADDR,
		.size = npages << STRIDE_PAGE_SHIFT,
		.prot = prot,
	};
	int err = stride_map(&sim.space, &request);

	sim_check();
	return err;
}

/** user_map() - the same, to be read */
int user_map(u64 ipn, u64 npages)
{
	return user_map_prot(ipn, npages, STRIDE_READ);
}

static long long unmap_request(struct stride_unmap_request request)
{
	u64 unmapped = ~0ULL;
	int err = stride_unmap(&sim.space, &request, &unmapped);

	sim_check();
	if (err && unmapped != ~0ULL)
		sim_violation("an unmap that failed wrote a size");
	return err ? err : (long long)(unmapped >> STRIDE_PAGE_SHIFT);
}

/** user_unmap() - pages unmapped, or why not */
long long user_unmap(u64 ipn, u64 npages)
{
	return unmap_request((struct stride_unmap_request){
		.iova = ipn << STRIDE_PAGE_SHIFT,
		.size = npages << STRIDE_PAGE_SHIFT,
	});
}

/** user_unmap_all() - pages unmapped */
long long user_unmap_all(void)
{
	return unmap_request((struct stride_unmap_request){ .all = true });
}

/** user_has() - does the device see anything there? */
bool user_has(u64 ipn)
{
	u64 pfn;
	u32 prot;

	return sim_translate(sim.domains, ipn << STRIDE_PAGE_SHIFT, &pfn, &prot);
}

/** user_hold() - what the driver is answered, for the pages that the user's memory has there */
int user_hold(u64 ipn, u32 npages)
{
	u64 iova = ipn << STRIDE_PAGE_SHIFT, pfns[USER_PAGES];
	const struct stride_mapping *m;
	u32 i;
	int err;

	err = stride_hold(&sim.space, iova, npages, STRIDE_READ, pfns);
	sim_check();
	for (i = 0; !err && i < npages; i++, iova += STRIDE_PAGE_SIZE) {
		m = stride_space_first(&sim.space, iova, iova);
		if (pfns[i] != sim_zone_pfn(SIM_SMALL) + ((iova - m->iova) >> STRIDE_PAGE_SHIFT))
			sim_violation("iova 0x%llx is held as pfn 0x%llx", iova, pfns[i]);
	}
	return err;
}

/** user_unhold() - what the driver is answered */
u32 user_unhold(u64 ipn, u32 npages)
{
	u32 n = stride_unhold(&sim.space, ipn << STRIDE_PAGE_SHIFT, npages);

	sim_check();
	return n;
}

/** user_write() - the driver writes, in bytes */
int user_write(u64 iova, u64 bytes)
{
	static unsigned char buffer[1 << 21];
	const struct stride_mapping *m;
	u64 i;
	int err;

	for (i = 0; i < bytes && bytes <= sizeof(buffer); i++) {
		m = stride_space_first(&sim.space, iova + i, iova + i);
		if (m)
			buffer[i] = sim_byte(sim_self, USER_VADDR + (iova + i - m->iova), true);
	}
	err = stride_access(&sim.space, iova, buffer, bytes, true);
	sim_check();
	return err;
}
