/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Numbers that follow from a seed (splitmix64).
 */
#ifndef DIFFERENTIAL_RANDOM_H
#define DIFFERENTIAL_RANDOM_H

#include <stdbool.h>
#include <stdint.h>

struct random {
	uint64_t state;
};

static inline uint64_t random_next(struct random *r)
{
	uint64_t z = r->state += 0x9e3779b97f4a7c15ull;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ull;
	z = (z ^ z >> 27) * 0x94d049bb133111ebull;
	return z ^ z >> 31;
}

static inline uint64_t random_below(struct random *r, uint64_t limit)
{
	return random_next(r) % limit;
}

static inline bool random_chance(struct random *r, unsigned int percent)
{
	return random_below(r, 100) < percent;
}

/* one of an array's elements, each as likely as any other: repeat those that are to come often */
#define random_pick(r, array) ((array)[random_below(r, sizeof(array) / sizeof(*(array)))])

#endif
