// SPDX-License-Identifier: GPL-2.0
/*
 * Who owns a mapping, and the locked memory that it costs him.
 *
 * The owner may be gone when the mapping goes: it holds on to the task, whose limits count, and to
 * the mm_struct, but not to the memory that this describes.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/printk.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>

#include "container.h"

static void set_owner(struct mapping *mapping, bool may_exceed)
{
	mapping->mm = current->mm;
	mmgrab(mapping->mm);
	mapping->task = get_task_struct(current->group_leader);
	mapping->may_exceed = may_exceed;
}

/** stride_mapping_new() - a mapping owned by the calling process, or NULL */
struct stride_mapping *stride_mapping_new(struct stride_space *space)
{
	struct mapping *mapping = kzalloc(sizeof(*mapping), GFP_KERNEL_ACCOUNT);

	if (!mapping)
		return NULL;
	set_owner(mapping, capable(CAP_IPC_LOCK));
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

/*
 * The one line by which users find out why their guest does not start. It begins as the in-tree
 * driver's does, since that is what they search for.
 */
static void warn_limit(const struct mapping *mapping, struct task_struct *task, u64 locked,
		       u64 npages)
{
	u64 size = ((mapping->engine.last - mapping->engine.iova) >> PAGE_SHIFT) + 1;
	unsigned long limit = task_rlimit(task, RLIMIT_MEMLOCK);

	pr_warn_ratelimited("vfio_pin_pages_remote: RLIMIT_MEMLOCK (%lu) exceeded: %s[%d] has %llu pages locked, wants %llu more for a mapping of %llu, may have %lu\n",
			    limit, task->comm, task_pid_nr(task), locked, npages, size,
			    limit >> PAGE_SHIFT);
}

/*
 * An owner's memory, to be used until put_mm(); false if it is gone. The caller's own cannot go
 * meanwhile, which saves two atomic operations.
 */
static bool get_mm(struct mm_struct *mm)
{
	return mm == current->mm || mmget_not_zero(mm);
}

static void put_mm(struct mm_struct *mm)
{
	if (mm != current->mm)
		mmput(mm);
}

/* Takes the mmap lock for writing, which is what guards that counter. */
static int charge_mm(const struct mapping *mapping, struct mm_struct *mm, struct task_struct *task,
		     bool may_exceed, u64 npages)
{
	u64 locked;
	int err;

	if (!get_mm(mm))
		return -ENODEV;
	err = mmap_write_lock_killable(mm);
	if (!err) {
		locked = mm->locked_vm;
		err = __account_locked_vm(mm, npages, true, task, may_exceed);
		mmap_write_unlock(mm);
	}
	put_mm(mm);
	if (err == -ENOMEM)
		warn_limit(mapping, task, locked, npages);
	return err;
}

/**
 * stride_charge() - add to the owner's locked memory
 * @engine:	the owner's mapping
 * @npages:	not 0
 *
 * Return: 0; -ENOMEM past RLIMIT_MEMLOCK; -ENODEV if the owner is gone; -EINTR if the caller is
 * being killed.
 */
int stride_charge(struct stride_mapping *engine, u64 npages)
{
	struct mapping *mapping = to_mapping(engine);

	return charge_mm(mapping, mapping->mm, mapping->task, mapping->may_exceed, npages);
}

/** stride_charge_room() - pages that the owner may lock at this moment; others charge it, too */
u64 stride_charge_room(const struct stride_mapping *engine)
{
	const struct mapping *mapping = container_of(engine, struct mapping, engine);
	u64 limit = task_rlimit(mapping->task, RLIMIT_MEMLOCK) >> PAGE_SHIFT;
	u64 locked = READ_ONCE(mapping->mm->locked_vm);

	if (mapping->may_exceed)
		return ~0ULL;
	return limit > locked ? limit - locked : 0;
}

/** stride_uncharge() - take it off again, unless the owner's memory is gone altogether */
void stride_uncharge(struct stride_mapping *engine, u64 npages)
{
	struct mapping *mapping = to_mapping(engine);

	if (!get_mm(mapping->mm))
		return;
	mmap_write_lock(mapping->mm);
	__account_locked_vm(mapping->mm, npages, false, mapping->task, true);
	mmap_write_unlock(mapping->mm);
	put_mm(mapping->mm);
}

/**
 * stride_change_owner() - the calling process becomes the owner, and pays
 * @engine:	what it was charged so far goes from the old owner to the new one
 *
 * Return: 0; -ENOMEM past the new owner's RLIMIT_MEMLOCK, -EINTR if it is being killed, and nothing
 * has changed.
 */
int stride_change_owner(struct stride_mapping *engine)
{
	struct mapping *mapping = to_mapping(engine);
	bool may_exceed;
	int err = 0;

	if (mapping->mm == current->mm)
		return 0;
	may_exceed = capable(CAP_IPC_LOCK);
	if (engine->charged)
		err = charge_mm(mapping, current->mm, current->group_leader, may_exceed,
				engine->charged);
	if (err)
		return err;
	stride_uncharge(engine, engine->charged);
	put_task_struct(mapping->task);
	mmdrop(mapping->mm);
	set_owner(mapping, may_exceed);
	return 0;
}
