// SPDX-License-Identifier: GPL-2.0
/*
 * One emulated device: it does with its container's memory what an ioctl tells it.
 *
 * Lock order: vfio holds a list of devices still while it calls dma_unmap, which takes the device's
 * lock; under that lock go calls into vfio, which takes the container's. As in the in-tree drivers
 * of emulated devices, so that no pin is ever held that dma_unmap could not see.
 */
#include "compat.h"
#include "device.h"
#include "held.h"
#include "test_mdev.h"

#include <linux/completion.h>
#include <linux/delay.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/workqueue.h>

struct device_state {
	struct vfio_device vdev;
	struct mutex lock;		/* protects what follows */
	struct held held;
	struct test_mdev_calls log;
	unsigned int ignore;		/* so many calls of dma_unmap */
	bool stall;			/* the next call */
	struct completion stalled, resumed;
};

static struct device_state *state_of(struct vfio_device *vdev)
{
	return container_of(vdev, struct device_state, vdev);
}

static int open_device(struct vfio_device *vdev)
{
	struct device_state *state = state_of(vdev);

	mutex_lock(&state->lock);
	state->log.count = 0;
	state->ignore = 0;
	state->stall = false;
	mutex_unlock(&state->lock);
	return 0;
}

static void close_device(struct vfio_device *vdev)
{
	struct device_state *state = state_of(vdev);

	mutex_lock(&state->lock);
	held_drop(&state->held, 0, U64_MAX);
	mutex_unlock(&state->lock);
}

/* Outside the lock, so that the device can be used meanwhile. */
static void stall_if_told(struct device_state *state)
{
	bool stall;

	mutex_lock(&state->lock);
	stall = state->stall;
	state->stall = false;
	mutex_unlock(&state->lock);
	if (!stall)
		return;
	complete(&state->stalled);
	wait_for_completion(&state->resumed);
}

/* Sleeps, as a driver does that waits for its device's DMA to end: others run meanwhile. */
static void dma_unmap(struct vfio_device *vdev, u64 iova, u64 size)
{
	struct device_state *state = state_of(vdev);
	struct test_mdev_calls *log = &state->log;

	usleep_range(50, 100);
	stall_if_told(state);
	mutex_lock(&state->lock);
	if (log->count < TEST_MDEV_CALLS_MAX)
		log->calls[log->count] = (struct test_mdev_call){ .iova = iova, .size = size };
	log->count++;
	if (state->ignore)
		state->ignore--;
	else
		held_drop(&state->held, iova, iova + size - 1);
	mutex_unlock(&state->lock);
}

static long pin(struct device_state *state, const void __user *arg)
{
	struct test_mdev_pages pages;
	long ret;

	if (copy_from_user(&pages, arg, sizeof(pages)))
		return -EFAULT;
	mutex_lock(&state->lock);
	ret = held_pin(&state->held, pages.iova, pages.npages, pages.prot);
	mutex_unlock(&state->lock);
	return ret;
}

static long unpin(struct device_state *state, const void __user *arg)
{
	struct test_mdev_pages pages;
	long ret;

	if (copy_from_user(&pages, arg, sizeof(pages)))
		return -EFAULT;
	mutex_lock(&state->lock);
	ret = held_unpin(&state->held, pages.iova, pages.npages);
	mutex_unlock(&state->lock);
	return ret;
}

static long touch(struct device_state *state, struct test_mdev_transfer *transfer, void *buffer)
{
	long ret;

	mutex_lock(&state->lock);
	ret = held_copy(&state->held, transfer->iova, buffer, transfer->size, transfer->write);
	mutex_unlock(&state->lock);
	return ret;
}

struct rw_work {
	struct work_struct work;
	struct vfio_device *vdev;
	const struct test_mdev_transfer *transfer;
	void *buffer;
	int ret;
};

static void rw_now(struct work_struct *work)
{
	struct rw_work *rw = container_of(work, struct rw_work, work);

	rw->ret = vfio_dma_rw(rw->vdev, rw->transfer->iova, rw->buffer, rw->transfer->size,
			      rw->transfer->write);
}

