/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/sys.h"

/**
 * gs_can_flush - may the active exports change now?
 * Errors: -EPROTO, MOUNTD_DEAD or SERVER_DOWN: a change would hang every follower.
 */
int gs_can_flush(struct gs_sys *sys, struct gs_err *err);
