/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A process's memory: everything that a page table can hold, at random.
 */
#ifndef TESTS_SCENE_H
#define TESTS_SCENE_H

#include "sim/sim.h"

/* Where it lies: small things first, then room for giant leaves. */
#define SCENE_VADDR		0x7f0000000000ULL
#define SCENE_PAGES		(8 * STRIDE_PMD_PAGES)
#define SCENE_GIANT_VADDR	(SCENE_VADDR + (STRIDE_PUD_PAGES << STRIDE_PAGE_SHIFT))
#define SCENE_GIANTS		2

/* Bytes of so many pages. */
static inline u64 pages(u64 n)
{
	return n << STRIDE_PAGE_SHIFT;
}

void scene_change(void);
void scene_change_at(u64 vaddr);
void scene_change_giant(void);
void scene_race(u64 vaddr);

#endif
