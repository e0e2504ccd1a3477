/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the device can reach, judged by what its DMA does to memory.
 *
 * Each check first fills the memory at hand with a random pattern, so that nothing left over from
 * an earlier transfer, also another program's, can pass for a success. "at" is where this process
 * sees the memory that is, or would be, behind the IOVA.
 */
#ifndef GUEST_REACH_H
#define GUEST_REACH_H

#include "edu.h"

/* how much a check transfers, unless told: enough to tell any two patterns apart */
#define REACH 64

/* the device reads and writes exactly this memory; [iova, iova + size) may cross pages */
#define assert_reaches(edu, iova, at, size) reach_both(edu, iova, at, size, __FILE__, __LINE__)

/* reads it, but does not write it */
#define assert_reads_only(edu, iova, at) reach_read_only(edu, iova, at, __FILE__, __LINE__)

/* neither reads nor writes it */
#define assert_unreachable(edu, iova, at) reach_none(edu, iova, at, __FILE__, __LINE__)

/* does not write it: one transfer, where reading need not be tried as well */
#define assert_not_written(edu, iova, at) reach_not_written(edu, iova, at, __FILE__, __LINE__)

/* the device reads these bytes there */
#define assert_device_sees(edu, iova, bytes, size) \
	reach_sees(edu, iova, bytes, size, __FILE__, __LINE__)

void reach_both(struct edu *edu, uint64_t iova, void *at, uint64_t size, const char *file,
		int line);
void reach_read_only(struct edu *edu, uint64_t iova, void *at, const char *file, int line);
void reach_none(struct edu *edu, uint64_t iova, void *at, const char *file, int line);
void reach_not_written(struct edu *edu, uint64_t iova, void *at, const char *file, int line);
void reach_sees(struct edu *edu, uint64_t iova, const void *bytes, uint64_t size, const char *file,
		int line);

/* a random pattern */
void reach_fill(void *at, uint64_t size);

#endif
