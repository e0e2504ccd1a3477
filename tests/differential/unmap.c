// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO_IOMMU_UNMAP_DMA: of mappings, of all, with a bitmap of what was dirty; and invalidation of
 * mappings' addresses.
 */
#include "bitmap.h"
#include "operations.h"
#include "world.h"

#include <errno.h>

#define UNMAP_SIZE sizeof(struct vfio_iommu_type1_dma_unmap)
#define FLAG_ALL VFIO_DMA_UNMAP_FLAG_ALL
#define FLAG_VADDR VFIO_DMA_UNMAP_FLAG_VADDR

static void mistake(struct random *r, struct operation *op)
{
	static const uint32_t flags[] = {
		FLAG_ALL, DIRTY_UNMAP | FLAG_ALL, DIRTY_UNMAP | FLAG_VADDR, FLAG_VADDR | FLAG_ALL,
		8, 1u << 31, FLAG_VADDR,
	};
	static const uint32_t argszs[] = { 0, UNMAP_SIZE - 1, UNMAP_SIZE + 1, 47, 49, ~0u };

	sequence_mistake(r, op, random_pick(r, flags), random_pick(r, argszs));
}

static void make(struct random *r, struct operation *op)
{
	if (random_chance(r, 75))
		sequence_slots(r, op);
	else
		sequence_range(r, op);
	op->argsz = UNMAP_SIZE;
	op->spoil = sequence_spoil(r);
}

static void make_plain(struct random *r, struct operation *op, unsigned int all)
{
	make(r, op);
	if (random_chance(r, all)) {
		op->flags = FLAG_ALL;
		op->iova = 0;
		op->size = 0;
	}
	if (random_chance(r, 8))
		mistake(r, op);
}

void unmap_make(struct random *r, struct operation *op)
{
	make_plain(r, op, 8);
}

void invalidate_make(struct random *r, struct operation *op)
{
	make_plain(r, op, 40);
	op->flags |= FLAG_VADDR;
}

/* odd: the range begins some pages before its slot, so that mappings begin within words */
void unmap_dirty_make(struct random *r, struct operation *op)
{
	static const uint64_t odd[] = { 0, 0, 1, 3, 63 };
	uint64_t before = random_pick(r, odd) * PAGE;

	make(r, op);
	op->iova -= before;
	op->size += before;
	op->flags = DIRTY_UNMAP;
	op->argsz = sizeof(struct dirty_argument);
	bitmap_make(r, op);
	if (op->spoil == SPOIL_WRITING)	/* EFAULT would not tell whether anything was unmapped */
		op->spoil = SPOIL_NOTHING;
	if (random_chance(r, 5))
		mistake(r, op);
}

/* (D1) up to 2^64: the in-tree driver finds nothing there */
static bool ends_with_numbers(const struct operation *op)
{
	return op->size && !(op->iova + op->size) &&
	       model_any_from(&world->models[container_of(op)], op->iova);
}

/* the range was unmapped, or the addresses in it are invalid */
static void gone(const struct operation *op)
{
	struct model *m = &world->models[container_of(op)];
	struct found found;

	model_concerned(m, op->iova, op->size, op->flags & FLAG_ALL, &found);
	for (unsigned int i = 0; i < found.count; i++) {
		if (op->flags & FLAG_VADDR)
			found.mappings[i]->invalid = true;
		else
			model_remove(m, found.mappings[i]);
	}
}

void unmap_run(const struct operation *op)
{
	struct dirty_argument argument = {
		.argsz = op->argsz,
		.flags = op->flags,
		.iova = op->iova,
		.size = op->size,
	};
	uint64_t size = UNMAP_SIZE;
	long ret;

	say(" c%u 0x%llx+0x%llx flags 0x%x", container_of(op), (unsigned long long)op->iova,
	    (unsigned long long)op->size, op->flags);
	if (op->argsz != UNMAP_SIZE)
		say(" argsz %u", op->argsz);
	if (ends_with_numbers(op)) {
		say_left_out("D1");
		return;
	}
	if (op->flags & DIRTY_UNMAP) {
		argument = bitmap_ask(op);
		size = sizeof(argument);
	}
	ret = world_call(op, VFIO_IOMMU_UNMAP_DMA, &argument, size);
	if (!op->spoil)
		say(" size 0x%llx", (unsigned long long)argument.size);
	if (!ret && op->flags == DIRTY_UNMAP)
		bitmap_say(op);
	if (ret == -EFAULT && op->flags == DIRTY_UNMAP)
		bitmap_restart(op);
	/* only the answer could not be written */
	if (!ret || (ret == -EFAULT && op->spoil == SPOIL_WRITING))
		gone(op);
}
