/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A user who asks for dirty pages, into a bitmap with something in it. In pages.
 */
#ifndef TESTS_BITMAP_H
#define TESTS_BITMAP_H

#include "user.h"

#define RW		(STRIDE_READ | STRIDE_WRITE)
#define BITMAP_WORDS	200
#define PAST		0xa5a5a5a5a5a5a5a5ULL	/* each word before */

extern u64 bitmap_words[BITMAP_WORDS];

void dirty_begin(void);
void dirty_page(u64 ipn);
struct stride_bitmap bitmap_of(u64 bytes);
int dirty_get(u64 ipn, u64 npages);
u64 dirty_bits(u64 ipn, u64 npages);

#endif
