/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A file that maps whichever pfns it was told, in that order.
 */
#ifndef TEST_MDEV_PFNMAP_H
#define TEST_MDEV_PFNMAP_H

int pfnmap_register(void);
void pfnmap_unregister(void);

#endif
