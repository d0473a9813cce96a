/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/follower_remount.h"

#include "cmd/call/words.h"
#include "cmd/output/output_plan.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "engine/observe/remount.h"
#include "engine/observe/way.h"
#include "engine/run/apply.h"
#include "engine/verify/converge.h"

static int parse(const struct gs_call *call, char **target, struct gs_remount_req *req,
		 struct gs_err *err)
{
	const struct gs_words *words = &call->words;
	bool ro = gs_words_has(words, GS_OPT_RO), rw = gs_words_has(words, GS_OPT_RW);

	if (ro && rw)
		return gs_err_set(err, GS_E_USAGE, "--ro and --rw cannot be used together");
	if (gs_words_target(call, target, err) < 0)
		return err->code;
	*req = (struct gs_remount_req){
		.target = *target,
		.recover = gs_words_has(words, GS_OPT_RECOVER),
		.access = ro   ? GS_REMOUNT_RO
			  : rw ? GS_REMOUNT_RW
			       : GS_REMOUNT_AS_KEPT,
	};
	return 0;
}

int gs_cmd_follower_remount(struct gs_call *call, struct gs_err *err)
{
	gs_autofree char *target = NULL;
	struct gs_remount_req req = { 0 };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_remount_facts_done) struct gs_remount_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	struct gs_change change = { .plan = &plan };

	if (parse(call, &target, &req, err) < 0 ||
	    gs_call_begin(call, !call->dry_run, &sys, err) < 0 ||
	    gs_observe_remount(&sys, &req, &facts, err) < 0 ||
	    gs_plan_remount(&req, &facts, &plan, err) < 0 || gs_ways_check(&sys, &plan, err) < 0)
		return err->code;
	if (call->dry_run)
		return gs_emit_plan(call, facts.health.path, &change, err);
	change.done = &done;
	if (gs_apply(&sys, &plan, &done, err) < 0 ||
	    gs_verify_remount(&sys, &req, &plan, &done, err) < 0)
		return err->code;
	return gs_emit_plan(call, facts.health.path, &change, err);
}
