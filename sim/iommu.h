/* SPDX-License-Identifier: GPL-2.0 */
/*
 * IOMMU domains.
 */
#ifndef SIM_IOMMU_H
#define SIM_IOMMU_H

#include "observed.h"

/** struct sim_translation - a run that a domain, or after a clear its IOTLB, translates */
struct sim_translation {
	struct sim_span span;
	u64 pfn;
	u32 prot;
	bool leaked;
	struct sim_translation *next;
};

/**
 * struct sim_domain - an IOMMU domain
 * @stride:	the engine's part
 * @next:	the container's next domain
 * @live:	what the table translates, by ipn
 * @stale:	what the IOTLB may still translate: cleared, not synced
 * @leafwise:	the IOMMU makes entries of any power of two and clears only whole ones
 * @pages:	that the table translates
 * @leaked:	those of them that it refused to let go
 * @observer:	how far the mapping being populated was checked
 */
struct sim_domain {
	struct stride_domain stride;
	struct sim_domain *next;
	struct sim_spans live;
	struct sim_translation *stale;
	bool leafwise;
	u64 pages;
	u64 leaked;
	struct sim_observer observer;
};

struct sim_domain *sim_domain_new(bool leafwise);
void sim_domain_free(struct sim_domain *domain);
int sim_attach(struct sim_domain *domain);
void sim_detach(struct sim_domain *domain);
bool sim_translate(struct sim_domain *domain, u64 iova, u64 *pfn, u32 *prot);
int sim_map(struct stride_domain *domain, u64 iova, const struct stride_extent *extents, u32 n,
	    u32 prot, bool *left);
u64 sim_clear(struct stride_domain *domain, u64 iova, u64 bytes);
void sim_sync(struct stride_domain *domain);

#endif
