/* SPDX-License-Identifier: GPL-2.0 */
/*
 * One emulated device: what vfio calls.
 */
#ifndef TEST_MDEV_DEVICE_H
#define TEST_MDEV_DEVICE_H

#include <linux/mdev.h>

int emulated_create(struct mdev_device *mdev);
void emulated_remove(struct mdev_device *mdev);

#endif
