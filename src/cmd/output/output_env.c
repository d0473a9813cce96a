/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_env.h"

#include "cmd/output/emit.h"
#include "cmd/output/env_lines.h"
#include "cmd/output/output_plan.h"
#include "cmd/output/result.h"
#include "core/report/report.h"

static int add_lines(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		     struct gs_err *err)
{
	(void)call;
	return gs_env_lines(result->change.env, out, err);
}

static int add_written(const struct gs_call *call, const struct gs_result *result,
		       struct gs_str *out, struct gs_err *err)
{
	const struct gs_change *change = &result->change;

	(void)err;
	gs_report_items(change->plan, out);
	if (!change->plan->n)
		gs_str_adds(out, "nothing to do\n");
	if (call->dry_run)
		gs_plan_add_dry_run(change, out);
	gs_plan_add_undo(change, out);
	return 0;
}

int gs_emit_env(const struct gs_call *call, const struct gs_change *change, struct gs_err *err)
{
	static const struct gs_result_ops ops = { .text = add_lines, .is_bare = true };

	return gs_emit(call, &(struct gs_result){ .ops = &ops, .change = *change }, err);
}

int gs_emit_env_written(const struct gs_call *call, const struct gs_change *change,
			struct gs_err *err)
{
	static const struct gs_result_ops ops = { .text = add_written, .is_bare = true };

	return gs_emit(call, &(struct gs_result){ .ops = &ops, .change = *change }, err);
}
