/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a container holds, as far as its answers have told.
 *
 * It judges nothing. It says what a device must see at an IOVA, and where the two drivers differ
 * on purpose, so that operations that would show it can be left out: see the notes (D1) and so on.
 */
#ifndef DIFFERENTIAL_MODEL_H
#define DIFFERENTIAL_MODEL_H

#include "areas.h"

#define MODEL_MAPPINGS 512
#define MODEL_GONE 16

/* memory of a process */
struct place {
	unsigned int process;
	enum area area;
	uint64_t offset;
};

struct mapping {
	uint64_t iova, size;
	uint32_t prot;
	struct place pinned;	/* what a device sees */
	struct place now;	/* the user's address, after VFIO_UPDATE_VADDR maybe another */
	bool invalid;		/* the user's address is */
	bool shifted;		/* see model_shifts() */
	bool tried;		/* by a device, at this offset: IOTLBs may know it */
	uint64_t offset;
};

struct model {
	unsigned long type;	/* as of VFIO_SET_IOMMU; 0: none */
	unsigned int real, emulated;	/* groups in it */
	bool tracking;
	unsigned int count;
	struct mapping mappings[MODEL_MAPPINGS];
	unsigned int gone_count;	/* ever; the last ones are kept */
	unsigned int gone_seen;		/* of these, by dma_look() */
	struct mapping gone[MODEL_GONE];
};

void model_empty(struct model *model);	/* its last group left, or there is none yet */
void model_add(struct model *model, const struct mapping *mapping);
void model_remove(struct model *model, struct mapping *mapping);

/* the mapping that has this IOVA, or NULL; any in [iova, 2^64) */
struct mapping *model_find(struct model *model, uint64_t iova);
bool model_any_from(const struct model *model, uint64_t iova);

/* the mappings that a successful unmap or invalidation concerns, in the order of the model */
struct found {
	unsigned int count;
	struct mapping *mappings[MODEL_MAPPINGS];
};

void model_concerned(struct model *model, uint64_t iova, uint64_t size, bool all,
		     struct found *found);

/* a real group is the first to join: mappings are pinned where they are now */
void model_pin_all(struct model *model);

/* (D5) some mappings are another process's than the one that lets a group join, and so pins them */
bool model_has_others(const struct model *model, unsigned int process);

/* too much to undo page by page, as the in-tree driver does when joining fails */
bool model_has_giants(const struct model *model);

/*
 * (D2) A bitmap was got in which the mapping's first bit was not a word's first. From then on, and
 * until tracking is stopped, the in-tree driver's bits behind the mapping's end are anything.
 */
void model_shifts(struct model *model, uint64_t iova, uint64_t size);
void model_forget_shifts(struct model *model);

#endif
