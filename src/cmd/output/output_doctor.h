/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/diagnose/own_fix.h"

/** struct gs_doctor_more - what was asked beside the findings; each NULL: that was not
 * @fixes: what was made of them, or would be; @bundle: a file that was written
 */
struct gs_doctor_more {
	const struct gs_own_fixes *fixes;
	const struct gs_doctor_bundle {
		const char *path;
		size_t files, bytes;
	} * bundle;
};

/** gs_emit_doctor - what is wrong, in the order of gs_diagnose(), and the cause; @more: NULL: none
 */
int gs_emit_doctor(const struct gs_call *call, const struct gs_cases *cases,
		   const struct gs_doctor_more *more, struct gs_err *err);

/** gs_doctor_object - the same findings as one JSON object; the caller frees it with free() */
char *gs_doctor_object(const struct gs_call *call, const struct gs_cases *cases);