static long rw(struct device_state *state, struct test_mdev_transfer *transfer, void *buffer)
{
	struct rw_work rw = { .vdev = &state->vdev, .transfer = transfer, .buffer = buffer };

	INIT_WORK_ONSTACK(&rw.work, rw_now);
	if (transfer->kthread) {
		schedule_work(&rw.work);
		flush_work(&rw.work);
	} else {
		rw_now(&rw.work);
	}
	destroy_work_on_stack(&rw.work);
	return rw.ret;
}

/* touch() or rw() between the IOVA and the caller's buffer, by way of a buffer of ours */
static long transfer(struct device_state *state, const void __user *arg,
		     long (*how)(struct device_state *, struct test_mdev_transfer *, void *))
{
	struct test_mdev_transfer t;
	void __user *user;
	void *buffer;
	long ret = -EFAULT;

	if (copy_from_user(&t, arg, sizeof(t)))
		return -EFAULT;
	user = u64_to_user_ptr(t.buffer);
	buffer = kvmalloc(t.size, GFP_KERNEL);
	if (!buffer)
		return -ENOMEM;
	if (t.write && copy_from_user(buffer, user, t.size))
		goto free;
	ret = how(state, &t, buffer);
	if (!ret && !t.write && copy_to_user(user, buffer, t.size))
		ret = -EFAULT;
free:
	kvfree(buffer);
	return ret;
}

static long ignore(struct device_state *state, unsigned long calls)
{
	mutex_lock(&state->lock);
	state->ignore = calls;
	mutex_unlock(&state->lock);
	return 0;
}

static long stall(struct device_state *state)
{
	mutex_lock(&state->lock);
	reinit_completion(&state->stalled);
	reinit_completion(&state->resumed);
	state->stall = true;
	mutex_unlock(&state->lock);
	return 0;
}

static long resume(struct device_state *state)
{
	complete(&state->resumed);
	return 0;
}

static long take_calls(struct device_state *state, void __user *arg)
{
	long ret;

	mutex_lock(&state->lock);
	ret = copy_to_user(arg, &state->log, sizeof(state->log)) ? -EFAULT : 0;
	state->log.count = 0;
	mutex_unlock(&state->lock);
	return ret;
}

static long device_ioctl(struct vfio_device *vdev, unsigned int command, unsigned long arg)
{
	struct device_state *state = state_of(vdev);

	switch (command) {
	case TEST_MDEV_PIN:
		return pin(state, (void __user *)arg);
	case TEST_MDEV_UNPIN:
		return unpin(state, (void __user *)arg);
	case TEST_MDEV_TOUCH:
		return transfer(state, (void __user *)arg, touch);
	case TEST_MDEV_RW:
		return transfer(state, (void __user *)arg, rw);
	case TEST_MDEV_IGNORE:
		return ignore(state, arg);
	case TEST_MDEV_CALLS:
		return take_calls(state, (void __user *)arg);
	case TEST_MDEV_STALL:
		return stall(state);
	case TEST_MDEV_STALLED:
		return wait_for_completion_killable(&state->stalled);
	case TEST_MDEV_RESUME:
		return resume(state);
	default:
		return -ENOTTY;
	}
}

static const struct vfio_device_ops ops = {
	.name = "test_mdev",
	.release = test_mdev_release,
	.open_device = open_device,
	.close_device = close_device,
	.ioctl = device_ioctl,
	.dma_unmap = dma_unmap,
};

int emulated_create(struct mdev_device *mdev)
{
	struct device_state *state = vfio_alloc_device(device_state, vdev, &mdev->dev, &ops);
	int ret;

	if (IS_ERR(state))
		return PTR_ERR(state);
	mutex_init(&state->lock);
	init_completion(&state->stalled);
	init_completion(&state->resumed);
	held_init(&state->held, &state->vdev);
	ret = vfio_register_emulated_iommu_dev(&state->vdev);
	if (ret)
		vfio_put_device(&state->vdev);
	else
		dev_set_drvdata(&mdev->dev, state);
	return ret;
}

void emulated_remove(struct mdev_device *mdev)
{
	struct device_state *state = dev_get_drvdata(&mdev->dev);

	vfio_unregister_group_dev(&state->vdev);
	vfio_put_device(&state->vdev);
}
