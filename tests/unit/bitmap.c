// SPDX-License-Identifier: GPL-2.0
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <cmocka.h>
#include "bitmap.h"

#define BITMAP_VADDR	0x5500000000ULL

u64 bitmap_words[BITMAP_WORDS];

/** dirty_begin() - a world with an emulated device, and dirty pages tracked */
void dirty_begin(void)
{
	user_begin_emulated();
	assert_int_equal(stride_dirty_start(&sim.space), 0);
}

/** dirty_page() - the driver writes to a page */
void dirty_page(u64 ipn)
{
	assert_int_equal(user_write((ipn << STRIDE_PAGE_SHIFT) + 7, 1), 0);
}

/** bitmap_of() - the test's bitmap, which the user says has so many bytes */
struct stride_bitmap bitmap_of(u64 bytes)
{
	u32 i;

	for (i = 0; i < BITMAP_WORDS; i++)
		bitmap_words[i] = PAST;
	sim_user = (struct sim_buffer){
		.vaddr = BITMAP_VADDR,
		.bytes = sizeof(bitmap_words),
		.fault_at = ~0ULL,
		.memory = (void *)bitmap_words,
	};
	return (struct stride_bitmap){ BITMAP_VADDR, bytes, STRIDE_PAGE_SIZE };
}

/** dirty_get() - what the user is answered */
int dirty_get(u64 ipn, u64 npages)
{
	u64 iova = ipn << STRIDE_PAGE_SHIFT, size = npages << STRIDE_PAGE_SHIFT;
	struct stride_bitmap bitmap = bitmap_of((npages + 63) / 64 * 8);
	int err = stride_dirty_get(&sim.space, iova, size, &bitmap);

	sim_check();
	return err;
}

/** dirty_bits() - the dirty pages of one mapping, which must fit in a word */
u64 dirty_bits(u64 ipn, u64 npages)
{
	assert_int_equal(dirty_get(ipn, npages), 0);
	assert_int_equal(bitmap_words[1], PAST);
	return bitmap_words[0];
}
