/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/follower_status.h"

#include "cmd/output/output_follower_status.h"
#include "cmd/output/output_status.h"
#include "engine/observe/follower_status.h"

int gs_cmd_follower_status(struct gs_call *call, struct gs_err *err)
{
	gs_autofree char *target = NULL;
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_health_done) struct gs_health health = { 0 };
	GS_AUTO(gs_healths_done) struct gs_healths all = { 0 };

	if (gs_words_target(call, &target, err) < 0 || gs_call_begin(call, false, &sys, err) < 0)
		return err->code;
	if (!target && gs_healths_look(&sys, &all, err) < 0)
		return err->code;
	if (all.n > 1)
		return gs_emit_status(call, NULL, &all, err);
	if (all.n == 1)
		return gs_emit_follower_status(call, &all.v[0], err);
	if (gs_health_look(&sys, target, &health, err) < 0)
		return err->code;
	return gs_emit_follower_status(call, &health, err);
}
