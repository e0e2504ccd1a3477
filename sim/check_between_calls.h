/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The rules for the time between calls, when nobody is at work.
 */
#ifndef SIM_CHECK_BETWEEN_CALLS_H
#define SIM_CHECK_BETWEEN_CALLS_H

void sim_check(void);

#endif
