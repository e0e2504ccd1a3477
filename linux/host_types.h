/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The types that the engine asks its host for.
 */
#ifndef STRIDE_HOST_TYPES_H
#define STRIDE_HOST_TYPES_H

#include <linux/errno.h>
#include <linux/pgtable.h>
#include <linux/types.h>

#define STRIDE_PAGE_SHIFT	PAGE_SHIFT
#define STRIDE_PMD_ORDER	(PMD_SHIFT - PAGE_SHIFT)
#define STRIDE_PUD_ORDER	(PUD_SHIFT - PAGE_SHIFT)

#endif
