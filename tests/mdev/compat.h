/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What differs between the kernels: the one place of this module that knows their versions.
 */
#ifndef TEST_MDEV_COMPAT_H
#define TEST_MDEV_COMPAT_H

#include <linux/version.h>
#include <linux/vfio.h>

/* 6.2: vfio frees what vfio_alloc_device() allocated; before, the driver's release does */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define test_mdev_release vfio_free_device
#else
#define test_mdev_release NULL
#endif

#endif
