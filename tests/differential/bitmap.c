// SPDX-License-Identifier: GPL-2.0
/*
 * Bitmaps of dirty pages. See bitmap.h.
 *
 * The buffer ends where nothing is mapped. An operation's number says where in it the bitmap is:
 * at its beginning, or so that only a part of it can be written, or nowhere.
 */
#include "../guest/cm.h"
#include "bitmap.h"
#include "world.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#define WORDS 2048u	/* of 64 bits: more than the slots need */

enum where {
	WHERE_WHOLE,
	WHERE_CUT,
	WHERE_NOWHERE,
};

static uint64_t *buffer(void)
{
	static uint64_t *words;

	if (words)
		return words;
	words = mmap(NULL, WORDS * 8 + PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		     -1, 0);
	assert_ptr_not_equal(words, MAP_FAILED);
	assert_int_equal(mprotect(words + WORDS, PAGE, PROT_NONE), 0);
	return words;
}

/*
 * (D3) An unmap that fails half-way has unmapped a part, and asked emulated devices for what they
 * hold in that part alone.
 */
static enum where where(const struct operation *op)
{
	bool unmap = op->flags == DIRTY_UNMAP;

	switch (op->number % 32) {
	case 0:
		return unmap && world->models[container_of(op)].emulated ? WHERE_WHOLE :
									   WHERE_NOWHERE;
	case 1:
		return unmap ? WHERE_WHOLE : WHERE_CUT;
	default:
		return WHERE_WHOLE;
	}
}

void bitmap_make(struct random *r, struct operation *op)
{
	static const uint64_t page_sizes[] = { 0, 1, 2048, 8192, SLOT_SIZE, 1ull << 63, 4097 };
	static const uint64_t fills[] = { 0, 0, 0, ~0ull, 0x5555555555555555 };

	op->fill = random_pick(r, fills);
	op->page_size = PAGE;
	op->bitmap_size = DIRTY_BYTES(op->size / PAGE);
	switch (random_below(r, 40)) {
	case 0:
		op->page_size = random_pick(r, page_sizes);
		break;
	case 1:
		op->bitmap_size -= 8;
		break;
	case 2:
		op->bitmap_size += 1;
		break;
	case 3:
		op->bitmap_size = random_chance(r, 50) ? DIRTY_MAX : DIRTY_MAX + 1;
		break;
	}
}

struct dirty_argument bitmap_ask(const struct operation *op)
{
	struct dirty_argument argument =
		dirty_argument(op->flags, op->iova, op->size, buffer());

	argument.argsz = op->argsz;
	argument.bitmap.pgsize = op->page_size;
	argument.bitmap.size = op->bitmap_size;
	say(" pages of %llu, %llu bytes", (unsigned long long)op->page_size,
	    (unsigned long long)op->bitmap_size);
	if (op->fill)
		say(" of 0x%llx", (unsigned long long)op->fill);
	for (unsigned int i = 0; i < WORDS; i++)
		buffer()[i] = op->fill;
	switch (where(op)) {
	case WHERE_WHOLE:
		break;
	case WHERE_CUT:
		say(" cut");
		argument.bitmap.data = (void *)(buffer() + WORDS - 1 - op->number / 32 % 16);
		break;
	case WHERE_NOWHERE:
		say(" nowhere");
		argument.bitmap.data = NULL;
		break;
	}
	return argument;
}

/* (D2) the words in which mappings end whose end may have any bits behind it */
static void find_unknown(const struct operation *op, bool *unknown)
{
	struct model *m = &world->models[container_of(op)];

	for (unsigned int i = 0; i < m->count; i++) {
		uint64_t last = m->mappings[i].iova - op->iova + m->mappings[i].size - 1;

		if (m->mappings[i].shifted && last < op->size && last / PAGE / 64 < WORDS)
			unknown[last / PAGE / 64] = true;
	}
}

static void say_words(uint64_t word, bool unknown, unsigned int n)
{
	if (unknown)
		say(" ?");
	else
		say(" %llx", (unsigned long long)word);
	if (n > 1)
		say("*%u", n);
}

void bitmap_say(const struct operation *op)
{
	uint64_t needed = (op->size / PAGE + 63) / 64;
	unsigned int count = needed + 1 < WORDS ? needed + 1 : WORDS, first = 0;
	bool unknown[WORDS] = { false };

	find_unknown(op, unknown);
	model_shifts(&world->models[container_of(op)], op->iova, op->size);
	if (where(op) != WHERE_WHOLE)	/* what was written, if anything was, had room */
		return;
	say(", bits");
	for (unsigned int i = 1; i <= count; i++) {
		if (i < count && unknown[i] == unknown[first] &&
		    (unknown[i] || buffer()[i] == buffer()[first]))
			continue;
		say_words(buffer()[first], unknown[first], i - first);
		first = i;
	}
}

void bitmap_restart(const struct operation *op)
{
	struct vfio_container *container = &world->containers[container_of(op)];

	if (!world->models[container_of(op)].tracking)
		return;
	say(", anew");
	say_result(dirty_switch(container, DIRTY_STOP));
	say_result(dirty_switch(container, DIRTY_START));
	model_forget_shifts(&world->models[container_of(op)]);
}
