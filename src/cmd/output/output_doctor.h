/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/diagnose/own_fix.h"

/**
 * gs_emit_doctor - what is wrong, in the order of gs_diagnose(), and the cause
 * @fixes: what was made of it, or would be; NULL: that was not asked
 */
int gs_emit_doctor(const struct gs_call *call, const struct gs_cases *cases,
		   const struct gs_own_fixes *fixes, struct gs_err *err);
