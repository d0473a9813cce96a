/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/**
 * gs_repair_step - the step REPAIR
 * Judges again what it finds, each inode in the instant before it is changed. Fills done->repair.
 * Errors: -GS_E_PARTLY (cause REPAIR_CUT) at the deadline, with how much is done; it stays.
 * REPAIR_FAILED where a call has failed, after the others have been changed.
 */
int gs_repair_step(struct gs_sys *sys, const struct gs_plan *plan, const struct gs_step *step,
		   struct gs_done *done, struct gs_err *err);

/** gs_repair_stay - a failure after rights were given becomes -GS_E_PARTLY: nobody takes them */
int gs_repair_stay(const struct gs_done *done, struct gs_err *err);
