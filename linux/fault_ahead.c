// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is to be pinned next, and is missing, faulted in by several processors.
 *
 * To zero memory takes hundreds of times as long as to pin it, so that alone is shared. Helpers,
 * and the caller among them, touch the memory as a pin does and keep nothing. The pins come after
 * that, from the caller alone and one by one, and so does every error: what a helper fails at it
 * leaves.
 *
 * Pieces are handed out in the order of their addresses, none after one has failed, none beyond the
 * end of the VMA, and none where a VMA may refuse pins: what a refused call has touched in vain is
 * a piece for each thread.
 *
 * Helpers are kernel threads. A thread of the caller's process would get that one's signals: while
 * it is stopped or frozen, the caller, in an ioctl that waits for it, could be neither. But kernel
 * threads belong to nobody, and so each makes itself the caller's: the cgroups, with them limits of
 * processor time and memory nodes; the processors, but those of other nodes, since that is where
 * memory would come from; the nice value and the memory policy; whose memory cgroup pays for page
 * tables. One that cannot does nothing.
 */
#include <linux/cgroup.h>
#include <linux/cpumask.h>
#include <linux/hugetlb.h>
#include <linux/kthread.h>
#include <linux/memcontrol.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/wait.h>

#include "compat/compat.h"
#include "container.h"
#include "walk.h"

/* A helper for so much missing memory: to become the caller's takes it as long as zeroing that. */
#define HELPER_BYTES	SZ_256M
/* How much each thread faults in before the next pin: many pieces, so that all end together. */
#define SHARE_BYTES	SZ_32M
/* Pages between two looks at whether the caller is being killed, but for a larger leaf. */
#define PAGES_AT_ONCE	64
/* Addresses by which missing memory is estimated. */
#define SAMPLES		64

/**
 * struct team - the caller and its helpers
 * @caller:	in a call of the engine, and so holding the container's lock
 * @mm:		its memory, which cannot go meanwhile
 * @memcg:	the memory cgroup that pays
 * @cpus:	where helpers may run
 * @lock:	protects @next, @end, @step, @flags, @busy; those who wait only look
 * @next:	what nobody has taken yet, bytes
 * @end:	up to here
 * @step:	pieces end at multiples of it, bytes
 * @flags:	for GUP
 * @busy:	pieces being faulted in
 * @work:	helpers wait here
 * @idle:	the caller waits here
 * @most:	helpers that there may be
 * @n:		helpers that there are
 * @helpers:	these
 */
struct team {
	struct task_struct *caller;
	struct mm_struct *mm;
	struct mem_cgroup *memcg;
	cpumask_var_t cpus;
	spinlock_t lock;	/* protects the pieces */
	unsigned long next;
	unsigned long end;
	unsigned long step;
	unsigned int flags;
	unsigned int busy;
	wait_queue_head_t work;
	wait_queue_head_t idle;
	unsigned int most;
	unsigned int n;
	struct task_struct *helpers[];
};

struct piece {
	unsigned long start;
	unsigned long end;
	unsigned int flags;
};

static bool take_piece(struct team *team, struct piece *piece)
{
	bool taken;

	spin_lock(&team->lock);
	if (fatal_signal_pending(team->caller))
		WRITE_ONCE(team->end, team->next);
	taken = team->next < team->end;
	if (taken) {
		piece->start = team->next;
		piece->end = min(team->end, ALIGN(team->next + 1, team->step));
		piece->flags = team->flags;
		WRITE_ONCE(team->next, piece->end);
		WRITE_ONCE(team->busy, team->busy + 1);
	}
	spin_unlock(&team->lock);
	return taken;
}

static void finish_piece(struct team *team, bool failed)
{
	spin_lock(&team->lock);
	if (failed)
		WRITE_ONCE(team->end, team->next);
	WRITE_ONCE(team->busy, team->busy - 1);
	if (!team->busy)
		wake_up(&team->idle);
	spin_unlock(&team->lock);
}

/* As FOLL_LONGTERM would have it, no page may come from where it could not stay. */
static bool fault_in(struct team *team, const struct piece *piece)
{
	unsigned int scope = memalloc_pin_save();
	unsigned long vaddr = piece->start;
	long n = 1;

	while (n > 0 && vaddr < piece->end && !fatal_signal_pending(team->caller)) {
		mmap_read_lock(team->mm);
		n = compat_fault_in(team->mm, vaddr,
				    min(PAGES_AT_ONCE, (piece->end - vaddr) >> PAGE_SHIFT),
				    piece->flags);
		mmap_read_unlock(team->mm);
		vaddr += n << PAGE_SHIFT;
		cond_resched();
	}
	memalloc_pin_restore(scope);
	return n > 0;
}

