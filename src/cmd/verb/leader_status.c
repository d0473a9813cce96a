/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/leader_status.h"

#include "cmd/call/words.h"
#include "cmd/output/output_leader_status.h"
#include "core/share/path.h"
#include "engine/observe/common.h"

int gs_cmd_leader_status(struct gs_call *call, struct gs_err *err)
{
	const char *path = gs_words_get(&call->words, GS_OPT_PATH);
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_leader_status_done) struct gs_leader_status status = { 0 };

	if (call->words.pos.n)
		return gs_err_set(err, GS_E_USAGE, "unexpected argument '%s'",
				  call->words.pos.v[0]);
	if (gs_words_absolute(call, NULL, path, err) < 0 ||
	    (path && gs_leader_check_path(path, err) < 0) ||
	    gs_call_begin(call, false, &sys, err) < 0 ||
	    gs_look_leader(&sys, path, &status, err) < 0)
		return err->code;
	return gs_emit_leader_status(call, &status, err);
}
