/* SPDX-License-Identifier: GPL-2.0 */
/* What there must be enough of, looked at before anybody waits for memory to be prepared. */
#ifndef STRIDE_BENCH_LIMITS_H
#define STRIDE_BENCH_LIMITS_H

#include <stdint.h>

/* Both end the program if @size bytes are more than the machine has free, or than may be pinned. */
void limits_check_memory(uint64_t size);
void limits_check_lock(uint64_t size);

#endif
