/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/verify.h"

#include "base/command.h"
#include "cmd/call/words.h"
#include "cmd/output/output_access.h"
#include "cmd/output/output_env.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/verify/access_report.h"
#include "core/verify/plan_env.h"
#include "engine/observe/common.h"
#include "engine/observe/way.h"
#include "engine/run/apply.h"
#include "engine/verify/converge.h"

/* verify and env: the verbs that verify a share and report on it. */

static int parse_path(const struct gs_call *call, struct gs_verify_req *req, struct gs_err *err)
{
	const struct gs_strs *pos = &call->words.pos;

	req->exports_file = "/etc/exports";
	req->path = pos->n ? pos->v[0] : gs_words_get(&call->words, GS_OPT_PATH);
	if (pos->n > 1)
		return gs_err_set(err, GS_E_USAGE, "'%s' accepts at most one PATH", call->name);
	return gs_words_absolute(call, NULL, req->path, err);
}

int gs_cmd_verify(struct gs_call *call, struct gs_err *err)
{
	struct gs_verify_req req = { .as = call->words.opt[GS_OPT_AS] };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_access_report_done) struct gs_access_report report = { 0 };

	if (parse_path(call, &req, err) < 0 || gs_call_begin(call, false, &sys, err) < 0 ||
	    gs_access_report(&sys, &req, &report, err) < 0)
		return err->code;
	return gs_emit_access(call, &report, err);
}

/* A verification that fails is -GS_E_FOUND: exit status 3, and no lines of cluster.env. */
static int verify(struct gs_sys *sys, const struct gs_call *call,
		  const struct gs_plan *verification, struct gs_done *done, struct gs_err *err)
{
	if (call->dry_run)
		return 0;
	if (gs_apply(sys, verification, done, err) == 0) {
		/* With --unverified, a failed verification is a warning beside the lines. */
		for (size_t i = 0; i < done->findings.n; i++)
			done->findings.v[i].severity = GS_WARN;
		return 0;
	}
	if (err->code == -GS_E_PRIVILEGE || err->code == -GS_E_LOCKED)
		return err->code;
	err->code = -GS_E_FOUND;
	return err->code;
}

/* The command that was typed, with --canonical; NULL where it has it. */
static char *canonical_again(const struct gs_call *call, const char *file)
{
	const struct gs_words *words = &call->words;
	const char *path = gs_words_get(words, GS_OPT_PATH);

	if (gs_words_has(words, GS_OPT_CANONICAL))
		return NULL;
	return gs_command_text("", "sudo", "gshare", "env", call->cmd->name, "--write", file,
			       "--canonical", path ? "--path" : NULL, path,
			       gs_words_get(words, GS_OPT_POSTGRES) ? "--postgres" : NULL,
			       gs_words_get(words, GS_OPT_POSTGRES),
			       gs_words_has(words, GS_OPT_ALLOW_USER_PATH) ? "--allow-user-path"
									   : NULL,
			       gs_words_has(words, GS_OPT_UNVERIFIED) ? "--unverified" : NULL);
}

/* @found: findings about the values */
static int write_env(struct gs_sys *sys, struct gs_call *call, const char *path,
		     const struct gs_env *env, const struct gs_findings *found, struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file file = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	gs_autofree char *again = canonical_again(call, path);

	if (gs_words_absolute(call, "--write", path, err) < 0)
		return err->code;
	if (gs_observe_env(sys, path, &file, err) < 0 || gs_plan_env(&file, env, &plan, err) < 0)
		return err->code;
	gs_findings_copy(found, &plan.findings);
	gs_judge_env(&file, again, &plan);
	if (gs_ways_check(sys, &plan, err) < 0 ||
	    (!call->dry_run &&
	     (gs_apply(sys, &plan, &done, err) < 0 || gs_finish(sys, &plan, &done, err) < 0)))
		return err->code;
	return gs_emit_env_written(
		call, &(struct gs_change){ .plan = &plan, .done = &done, .env = env }, err);
}

static int env(struct gs_call *call, bool is_leader, struct gs_err *err)
{
	const char *path = gs_words_get(&call->words, GS_OPT_WRITE);
	struct gs_verify_req req = { .unverified = gs_words_has(&call->words, GS_OPT_UNVERIFIED) };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan verification = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	struct gs_env values = { 0 };

	if (!path && gs_words_has(&call->words, GS_OPT_CANONICAL))
		return gs_err_set(err, GS_E_USAGE, "--canonical needs --write FILE");
	if (call->dry_run && !path)
		return gs_err_set(err, GS_E_USAGE, "--dry-run needs --write FILE");
	if (call->words.pos.n)
		return gs_err_set(err, GS_E_USAGE, "unexpected argument '%s'",
				  call->words.pos.v[0]);
	if (gs_words_host(call, GS_OPT_POSTGRES, &req.postgres, err) < 0)
		return err->code;
	if (parse_path(call, &req, err) < 0 ||
	    gs_call_begin(call, path && !call->dry_run, &sys, err) < 0 ||
	    gs_find_env(&sys, is_leader, &req, &verification, &values, err) < 0 ||
	    verify(&sys, call, &verification, &done, err) < 0)
		return err->code;
	values.canonical = gs_words_has(&call->words, GS_OPT_CANONICAL);
	if (path)
		return write_env(&sys, call, path, &values, &verification.findings, err);
	gs_findings_copy(&verification.findings, &done.findings);
	return gs_emit_env(call, &(struct gs_change){ .done = &done, .env = &values }, err);
}

int gs_cmd_env_leader(struct gs_call *call, struct gs_err *err)
{
	return env(call, true, err);
}

int gs_cmd_env_follower(struct gs_call *call, struct gs_err *err)
{
	return env(call, false, err);
}
