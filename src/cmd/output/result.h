/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/check/mount.h"
#include "core/leader/leader_status.h"
#include "core/leader/repair.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/undo/history.h"
#include "core/verify/access_report.h"
#include "core/verify/plan_env.h"
#include "engine/run/apply.h"

/*
 * What a verb has to say, for both languages: text for people and JSON ("gshare/1"). A verb
 * fills what it has and calls gs_emit(); pointers are borrowed until then.
 */
struct gs_result {
	const char *path;		       /* the share; NULL where there is none */
	const struct gs_fs *fs;		       /* of the share, may be NULL */
	const struct gs_plan *plan;	       /* may be NULL */
	const struct gs_done *done;	       /* may be NULL: a dry run, or nothing to do */
	const struct gs_env *env;	       /* lines of cluster.env to show, may be NULL */
	const struct gs_survey *survey;	       /* may be NULL */
	const struct gs_leader_status *status; /* of leader status, may be NULL */
	const struct gs_health *health;	       /* of follower status, may be NULL */
	const struct gs_repair *repair;	       /* of leader repair, may be NULL */
	const struct gs_runs *runs;	       /* of history, may be NULL */
	const struct gs_findings *findings;    /* of history, may be NULL */
	const char *env_written;	       /* file, where the lines went there instead */
	bool offline;
	bool is_switch; /* leader ro or rw, carried out */
	bool is_undo;
};

/**
 * gs_emit - print the result, in the language the call asks for
 * Returns 0, or -GS_E_FOUND where the result holds a finding that is a failure; -EIO where
 * stdout takes no more.
 */
int gs_emit(const struct gs_call *call, const struct gs_result *result, struct gs_err *err);

/** gs_emit_error - for main: the failure of a verb, as text on stderr or JSON on stdout */
void gs_emit_error(const struct gs_call *call, const struct gs_err *err, int status);

/** gs_exit_status - of a code: table of design */
int gs_exit_status(int code);

/** gs_json_result, gs_json_error - the object as text; owned by the caller, by free() */
char *gs_json_result(const struct gs_call *call, const struct gs_result *result);
char *gs_json_error(const struct gs_call *call, const struct gs_err *err, int status);

/** gs_result_has_failure - a finding of severity FAIL */
bool gs_result_has_failure(const struct gs_result *result);
