/* SPDX-License-Identifier: GPL-2.0 */
/* Which of the supported series of kernels this is, as listed in the file kernels. */
#ifndef STRIDE_COMPAT_SERIES_H
#define STRIDE_COMPAT_SERIES_H

#include <linux/version.h>

#define COMPAT_6_1	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 1, 0) && \
			 LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0))
#define COMPAT_6_12	(LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0) && \
			 LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0))

#if !COMPAT_6_1 && !COMPAT_6_12
#error "vfio-stride was checked against the kernels 6.1 and 6.12, and this is another one"
#endif

#endif
