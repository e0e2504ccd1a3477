// SPDX-License-Identifier: GPL-2.0
/*
 * Sequences from seeds. See sequence.h.
 *
 * Every so many operations the mood changes: how likely each type of operation is, and how often
 * the second process is the one to carry it out. So a sequence has stretches full of one thing.
 * Some begin with all groups leaving, and all with some that join: the containers shall be in use.
 */
#include "sequence.h"
#include "../guest/vfio.h"

#include <stdlib.h>

#define MOOD 150	/* operations */
#define JOINS 3
#define KINDS_MAX 64

#define WINDOW (4 * GIB)

struct mood {
	unsigned int weights[KINDS_MAX], sum;
	unsigned int others;	/* percent: by the second process */
	unsigned int second;	/* percent: on the second container */
	unsigned int emulated;	/* percent: with an emulated device's group */
	unsigned int leaves;	/* at the beginning: all groups, or none */
};

static void change_mood(struct random *r, struct mood *mood)
{
	static const unsigned int others[] = { 0, 0, 0, 5, 40 };
	static const unsigned int emulated[] = { 0, 0, 50, 100 };
	static const unsigned int second[] = { 0, 5, 10, 40 };

	mood->sum = 0;
	for (unsigned int i = 0; i < operation_types_count; i++) {
		mood->weights[i] = operation_types[i].weight << random_below(r, 4);
		mood->sum += mood->weights[i];
	}
	mood->others = random_pick(r, others);
	mood->second = random_pick(r, second);
	mood->emulated = random_pick(r, emulated);
	mood->leaves = random_chance(r, 50) ? GROUPS : 0;
}

static unsigned int any_group(struct random *r, const struct mood *mood)
{
	if (random_chance(r, mood->emulated))
		return REALS + random_below(r, GROUPS - REALS);
	return random_below(r, REALS);
}

static const struct operation_type *any_type(struct random *r, const struct mood *mood)
{
	uint64_t at = random_below(r, mood->sum);
	unsigned int i = 0;

	while (at >= mood->weights[i])
		at -= mood->weights[i++];
	return &operation_types[i];
}

/* an operation at a place in its mood */
static void make(struct random *r, const struct mood *mood, unsigned int at, struct operation *op)
{
	op->type = any_type(r, mood);
	op->container = random_chance(r, mood->second);
	op->group = any_group(r, mood);
	op->number = random_below(r, 1 << 30);
	if (at < mood->leaves) {
		op->type = OPERATION_LEAVE;
		op->group = at;
		op->number = 0;		/* this very group */
	} else if (at < mood->leaves + JOINS) {
		op->type = OPERATION_JOIN;
		op->container = (at - mood->leaves) % CONTAINERS;
	}
	op->process = op->type->by_any && random_chance(r, mood->others);
	op->type->make(r, op);
}

void sequence_make(struct sequence *s, uint64_t seed, unsigned int count)
{
	struct random r = { seed };
	struct mood mood = { 0 };

	s->seed = seed;
	s->count = count;
	s->operations = calloc(count, sizeof(*s->operations));
	for (unsigned int i = 0; i < count; i++) {
		if (i % MOOD == 0)
			change_mood(&r, &mood);
		make(&r, &mood, i % MOOD, &s->operations[i]);
	}
}

void sequence_free(struct sequence *s)
{
	free(s->operations);
	s->operations = NULL;
}

/* an IOVA at which something is special: reserved, the end of the IOMMU's reach or of numbers */
static uint64_t special_iova(struct random *r)
{
	static const uint64_t edges[] = {
		0, 0, MSI, MSI + MIB, 1ull << 39, 1ull << 40, 1ull << 48, 1ull << 52, 1ull << 63,
	};
	static const uint64_t before[] = { 0, 0, 1, 2, 512 };

	/* below 0 is the top of the address space */
	return random_pick(r, edges) - random_pick(r, before) * PAGE;
}

void sequence_range(struct random *r, struct operation *op)
{
	static const uint64_t starts[] = { 0, 0, 0, 0, 0, 0, 0, 1, 2, 5, 63, 64, 100, 511 };
	static const uint64_t pages[] = {
		1, 1, 1, 2, 3, 8, 63, 64, 65, 100, 129, 256, 511, 512, 512, 1024, 2048,
	};

	op->iova = WINDOW + random_below(r, SLOTS) * SLOT_SIZE + random_pick(r, starts) * PAGE;
	op->size = random_pick(r, pages) * PAGE;
	if (random_chance(r, 5))
		op->iova = special_iova(r);
}

void sequence_slots(struct random *r, struct operation *op)
{
	static const uint64_t slots[] = { 1, 1, 1, 2, 2, 4, SLOTS };

	op->iova = WINDOW + random_below(r, SLOTS) * SLOT_SIZE;
	op->size = random_pick(r, slots) * SLOT_SIZE;
	if (random_chance(r, 5))
		op->iova = special_iova(r);
}

enum spoil sequence_spoil(struct random *r)
{
	return random_chance(r, 2) ? random_below(r, SPOIL_WRITING + 1) : SPOIL_NOTHING;
}

void sequence_mistake(struct random *r, struct operation *op, uint32_t flags, uint32_t argsz)
{
	static const uint64_t crooked[] = { 1, 8, 0x800, 0xfff };
	static const uint64_t sizes[] = { 0, 0, 1ull << 44, 1ull << 30, 1ull << 63, ~0ull << 12 };

	switch (random_below(r, 6)) {
	case 0:
		op->iova += random_pick(r, crooked);
		break;
	case 1:
		op->size += random_pick(r, crooked);
		break;
	case 2:
		op->size = random_pick(r, sizes);
		break;
	case 3:	/* up to the end of numbers, or just before it */
		op->size = -op->iova - random_below(r, 3) * PAGE;
		break;
	case 4:
		op->flags = flags;
		break;
	case 5:
		op->argsz = argsz;
		break;
	}
}
