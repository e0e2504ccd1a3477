// SPDX-License-Identifier: GPL-2.0
/*
 * What a device's DMA reaches: memory behind a mapping, in the directions that it was mapped for;
 * nothing where there is none any more.
 */
#include "../guest/reach.h"
#include "operations.h"
#include "world.h"

#include <string.h>

void dma_make(struct random *r, struct operation *op)
{
	op->fill = random_next(r);
}

static char *seen(const struct mapping *mapping, uint64_t iova)
{
	return world_sees(mapping, &mapping->pinned, iova, REACH);
}

static bool is_writable(const struct mapping *mapping)
{
	return area_is_writable(mapping->pinned.area);
}

/* from a number on the first mapping that this process sees and that suits, or NULL */
static struct mapping *any_mapping(struct model *m, uint64_t number, uint32_t prot)
{
	for (unsigned int i = 0; i < m->count; i++) {
		struct mapping *mapping = &m->mappings[(number + i) % m->count];

		if ((mapping->prot & prot) == prot && seen(mapping, mapping->iova))
			return mapping;
	}
	return NULL;
}

static void say_bytes(const char *at, const char *bytes)
{
	say(memcmp(at, bytes, REACH) ? ", other bytes" : ", right bytes");
}

/* only a device that both reads and writes this memory can bring it back */
static void try_both(struct edu *edu, uint64_t iova, char *at)
{
	char pattern[REACH];

	reach_fill(pattern, REACH);
	memcpy(at, pattern, REACH);
	edu_load(edu, iova, REACH);
	memset(at, 0, REACH);
	edu_store(edu, iova, REACH);
	say(" -> reached");
	say_bytes(at, pattern);
}

/* what the device's buffer holds is anything but this pattern, so that writing it shows */
static void try_writing(struct edu *edu, uint64_t iova, char *at)
{
	char pattern[REACH];

	reach_fill(pattern, REACH);
	memcpy(at, pattern, REACH);
	edu_store(edu, iova, REACH);
	say(memcmp(at, pattern, REACH) ? " -> written" : " -> not-written");
}

/* what the device reads there, it then writes to another mapping, where it shows; or the reverse */
static void try_one_way(struct edu *edu, struct model *m, uint64_t iova, char *at, bool read)
{
	struct mapping *other = any_mapping(m, iova / PAGE, DEVICE_BOTH);
	char *aside = other ? seen(other, other->iova) : NULL;

	if (!aside || !is_writable(other) || aside == at) {
		say(" -> untried");
		return;
	}
	edu_load(edu, read ? iova : other->iova, REACH);
	edu_store(edu, read ? other->iova : iova, REACH);
	say(read ? " -> read" : " -> written");
	say_bytes(at, aside);
}

/* remembers the place, which is tried again when the mapping is gone */
static void check_mapped(const struct operation *op, struct edu *edu, struct model *m,
			 struct mapping *mapping)
{
	uint64_t page = op->fill % (mapping->size / PAGE), iova;
	bool read = mapping->prot & DEVICE_READ;
	char *at;

	if (!seen(mapping, mapping->iova + page * PAGE))
		page = 0;	/* the end of a mapping may be out of sight */
	mapping->tried = true;
	mapping->offset = page * PAGE;
	iova = mapping->iova + mapping->offset;
	at = seen(mapping, iova);
	say(" 0x%llx flags 0x%x", (unsigned long long)iova, mapping->prot);
	if (mapping->prot == DEVICE_BOTH && is_writable(mapping)) {
		try_both(edu, iova, at);
		return;
	}
	if (is_writable(mapping))
		reach_fill(at, REACH);
	try_one_way(edu, m, iova, at, read);
	if (read && is_writable(mapping))
		try_writing(edu, iova, at);
}

/* a write there is an interrupt, which may reset the machine's processor */
static bool is_msi(uint64_t iova)
{
	return iova >= MSI && iova < MSI + MIB;
}

/* was something a device could write there, so that it would show, and is nothing now? */
static bool is_gone(struct model *m, const struct mapping *gone)
{
	uint64_t iova = gone->iova + gone->offset;

	return seen(gone, iova) && is_writable(gone) && !is_msi(iova) && !model_find(m, iova);
}

static void check_gone(struct edu *edu, const struct mapping *gone)
{
	uint64_t iova = gone->iova + gone->offset;

	say(" 0x%llx", (unsigned long long)iova);
	try_writing(edu, iova, seen(gone, iova));
}

static void check_any_gone(const struct operation *op, struct edu *edu, struct model *m)
{
	unsigned int n = m->gone_count < MODEL_GONE ? m->gone_count : MODEL_GONE;

	for (unsigned int i = 0; i < n; i++) {
		struct mapping *gone = &m->gone[(op->number + i) % n];

		if (is_gone(m, gone)) {
			check_gone(edu, gone);
			return;
		}
	}
	say(" -> nothing-gone");
}

static void look(unsigned int container)
{
	struct model *m = &world->models[container];

	for (; m->gone_seen < m->gone_count; m->gone_seen++) {
		struct mapping *gone = &m->gone[m->gone_seen % MODEL_GONE];

		for (unsigned int g = 0; g < EDUS && gone->tried && is_gone(m, gone); g++) {
			if (world->groups[g].device < 0 ||
			    world->groups[g].container != (int)container)
				continue;
			say("  g%u", g);
			check_gone(&world->edus[g], gone);
			say("\n");
		}
	}
}

void dma_look(void)
{
	for (unsigned int i = 0; i < CONTAINERS; i++)
		look(i);
}

void dma_run(const struct operation *op)
{
	int group = group_open(op, 0, EDUS - 1);
	struct mapping *mapping;
	struct model *m;

	if (group < 0) {
		say(" -> closed");
		return;
	}
	say(" g%d", group);
	m = &world->models[world->groups[group].container];
	mapping = any_mapping(m, op->number / 4, 0);
	if (mapping && op->number % 4)
		check_mapped(op, &world->edus[group], m, mapping);
	else
		check_any_gone(op, &world->edus[group], m);
}
