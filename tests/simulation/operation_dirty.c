// SPDX-License-Identifier: GPL-2.0
/*
 * Dirty pages: what is reported, bit by bit, into a bitmap that may fault or be too small.
 */
#include <stdlib.h>
#include <string.h>
#include "operations.h"

#define BITMAP_VADDR	0x5500000000ULL
#define BYTES_MAX	(1 << 20)

/* What the user had there before. */
static unsigned char *past;

/** bitmap_for() - a bitmap for @size bytes, with random contents; sometimes it is too small */
void bitmap_for(struct stride_bitmap *bitmap, u64 size)
{
	u64 i, bytes = 8 * model_words(&model, size);

	if (bytes > BYTES_MAX)
		bytes = BYTES_MAX;
	bitmap->vaddr = BITMAP_VADDR + (one_in(4) ? sim_below(STRIDE_PAGE_SIZE) : 0);
	bitmap->bytes = one_in(4) ? bytes + sim_below(64) : bytes;
	bitmap->page_size = model.page_size;
	sim_user.vaddr = bitmap->vaddr;
	sim_user.bytes = bitmap->bytes;
	sim_user.fault_at = one_in(6) ? sim_below(bytes + 1) : ~0ULL;
	if (one_in(32))
		bitmap->page_size = STRIDE_PAGE_SIZE << sim_below(4);
	if (one_in(32))
		bitmap->bytes = one_in(2) ? sim_below(bytes + 1) : (1 << 28) + sim_below(2);
	sim_user.memory = malloc(sim_user.bytes);
	past = malloc(sim_user.bytes);
	for (i = 0; i < sim_user.bytes; i++)
		past[i] = one_in(2) ? sim_random() : 0;
	memcpy(sim_user.memory, past, sim_user.bytes);
}

/* What word @i must be in the end. */
static u64 word_due(u64 iova, u64 size, u64 i, bool *touched)
{
	u64 word;

	memcpy(&word, past + 8 * i, sizeof(word));
	return model_word(&model, iova, size, i, word, touched);
}

/** bitmap_due() - -EFAULT if a word that must be written cannot be */
int bitmap_due(u64 iova, u64 size)
{
	u64 i, words = model_words(&model, size);
	bool touched;

	for (i = 0; i < words; i++) {
		word_due(iova, size, i, &touched);
		if (touched && 8 * i + 8 > sim_user.fault_at)
			return -EFAULT;
	}
	return 0;
}

/** bitmap_check() - every word is as it must be, and nothing behind the end was written */
void bitmap_check(u64 iova, u64 size, int err)
{
	u64 i, due, word, words = err && err != -EFAULT ? 0 : model_words(&model, size);
	bool touched;

	for (i = 0; i < words; i++) {
		due = word_due(iova, size, i, &touched);
		memcpy(&word, sim_user.memory + 8 * i, sizeof(word));
		if (word != due && !(err && touched))
			sim_violation("word %llu for 0x%llx is 0x%llx, not 0x%llx", i, iova, word,
				      due);
	}
	if (memcmp(sim_user.memory + 8 * words, past + 8 * words, sim_user.bytes - 8 * words))
		sim_violation("the bitmap for 0x%llx is written behind its end", iova);
}

/** bitmap_end() - the user needs it no more */
void bitmap_end(void)
{
	free(sim_user.memory);
	free(past);
	sim_user = (struct sim_buffer){ 0 };
	past = NULL;
}

static void random_range(u64 *iova, u64 *size)
{
	const struct model_mapping *first = random_mapping(), *last = first;
	u64 n = sim_below(4);

	*iova = random_iova();
	*size = pages(random_npages());
	while (first && n-- && last->next)
		last = last->next;
	if (first && !one_in(8)) {
		*iova = first->iova;
		*size = last->last - first->iova + 1;
	}
	if (*size > pages(BYTES_MAX))
		*size = first->last - *iova + 1;
	if (one_in(2) && *iova >= pages(100)) {
		n = pages(sim_below(100));
		*iova -= n;
		*size += n;
	}
	align(iova);
	align(size);
	if (one_in(2))
		*size += model.page_size * sim_below(100);
	if (one_in(30))
		spoil(iova, size);
}

static void get_bitmap(void)
{
	static const enum sim_call calls[] = { SIM_CALL_COPY_IN, SIM_CALL_COPY_OUT, SIM_CALL_KILLED,
					       SIM_CALL_ALLOC };
	enum sim_call call = calls[sim_below(4)];
	struct sim_state before = sim_state();
	struct stride_bitmap bitmap;
	u64 iova, size;
	bool injected;
	int err, due;

	random_range(&iova, &size);
	bitmap_for(&bitmap, size);
	due = model_dirty_get(&model, iova, size, &bitmap);
	if (!due)
		due = bitmap_due(iova, size);
	if (one_in(4))
		inject_some(call);
	err = stride_dirty_get(&sim.space, iova, size, &bitmap);
	injected = sim_calls.hits;
	check_answer(err, due, call);
	if (err)
		sim_check_same(&before);
	bitmap_check(iova, size, injected && err ? -EFAULT : err);
	if (!err)
		model_dirty_anew(&model, iova, iova + size - 1);
	if (injected)
		model_learn_dirty(&model);
	bitmap_end();
}

static void start_tracking(void)
{
	bool injected;
	int err;

	if (one_in(4))
		inject_some(SIM_CALL_ALLOC);
	err = stride_dirty_start(&sim.space);
	injected = sim_calls.hits;
	check_answer(err, 0, SIM_CALL_ALLOC);
	if (!model.tracking)
		model_dirty_anew(&model, 0, ~0ULL);
	model.tracking = true;
	if (injected)
		model_learn_dirty(&model);
}

/** operation_dirty() - ask for dirty pages, or begin or end to track them */
void operation_dirty(void)
{
	if (!model.v2)
		return;
	if (!model.tracking || one_in(16))
		return start_tracking();
	if (!one_in(16))
		return get_bitmap();
	stride_dirty_stop(&sim.space);
	model.tracking = false;
}
