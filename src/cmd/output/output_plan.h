/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "cmd/output/change.h"

struct gs_result;

/**
 * gs_emit_plan - of a verb that changes something: the changes, their verification, what to do next
 * @path: the share; NULL where the verb names none
 * @change: has a plan
 */
int gs_emit_plan(const struct gs_call *call, const char *path, const struct gs_change *change,
		 struct gs_err *err);

/* For the kinds of result that add to gs_emit_plan(). */

/** gs_plan_text - the @text of struct gs_result_ops for a plan */
int gs_plan_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		 struct gs_err *err);

/** gs_plan_id - the share id that the plan's verification expects; NULL: none is expected */
const char *gs_plan_id(const struct gs_change *change);

/** gs_plan_add_dry_run - add what would be done, and that nothing was changed */
void gs_plan_add_dry_run(const struct gs_change *change, struct gs_str *out);

/** gs_plan_add_undo - add the command that undoes the run, where there was one */
void gs_plan_add_undo(const struct gs_change *change, struct gs_str *out);
