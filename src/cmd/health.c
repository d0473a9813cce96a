/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/health.h"
#include "cmd/result.h"
#include "core/exports.h"

int gs_cmd_follower_status(struct gs_call *call, struct gs_err *err)
{
	const struct gs_strs *pos = &call->words.pos;
	gs_autofree char *target = NULL;
	GS_AUTO(gs_sys_done) struct gs_sys sys = { .root_fd = -1, .lock_fd = -1 };
	GS_AUTO(gs_health_done) struct gs_health health = { 0 };

	if (pos->n > 1)
		return gs_err_set(err, GS_E_USAGE, "'%s' takes one TARGET at most", call->name);
	if (pos->n && pos->v[0][0] != '/')
		return gs_err_set(err, GS_E_USAGE, "TARGET '%s' is not an absolute path",
				  pos->v[0]);
	target = pos->n ? gs_exports_clean_path(pos->v[0]) : NULL;
	if (gs_call_begin(call, false, &sys, err) < 0 ||
	    gs_health_look(&sys, target, &health, err) < 0)
		return err->code;
	return gs_emit(call, &(struct gs_result){ .health = &health, .path = health.path }, err);
}
