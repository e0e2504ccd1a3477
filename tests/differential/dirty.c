// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO_IOMMU_DIRTY_PAGES: tracking on and off, and bitmaps.
 */
#include "bitmap.h"
#include "operations.h"
#include "world.h"

#include <errno.h>

static void make(struct random *r, struct operation *op, uint32_t flags)
{
	op->flags = flags;
	op->argsz = flags == DIRTY_GET ? sizeof(struct dirty_argument) : DIRTY_HEAD;
	op->page_size = PAGE;
	op->spoil = sequence_spoil(r);
}

void dirty_start_make(struct random *r, struct operation *op)
{
	make(r, op, DIRTY_START);
}

void dirty_stop_make(struct random *r, struct operation *op)
{
	make(r, op, DIRTY_STOP);
}

/* flags that do not go, or an argument of another size */
void dirty_odd_make(struct random *r, struct operation *op)
{
	static const uint32_t flags[] = {
		0, 3, 5, 6, 7, 8, 12, 1u << 31, DIRTY_START, DIRTY_STOP, DIRTY_GET,
	};
	static const uint32_t sizes[] = { 0, 7, 8, 9, 31, 47, 48, 49, ~0u };

	sequence_slots(r, op);
	bitmap_make(r, op);
	op->flags = random_pick(r, flags);
	op->argsz = random_pick(r, sizes);
}

void dirty_get_make(struct random *r, struct operation *op)
{
	static const uint64_t odd[] = { 0, 0, 0, 1, 3, 31, 63, 64, 65 };
	uint64_t before = random_pick(r, odd) * PAGE;

	if (random_chance(r, 85))
		sequence_slots(r, op);
	else
		sequence_range(r, op);
	op->iova -= before;
	op->size += before;
	if (random_chance(r, 3))
		op->iova += 0x800;
	if (random_chance(r, 3))
		op->size += 0x800;
	make(r, op, DIRTY_GET);
	bitmap_make(r, op);
}

/* what else the call did than answer */
static void note(const struct operation *op)
{
	struct model *m = &world->models[container_of(op)];

	if (op->flags == DIRTY_START) {
		m->tracking = true;
	} else if (op->flags == DIRTY_STOP) {
		m->tracking = false;
		model_forget_shifts(m);
	}
}

void dirty_run(const struct operation *op)
{
	struct dirty_argument argument;
	long ret;

	say(" c%u flags 0x%x argsz %u 0x%llx+0x%llx", container_of(op), op->flags, op->argsz,
	    (unsigned long long)op->iova, (unsigned long long)op->size);
	argument = bitmap_ask(op);
	ret = world_call(op, VFIO_IOMMU_DIRTY_PAGES, &argument,
			 op->flags == DIRTY_GET ? sizeof(argument) : DIRTY_HEAD);
	if (!ret)
		note(op);
	if (!ret && op->flags == DIRTY_GET)
		bitmap_say(op);
	if (ret == -EFAULT && op->flags == DIRTY_GET)
		bitmap_restart(op);
}
