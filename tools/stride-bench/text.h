/* SPDX-License-Identifier: GPL-2.0 */
/* Sizes in words, and how far a long preparation has come. */
#ifndef STRIDE_BENCH_TEXT_H
#define STRIDE_BENCH_TEXT_H

#include <stdint.h>

#define KIB (1ULL << 10)
#define MIB (1ULL << 20)
#define GIB (1ULL << 30)

#define SIZE_TEXT 24

/* "16 GiB", "1.5 MiB"; @text has room for SIZE_TEXT, and is returned. */
const char *size_text(char *text, uint64_t bytes);

/* One line on a terminal, rewritten each time and gone when all is done; elsewhere nothing. */
void progress(const char *what, uint64_t done, uint64_t size);

#endif
