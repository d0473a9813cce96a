/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/sys.h"

/** gs_phase_end - drop every privilege; returns @result, or if that is 0, why dropping failed */
static inline int gs_phase_end(struct gs_sys *sys, int result, struct gs_err *err)
{
	struct gs_err late = { 0 };

	if (sys->ops->privs->enter(GS_PHASE_NONE, &late) < 0 && result == 0) {
		*err = late;
		return late.code;
	}
	return result;
}
