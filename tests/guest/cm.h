/* SPDX-License-Identifier: GPL-2.0 */
/*
 * cmocka with what it wants included before it.
 */
#ifndef GUEST_CM_H
#define GUEST_CM_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
