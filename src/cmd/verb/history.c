/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/history.h"

#include "cmd/output/output_history.h"
#include "core/plan/finding.h"
#include "engine/run/journal.h"

int gs_cmd_history(struct gs_call *call, struct gs_err *err)
{
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_runs_done) struct gs_runs runs = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	if (call->words.pos.n)
		return gs_err_set(err, GS_E_USAGE, "unexpected argument '%s'",
				  call->words.pos.v[0]);
	if (gs_sys_init(&sys, NULL, call->timeout_ms, err) < 0 ||
	    gs_journal_read(&sys, &runs, &findings, err) < 0)
		return err->code;
	return gs_emit_history(call, &runs, &findings, err);
}
