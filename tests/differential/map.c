// SPDX-License-Identifier: GPL-2.0
/*
 * VFIO_IOMMU_MAP_DMA: mappings, right ones and wrong ones, and new addresses for those whose
 * address was invalidated.
 */
#include "operations.h"
#include "world.h"

#define MAP_SIZE sizeof(struct vfio_iommu_type1_dma_map)

static void any_memory(struct random *r, struct operation *op)
{
	static const enum area areas[] = {
		AREA_SMALL, AREA_SMALL, AREA_THP, AREA_THP, AREA_HUGETLB, AREA_SHARED, AREA_SHARED,
		AREA_SHARED_AGAIN, AREA_FRESH, AREA_FILE, AREA_ZERO, AREA_HOLES, AREA_BAR,
	};
	static const uint64_t offsets[] = { 0, 0, 0, 1, 7, 15, 511, 512 };
	uint64_t size;

	op->area = random_pick(r, areas);
	size = area_size(op->area);
	if (op->size > size && random_chance(r, 80))
		op->size = size;
	op->offset = random_pick(r, offsets) * PAGE % size;
	if (op->offset + op->size > size && random_chance(r, 90))
		op->offset = op->size < size ? size - op->size : 0;
}

void map_make(struct random *r, struct operation *op)
{
	static const uint32_t flags[] = {
		DEVICE_BOTH, DEVICE_BOTH, DEVICE_BOTH, DEVICE_READ, DEVICE_READ, DEVICE_WRITE,
	};
	static const uint32_t wrong_flags[] = {
		0, VFIO_DMA_MAP_FLAG_VADDR, VFIO_DMA_MAP_FLAG_VADDR | DEVICE_READ, 8 | DEVICE_BOTH,
		1u << 31 | DEVICE_BOTH,
	};
	static const uint32_t wrong_argszs[] = { 0, 8, MAP_SIZE - 1, MAP_SIZE + 1, ~0u };
	static const uint64_t crooked[] = { 1, 8, 0x800, 0xfff };

	sequence_range(r, op);
	any_memory(r, op);
	op->flags = random_pick(r, flags);
	op->argsz = MAP_SIZE;
	op->spoil = sequence_spoil(r);
	if (random_chance(r, 7))
		sequence_mistake(r, op, random_pick(r, wrong_flags), random_pick(r, wrong_argszs));
	if (random_chance(r, 1))
		op->offset += random_pick(r, crooked);
}

/*
 * (D1) A range that ends at 2^64: the in-tree driver does not see what it overlaps, nor, where no
 * real group limits the IOVAs, finds such a mapping again.
 */
static bool ends_with_numbers(const struct operation *op)
{
	struct model *m = &world->models[container_of(op)];

	return op->size && !(op->iova + op->size) && (!m->real || model_any_from(m, op->iova));
}

static long map(const struct operation *op, const struct place *place)
{
	struct vfio_iommu_type1_dma_map argument = {
		.argsz = op->argsz,
		.flags = op->flags,
		.vaddr = (uintptr_t)area_at(place->area, place->offset),
		.iova = op->iova,
		.size = op->size,
	};

	say(" c%u 0x%llx+0x%llx", container_of(op), (unsigned long long)op->iova,
	    (unsigned long long)op->size);
	say_place(place);
	say(" flags 0x%x", op->flags);
	if (op->argsz != MAP_SIZE)
		say(" argsz %u", op->argsz);
	return world_call(op, VFIO_IOMMU_MAP_DMA, &argument, MAP_SIZE);
}

static void entered(const struct operation *op, const struct place *place)
{
	struct model *m = &world->models[container_of(op)];
	struct mapping mapping = {
		.iova = op->iova,
		.size = op->size,
		.prot = op->flags,
		.pinned = *place,
		.now = *place,
	};
	struct mapping *old = model_find(m, op->iova);

	if (old) {
		old->now = *place;
		old->invalid = false;
	} else {
		model_add(m, &mapping);
	}
}

void map_run(const struct operation *op)
{
	struct place place = { myself, op->area, op->offset };

	if (ends_with_numbers(op))
		say_left_out("D1");
	else if (!map(op, &place))
		entered(op, &place);
}

void revalidate_make(struct random *r, struct operation *op)
{
	sequence_range(r, op);
	any_memory(r, op);
	op->flags = VFIO_DMA_MAP_FLAG_VADDR;
	op->argsz = MAP_SIZE;
}

/* of those that are invalid, if there are */
static struct mapping *any_invalid(struct model *m, uint64_t number)
{
	struct mapping *invalid[MODEL_MAPPINGS];
	unsigned int n = 0;

	for (unsigned int i = 0; i < m->count; i++)
		if (m->mappings[i].invalid)
			invalid[n++] = &m->mappings[i];
	return n ? invalid[number % n] : NULL;
}

/*
 * The same memory for the first process, so that a device's view stays right, but where there are
 * two addresses of it, the other one. The second process gives what it has there.
 */
static struct place elsewhere(const struct place *place)
{
	struct place other = { myself, place->area, place->offset };

	if (place->area == AREA_SHARED)
		other.area = AREA_SHARED_AGAIN;
	else if (place->area == AREA_SHARED_AGAIN)
		other.area = AREA_SHARED;
	return other;
}

/* of the invalid mappings one; if there is none, or now and then, a mapping where none may be */
void revalidate_run(const struct operation *op)
{
	struct mapping *mapping = any_invalid(&world->models[container_of(op)], op->number / 16);
	struct place place = { myself, op->area, op->offset };
	struct operation right = *op;

	if (mapping && op->number % 16) {
		place = elsewhere(&mapping->now);
		right.iova = mapping->iova;
		right.size = mapping->size;
	}
	if (ends_with_numbers(&right))
		say_left_out("D1");
	else if (!map(&right, &place))
		entered(&right, &place);
}
