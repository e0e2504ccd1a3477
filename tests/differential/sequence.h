/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A sequence of operations on the user API, which follows from a seed.
 *
 * No operation needs another one's result, so that any part of a sequence is a sequence as well:
 * that is what lets reduce.h shorten one.
 */
#ifndef DIFFERENTIAL_SEQUENCE_H
#define DIFFERENTIAL_SEQUENCE_H

#include "areas.h"
#include "random.h"

#define MSI 0xfee00000ull	/* where devices write their interrupts to, 1 MiB */

#define PROCESSES 2
#define CONTAINERS 2
#define GROUPS 5
#define REALS 3		/* the first of them; the others are emulated devices */

/* where most operations meet: slots of a huge page each */
#define SLOT_SIZE (2ull << 20)
#define SLOTS 32

/* what is wrong with the pointer that an ioctl is given */
enum spoil {
	SPOIL_NOTHING,
	SPOIL_POINTER,		/* it points nowhere */
	SPOIL_END,		/* the last 8 bytes of the argument cannot be read */
	SPOIL_WRITING,		/* the argument cannot be written */
};

/* what a field means is up to its type: map.c and so on */
struct operation {
	const struct operation_type *type;
	unsigned int process, container, group;
	uint32_t argsz, flags;
	uint64_t iova, size;
	enum area area;
	uint64_t offset;
	uint64_t number;
	uint64_t page_size, bitmap_size, fill;
	enum spoil spoil;
};

/* a row of the table in operations.c */
struct operation_type {
	const char *name;
	unsigned int weight;
	bool by_any;		/* the second process does it as well */
	void (*make)(struct random *r, struct operation *op);
	void (*run)(const struct operation *op);
};

extern const struct operation_type operation_types[];
extern const unsigned int operation_types_count;

/* the first two */
#define OPERATION_JOIN (&operation_types[0])
#define OPERATION_LEAVE (&operation_types[1])

struct sequence {
	uint64_t seed;
	unsigned int count;
	struct operation *operations;
};

void sequence_make(struct sequence *sequence, uint64_t seed, unsigned int count);
void sequence_free(struct sequence *sequence);

/* to make operations: a range of IOVAs as a mapping has it; and as an unmap has it, whole slots */
void sequence_range(struct random *r, struct operation *op);
void sequence_slots(struct random *r, struct operation *op);
enum spoil sequence_spoil(struct random *r);

/* makes one thing wrong: the range, or the flags or argsz, to be these */
void sequence_mistake(struct random *r, struct operation *op, uint32_t flags, uint32_t argsz);

#endif
