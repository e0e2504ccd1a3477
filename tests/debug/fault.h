/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The kernel's fault injection, for one thread: the n-th allocation or copy from or to user space
 * from now on fails (Documentation/fault-injection).
 */
#ifndef DEBUG_FAULT_H
#define DEBUG_FAULT_H

#include <stdbool.h>

/* every allocation may fail, whatever its size and wherever it may sleep; silently */
void fault_prepare(void);

void fault_arm(unsigned int nth);

/* whether it came to that */
bool fault_disarm(void);

#endif