static void work(struct team *team)
{
	struct piece piece;

	while (take_piece(team, &piece))
		finish_piece(team, !fault_in(team, &piece));
}

#ifdef CONFIG_NUMA
/* With the others the place of a page depends on how many this thread has had before. */
static bool policy_can_be_shared(void)
{
	if (!current->mempolicy)
		return true;
	switch (current->mempolicy->mode) {
	case MPOL_PREFERRED:
	case MPOL_PREFERRED_MANY:
	case MPOL_BIND:
	case MPOL_LOCAL:
		return true;
	default:
		return false;
	}
}

/* The caller changes its own only, and not now. This reference goes when the helper exits. */
static void share_policy(struct task_struct *caller)
{
	mpol_get(caller->mempolicy);
	task_lock(current);
	current->mempolicy = caller->mempolicy;
	task_unlock(current);
}
#else
static bool policy_can_be_shared(void)
{
	return true;
}

static void share_policy(struct task_struct *caller)
{
}
#endif

static bool become_the_callers(struct team *team)
{
	if (cgroup_attach_task_all(team->caller, current) ||
	    set_cpus_allowed_ptr(current, team->cpus))
		return false;
	set_user_nice(current, task_nice(team->caller));
	share_policy(team->caller);
	set_active_memcg(team->memcg);
	return true;
}

static int helper(void *data)
{
	struct team *team = data;
	bool may_work = become_the_callers(team);

	while (!kthread_should_stop()) {
		wait_event_idle(team->work, kthread_should_stop() ||
				(may_work && READ_ONCE(team->next) < READ_ONCE(team->end)));
		if (may_work)
			work(team);
	}
	set_active_memcg(NULL);
	return 0;
}

/* NULL if there is to be no helper, or no memory for one. */
static struct team *team_new(void)
{
	unsigned int threads = min(READ_ONCE(stride_fault_threads), num_online_cpus());
	struct team *team;

	if (threads < 2 || !policy_can_be_shared() ||
	    (current->policy != SCHED_NORMAL && current->policy != SCHED_BATCH))
		return NULL;
	team = kzalloc(struct_size(team, helpers, threads - 1), GFP_KERNEL);
	if (!team)
		return NULL;
	if (!alloc_cpumask_var(&team->cpus, GFP_KERNEL))
		goto free;
	cpumask_and(team->cpus, current->cpus_ptr, cpumask_of_node(numa_node_id()));
	cpumask_and(team->cpus, team->cpus, cpu_online_mask);
	threads = min(threads, cpumask_weight(team->cpus));
	if (threads < 2)
		goto free_cpus;
	team->most = threads - 1;
	team->caller = current;
	team->mm = current->mm;
	team->memcg = get_mem_cgroup_from_mm(current->mm);
	spin_lock_init(&team->lock);
	init_waitqueue_head(&team->work);
	init_waitqueue_head(&team->idle);
	return team;

free_cpus:
	free_cpumask_var(team->cpus);
free:
	kfree(team);
	return NULL;
}

/* As many as are wanted, or as can be had. */
static void team_grow(struct team *team, unsigned int wanted)
{
	struct task_struct *task;

	wanted = min(wanted, team->most);
	while (team->n < wanted) {
		task = kthread_run(helper, team, "stride-fault/%d", task_tgid_nr(current));
		if (IS_ERR(task))
			return;
		team->helpers[team->n++] = task;
	}
}

static void team_end(struct team *team)
{
	while (team->n)
		kthread_stop(team->helpers[--team->n]);
	mem_cgroup_put(team->memcg);
	free_cpumask_var(team->cpus);
	kfree(team);
}

/* Returns when all of it was tried, or as much as may be after a failure. */
static void team_fault_in(struct team *team, const struct piece *range, unsigned long step)
{
	spin_lock(&team->lock);
	WRITE_ONCE(team->next, range->start);
	WRITE_ONCE(team->end, range->end);
	team->flags = range->flags;
	team->step = step;
	spin_unlock(&team->lock);
	wake_up_all(&team->work);
	work(team);
	wait_event(team->idle, !READ_ONCE(team->busy));
}

