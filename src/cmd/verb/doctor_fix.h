/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/diagnose/own_fix.h"

/**
 * gs_doctor_fix - show the plan of each fix, ask, and make them
 * Each is a run of gshare's of its own, with its journal. Where a dry run fails, that fix is not
 * made; where a run fails, those after it are not. With --dry-run, only the plans.
 * Errors: of gs_confirm(); the plans are shown then.
 */
int gs_doctor_fix(const struct gs_call *call, struct gs_own_fixes *fixes, struct gs_err *err);
