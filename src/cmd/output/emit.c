/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/emit.h"

#include <errno.h>
#include <stdio.h>

#include "cmd/call/progress.h"
#include "cmd/output/object.h"
#include "cmd/output/result.h"
#include "core/plan/finding.h"
#include "core/report/report.h"

int gs_exit_status(int code)
{
	static const struct {
		int code, status;
	} table[] = {
		{ 0, 0 },
		{ -GS_E_USAGE, 2 },
		{ -GS_E_FOUND, 3 },
		{ -GS_E_PRIVILEGE, 4 },
		{ -GS_E_LOCKED, 5 },
		{ -GS_E_LEFT, 6 },
	};

	for (size_t i = 0; i < GS_COUNT(table); i++)
		if (table[i].code == code)
			return table[i].status;
	return 1;
}

/* The changes are made by then, and stay: the status must not say that nothing was changed. */
static int tell_unwritten(const struct gs_call *call, const struct gs_change *change,
			  struct gs_err *err)
{
	if (!call->changes || !change->done || !change->plan || !change->plan->n)
		return err->code;
	err->code = -GS_E_LEFT;
	return gs_err_prefix(err, "changes were made, but the output could not be written");
}

/* A reader that has seen enough, such as head(1), closes the pipe: that is no failure. */
static int put(struct gs_span text, struct gs_err *err)
{
	if ((fwrite(text.ptr, 1, text.len, stdout) != text.len || fflush(stdout) != 0) &&
	    errno != EPIPE)
		return gs_err_set(err, EIO, "cannot write to standard output: %s",
				  gs_errno_text(errno));
	return 0;
}

/* Writes to stderr what stdout lacks: findings, where the text has none; with --quiet, failures. */
static void put_aside(const struct gs_call *call, const struct gs_result *result)
{
	const struct gs_findings *list[GS_RESULT_LISTS];
	size_t n = gs_result_findings(result, list);
	bool is_bare = result->ops->is_bare;
	gs_autostr struct gs_str text = { 0 };

	if (call->json || (!call->quiet && !is_bare))
		return;
	for (size_t i = 0; i < n; i++)
		gs_report_findings(list[i], is_bare && !call->quiet ? GS_NOTE : GS_FAIL, &text);
	if (text.len)
		fwrite(text.ptr, 1, text.len, stderr);
}

/* What is told last is what to mend first. */
static void add_cause(const struct gs_result *result, struct gs_str *out)
{
	bool more = false;
	const char *cause = gs_result_cause(result, &more);

	if (cause && more && !result->ops->is_bare && !result->ops->names_cause)
		gs_str_addf(out, "cause: %s\n", cause);
}

int gs_emit(const struct gs_call *call, const struct gs_result *result, struct gs_err *err)
{
	gs_autostr struct gs_str out = { 0 };
	gs_autofree char *json = NULL;
	bool failed = gs_result_has_failure(result);

	gs_progress_clear(call);
	if (call->json) {
		json = gs_object_result(call, result);
		gs_str_addf(&out, "%s\n", json);
	} else if (result->ops->text(call, result, &out, err) < 0) {
		return err->code;
	} else {
		add_cause(result, &out);
	}
	if ((call->json || !call->quiet) && put(gs_str_span(&out), err) < 0)
		return tell_unwritten(call, &result->change, err);
	put_aside(call, result);
	/* The findings are printed already: with no message, gs_emit_error() prints nothing. */
	return failed ? gs_err_set(err, GS_E_FOUND, "%s", "") : 0;
}

void gs_emit_error(const struct gs_call *call, const struct gs_err *err, int status)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unwritten = { 0 };

	gs_progress_clear(call);
	if (!err->msg[0])
		return;
	if (call->json) {
		gs_autofree char *json = gs_object_error(call, err, status);

		gs_str_addf(&text, "%s\n", json);
		(void)put(gs_str_span(&text), &unwritten);
		return;
	}
	gs_report_error(err, call->changes, call->kept, &text);
	fwrite(text.ptr, 1, text.len, stderr);
}
