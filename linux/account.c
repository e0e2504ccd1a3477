// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns a mapping, and the locked memory that it costs him.
 *
 * The owner may be gone when the mapping goes: it holds on to the task, whose limits count, and to the
 * mm_struct, but not to the memory that this describes.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "container.h"

/** stride_mapping_new() - a mapping owned by the calling process, or NULL */
struct stride_mapping *stride_mapping_new(struct stride_space *space)
{
	struct mapping *mapping = kzalloc(sizeof(*mapping), GFP_KERNEL_ACCOUNT);

	if (!mapping)
		return NULL;
	mapping->mm = current->mm;
	mmgrab(mapping->mm);
	mapping->task = get_task_struct(current->group_leader);
	mapping->may_exceed = capable(CAP_IPC_LOCK);
	return &mapping->engine;
}

/** stride_mapping_free() - the end of a mapping */
void stride_mapping_free(struct stride_mapping *engine)
{
	struct mapping *mapping = to_mapping(engine);

	put_task_struct(mapping->task);
	mmdrop(mapping->mm);
	kfree(mapping);
}

/**
 * stride_charge() - add to the owner's locked memory
 * @engine:	the owner's mapping; the owner is alive
 * @npages:	not 0
 *
 * Takes the mmap lock for writing, which is what guards that counter.
 *
 * Return: 0; -ENOMEM past RLIMIT_MEMLOCK; -EINTR if the caller is being killed.
 */
int stride_charge(struct stride_mapping *engine, u64 npages)
{
	struct mapping *mapping = to_mapping(engine);
	int err;

	err = mmap_write_lock_killable(mapping->mm);
	if (err)
		return err;
	err = __account_locked_vm(mapping->mm, npages, true, mapping->task, mapping->may_exceed);
	mmap_write_unlock(mapping->mm);
	return err;
}

/** stride_uncharge() - take it off again, unless the owner's memory is gone altogether */
void stride_uncharge(struct stride_mapping *engine, u64 npages)
{
	struct mapping *mapping = to_mapping(engine);

	if (!mmget_not_zero(mapping->mm))
		return;
	mmap_write_lock(mapping->mm);
	__account_locked_vm(mapping->mm, npages, false, mapping->task, true);
	mmap_write_unlock(mapping->mm);
	mmput(mapping->mm);
}
