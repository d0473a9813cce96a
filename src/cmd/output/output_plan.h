/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "cmd/output/change.h"

struct gs_result;

/**
 * gs_emit_plan - of a verb that changes something: what, with what proof, and what comes next
 * @path: the share; NULL where the verb names none
 * @change: has a plan
 */
int gs_emit_plan(const struct gs_call *call, const char *path, const struct gs_change *change,
		 struct gs_err *err);

/* For the kinds that say more than this. */

/** gs_plan_text - the text of such a result, as the row has it */
int gs_plan_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		 struct gs_err *err);

/** gs_plan_id - the id of the share, as the plan's proof expects it; NULL: none is expected */
const char *gs_plan_id(const struct gs_change *change);

/** gs_plan_add_dry_run - what would be done, and that nothing was */
void gs_plan_add_dry_run(const struct gs_change *change, struct gs_str *out);

/** gs_plan_add_undo - how to take the run back, where there was one */
void gs_plan_add_undo(const struct gs_change *change, struct gs_str *out);
