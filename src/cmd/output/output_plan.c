/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_plan.h"

#include "cmd/output/emit.h"
#include "cmd/output/env_lines.h"
#include "cmd/output/result.h"
#include "core/plan/plan.h"
#include "core/report/report.h"
#include "core/step/step.h"

static void add_verification(const struct gs_change *change, struct gs_str *out)
{
	const struct gs_done *done = change->done;

	if (change->offline) {
		gs_str_adds(out, "offline: files were written, nothing was applied or verified\n");
		return;
	}
	for (size_t i = 0; i < done->verified.n; i++)
		gs_str_addf(out, "verified: %s\n", done->verified.v[i]);
	if (done->foreign)
		gs_str_addf(out, "%zu other export%s unchanged\n", done->foreign,
			    done->foreign > 1 ? "s" : "");
}

static int add_env(const struct gs_env *env, struct gs_str *out, struct gs_err *err)
{
	gs_autostr struct gs_str lines = { 0 };
	struct gs_span rest, line = { 0 };

	if (gs_env_lines(env, &lines, err) < 0)
		return err->code;
	gs_str_adds(out, "\ncluster.env for this node:\n");
	rest = gs_str_span(&lines);
	while (gs_span_cut(&rest, '\n', &line))
		if (line.len)
			gs_str_addf(out, "  %.*s\n", (int)line.len, line.ptr);
	return 0;
}

void gs_plan_add_dry_run(const struct gs_change *change, struct gs_str *out)
{
	gs_report_dry_run(change->plan, change->offline, out);
	gs_str_adds(out, "nothing was changed (dry run)\n");
}

void gs_plan_add_undo(const struct gs_change *change, struct gs_str *out)
{
	if (change->done && change->done->run)
		gs_str_addf(out, "undo with: sudo gshare undo %u\n", change->done->run);
}

int gs_plan_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		 struct gs_err *err)
{
	const struct gs_change *change = &result->change;
	const struct gs_plan *plan = change->plan;

	if (result->path)
		gs_report_share(result->path, change->fs, out);
	gs_report_items(plan, out);
	if (!plan->n) {
		gs_report_findings(&plan->findings, GS_NOTE, out);
		gs_str_adds(out, "nothing to do\n");
		return 0;
	}
	if (call->dry_run || !change->done) {
		gs_report_findings(&plan->findings, GS_NOTE, out);
		gs_plan_add_dry_run(change, out);
		return 0;
	}
	add_verification(change, out);
	gs_report_findings(&plan->findings, GS_NOTE, out);
	gs_report_findings(&change->done->findings, GS_NOTE, out);
	if (change->env && add_env(change->env, out, err) < 0)
		return err->code;
	gs_report_next(plan, out);
	gs_plan_add_undo(change, out);
	return 0;
}

const char *gs_plan_id(const struct gs_change *change)
{
	const struct gs_step *verify = gs_plan_find(change->plan, GS_STEP_VERIFY);

	return verify ? verify->verification.id : NULL;
}

int gs_emit_plan(const struct gs_call *call, const char *path, const struct gs_change *change,
		 struct gs_err *err)
{
	static const struct gs_result_ops ops = { .text = gs_plan_text };
	const struct gs_result result = {
		.ops = &ops,
		.path = path,
		.id = gs_plan_id(change),
		.change = *change,
	};

	return gs_emit(call, &result, err);
}
