/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A mapping without struct pages (VM_PFNMAP) of any pfns in any order.
 */
#ifndef GUEST_PFNMAP_H
#define GUEST_PFNMAP_H

#include <stdint.h>

/* so many pages, for reading; the caller unmaps it */
void *pfnmap_get(const uint64_t *pfns, unsigned int n);

/* the first pfn of a PCI device's BAR */
uint64_t pfnmap_of_bar(const char *bdf, unsigned int bar);

#endif
