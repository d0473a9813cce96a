/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/call/words.h"
#include "cmd/output/result.h"
#include "core/format/clusterenv.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/report/report.h"
#include "core/report/report_follower.h"
#include "core/verify/plan_env.h"

/* The wish is true by then, and stays so: the status must not say that nothing was changed. */
static int tell_unwritten(const struct gs_call *call, const struct gs_result *result,
			  struct gs_err *err)
{
	if (!call->changes || !result->done || !result->plan || !result->plan->n)
		return err->code;
	err->code = -GS_E_LEFT;
	return gs_err_prefix(err, "done, and what was done is left in place");
}

static int put(struct gs_span text, struct gs_err *err)
{
	if (fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout) != 0)
		return gs_err_set(err, EIO, "cannot write the result: %s", gs_errno_text(errno));
	return 0;
}

static void add_proof(const struct gs_result *result, struct gs_str *out)
{
	const struct gs_done *done = result->done;

	if (result->offline) {
		gs_str_adds(out, "offline: files were written, nothing was applied or proved\n");
		return;
	}
	for (size_t i = 0; i < done->proved.n; i++)
		gs_str_addf(out, "proved: %s\n", done->proved.v[i]);
	if (done->foreign)
		gs_str_addf(out, "%zu other export%s unchanged\n", done->foreign,
			    done->foreign > 1 ? "s" : "");
}

static int add_env(const struct gs_env *env, bool bare, struct gs_str *out, struct gs_err *err)
{
	const struct gs_clusterenv_values values = {
		.node_type = env->is_leader ? GS_NODE_LEADER : GS_NODE_FOLLOWER,
		.dataset_dir = env->dataset_dir,
		.postgres_host = env->postgres_host,
	};
	gs_autostr struct gs_str lines = { 0 };
	struct gs_span rest, line = { 0 };

	if (gs_clusterenv_print(&values, &lines, err) < 0)
		return err->code;
	if (bare) {
		gs_str_add(out, gs_str_span(&lines));
		return 0;
	}
	gs_str_adds(out, "\ncluster.env for this node:\n");
	rest = gs_str_span(&lines);
	while (gs_span_cut(&rest, '\n', &line))
		if (line.len)
			gs_str_addf(out, "  %.*s\n", (int)line.len, line.ptr);
	return 0;
}

static void add_undo(const struct gs_result *result, struct gs_str *out)
{
	if (result->done && result->done->run)
		gs_str_addf(out, "undo with: gshare undo %u\n", result->done->run);
}

/* A verb that changes something: what, with what proof, and what comes next. */
static int add_change(const struct gs_call *call, const struct gs_result *result,
		      struct gs_str *out, struct gs_err *err)
{
	const struct gs_plan *plan = result->plan;

	if (result->is_switch && plan->n && result->done && result->done->in_force) {
		gs_report_switch(plan,
				 &(struct gs_switched){ result->done->in_force_ms,
							result->done->open.n,
							result->done->open_unknown },
				 out);
		gs_report_findings(&plan->findings, GS_NOTE, out);
		gs_report_findings(&result->done->findings, GS_NOTE, out);
		add_undo(result, out);
		return 0;
	}
	if (result->path)
		gs_report_share(result->path, result->fs, out);
	gs_report_items(plan, out);
	if (!plan->n) {
		gs_report_findings(&plan->findings, GS_NOTE, out);
		gs_str_adds(out, "nothing to do\n");
		return 0;
	}
	if (call->dry_run || !result->done) {
		gs_report_findings(&plan->findings, GS_NOTE, out);
		gs_report_dry_run(plan, result->offline, out);
		gs_str_adds(out, "nothing was changed (dry run)\n");
		return 0;
	}
	add_proof(result, out);
	gs_report_findings(&plan->findings, GS_NOTE, out);
	gs_report_findings(&result->done->findings, GS_NOTE, out);
	if (result->env && add_env(result->env, false, out, err) < 0)
		return err->code;
	gs_report_next(plan, out);
	add_undo(result, out);
	return 0;
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	if (result->status) {
		gs_report_status(result->status, out);
		return 0;
	}
	if (result->survey) {
		gs_report_survey(result->survey, out);
		return 0;
	}
	if (result->health) {
		gs_health_report(result->health, out);
		return 0;
	}
	if (result->runs) {
		gs_report_history(result->runs, out);
		return 0;
	}
	if (!result->plan)
		return add_env(result->env, true, out, err);
	if (!result->env_written)
		return add_change(call, result, out, err);
	gs_report_items(result->plan, out);
	if (!result->plan->n)
		gs_str_adds(out, "nothing to do\n");
	if (call->dry_run) {
		gs_report_dry_run(result->plan, false, out);
		gs_str_adds(out, "nothing was changed (dry run)\n");
	}
	add_undo(result, out);
	return 0;
}

/* What stdout does not show: findings beside bare lines, and failures when all else is quiet. */
static void put_aside(const struct gs_call *call, const struct gs_result *result)
{
	const struct gs_findings *all[] = {
		result->plan ? &result->plan->findings : NULL,
		result->done ? &result->done->findings : NULL,
		result->survey ? &result->survey->findings : NULL,
		result->health ? &result->health->findings : NULL,
		result->status ? &result->status->findings : NULL,
		result->findings,
	};
	bool bare = !result->path && !result->survey && !result->status && !result->is_undo;
	gs_autostr struct gs_str text = { 0 };

	if (call->json || (!call->quiet && !bare))
		return;
	for (size_t i = 0; i < GS_COUNT(all); i++)
		if (all[i])
			gs_report_findings(all[i], bare && !call->quiet ? GS_NOTE : GS_FAIL, &text);
	if (text.len)
		fwrite(text.ptr, 1, text.len, stderr);
}

int gs_emit(const struct gs_call *call, const struct gs_result *result, struct gs_err *err)
{
	gs_autostr struct gs_str out = { 0 };
	gs_autofree char *json = NULL;
	bool failed = gs_result_has_failure(result);

	if (call->json) {
		json = gs_json_result(call, result);
		gs_str_addf(&out, "%s\n", json);
	} else if (add_text(call, result, &out, err) < 0) {
		return err->code;
	}
	if ((call->json || !call->quiet) && put(gs_str_span(&out), err) < 0)
		return tell_unwritten(call, result, err);
	put_aside(call, result);
	/* The findings are printed already: main has nothing to add. */
	return failed ? gs_err_set(err, GS_E_FOUND, "%s", "") : 0;
}

void gs_emit_error(const struct gs_call *call, const struct gs_err *err, int status)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unwritten = { 0 };

	if (!err->msg[0])
		return;
	if (call->json) {
		gs_autofree char *json = gs_json_error(call, err, status);

		gs_str_addf(&text, "%s\n", json);
		(void)put(gs_str_span(&text), &unwritten);
		return;
	}
	gs_report_error(err, call->changes, &text);
	fwrite(text.ptr, 1, text.len, stderr);
}