/* Bytes of the range that would have to be faulted in, about. */
static unsigned long estimate_missing(const struct piece *range)
{
	unsigned long distance = (range->end - range->start) / SAMPLES, flags, i;
	unsigned int missing = 0;
	struct walk walk;

	for (i = 0; i < SAMPLES; i++) {
		local_irq_save(flags);
		if (!stride_walk(current->mm, range->start + i * distance, &walk) ||
		    ((range->flags & FOLL_WRITE) && !walk.writable))
			missing++;
		local_irq_restore(flags);
	}
	return missing * distance;
}

static bool lies_in(unsigned long vaddr, unsigned long start, unsigned long end)
{
	return vaddr >= start && vaddr < end;
}

static void know_vma(struct faulting *faulting, struct vm_area_struct *vma)
{
	faulting->vm_start = vma->vm_start;
	faulting->vm_end = vma->vm_end;
	faulting->step = max(PMD_SIZE, vma_kernel_pagesize(vma));
}

/* Memory of these kinds can always be pinned for long; of others it is not known before. */
static void look_for_vma(struct faulting *faulting, unsigned long vaddr)
{
	struct vm_area_struct *vma;

	mmap_read_lock(current->mm);
	vma = vma_lookup(current->mm, vaddr);
	if (vma && (vma_is_anonymous(vma) || is_vm_hugetlb_page(vma)))
		know_vma(faulting, vma);
	mmap_read_unlock(current->mm);
}

/* With as many helpers as it takes, if it takes any. */
static void fault_in_from(struct faulting *faulting, struct piece range)
{
	unsigned long missing = estimate_missing(&range);
	unsigned long share = max(SHARE_BYTES, faulting->step);

	faulting->tried_start = range.start;
	faulting->tried_end = min(range.end, range.start + share);
	if (!faulting->team && missing >= HELPER_BYTES)
		faulting->team = team_new();
	if (!faulting->team)
		return;
	team_grow(faulting->team, missing / HELPER_BYTES);
	share *= 1 + faulting->team->n;
	range.end = min(range.end, ALIGN(range.start + share, faulting->step));
	faulting->tried_end = range.end;
	team_fault_in(faulting->team, &range, faulting->step);
}

/**
 * stride_fault_ahead() - have helpers fault in what is to be pinned next
 * @container:	locked
 * @vaddr:	the caller's, where memory is missing, bytes
 * @npages:	from there on are to be pinned, and may be
 * @write:	for writing
 *
 * Nothing depends on what this does: it may do all, some or nothing.
 */
void stride_fault_ahead(struct container *container, unsigned long vaddr, u64 npages, bool write)
{
	struct faulting *faulting = &container->faulting;
	struct piece range = { .start = vaddr, .flags = write ? FOLL_WRITE : 0 };

	lockdep_assert_held(&container->lock);
	if (!faulting->team && (READ_ONCE(stride_fault_threads) < 2 ||
				npages < HELPER_BYTES >> PAGE_SHIFT))
		return;
	if (!lies_in(vaddr, faulting->vm_start, faulting->vm_end))
		look_for_vma(faulting, vaddr);
	if (!lies_in(vaddr, faulting->vm_start, faulting->vm_end) ||
	    lies_in(vaddr, faulting->tried_start, faulting->tried_end))
		return;
	range.end = vaddr + (min(npages, (faulting->vm_end - vaddr) >> PAGE_SHIFT) << PAGE_SHIFT);
	fault_in_from(faulting, range);
}

/**
 * stride_fault_ahead_in() - a page of a VMA was pinned, so that more of it may be faulted in
 * @container:	locked
 * @vma:	the caller's, under the mmap lock
 *
 * Some VMAs refuse pins for long, and their memory must not be touched in vain.
 */
void stride_fault_ahead_in(struct container *container, struct vm_area_struct *vma)
{
	mmap_assert_locked(vma->vm_mm);
	lockdep_assert_held(&container->lock);
	know_vma(&container->faulting, vma);
}

/** stride_fault_ahead_end() - helpers end, before the container is unlocked */
void stride_fault_ahead_end(struct container *container)
{
	struct faulting *faulting = &container->faulting;

	lockdep_assert_held(&container->lock);
	if (!faulting->vm_end)
		return;
	if (faulting->team)
		team_end(faulting->team);
	*faulting = (struct faulting){ 0 };
}
