/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/status.h"

#include <string.h>

#include "cmd/output/output_status.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"

/* status: what this node shares, and what it mounts; a node may be a leader and a follower. */

static int refuse_none(struct gs_err *err)
{
	gs_err_set(err, GS_E_FOUND,
		   "this node neither shares nor mounts anything: create a share with 'gshare "
		   "leader init', or mount one with 'gshare follower mount'");
	gs_err_cause(err, "NO_SHARE");
	return gs_err_advise(err, "gshare --help");
}

int gs_cmd_status(struct gs_call *call, struct gs_err *err)
{
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_leader_status_done) struct gs_leader_status shares = { 0 };
	GS_AUTO(gs_healths_done) struct gs_healths mounts = { 0 };
	struct gs_err none = { 0 };
	int64_t end_ns;
	int r;

	if (call->words.pos.n)
		return gs_err_set(err, GS_E_USAGE, "unexpected argument '%s'",
				  call->words.pos.v[0]);
	if (gs_call_begin(call, false, &sys, err) < 0)
		return err->code;
	/* A name server that is silent takes no time from the mounts. */
	end_ns = sys.deadline_ns;
	sys.deadline_ns -= (end_ns - sys.ops->clock->now_ns(&sys)) / 2;
	r = gs_look_leader(&sys, NULL, &shares, &none);
	sys.deadline_ns = end_ns;
	if (r < 0 && (r != -GS_E_FOUND || !none.id || strcmp(none.id, "NO_SHARE") != 0)) {
		*err = none;
		return r;
	}
	if (gs_healths_look(&sys, &mounts, err) < 0)
		return err->code;
	if (r < 0 && !mounts.n)
		return refuse_none(err);
	return gs_emit_status(call, r < 0 ? NULL : &shares, &mounts, err);
}
