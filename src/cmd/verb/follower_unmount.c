/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/follower_unmount.h"

#include "cmd/call/words.h"
#include "cmd/output/output_plan.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "engine/observe/unmount.h"
#include "engine/observe/way.h"
#include "engine/run/apply.h"
#include "engine/verify/converge.h"

static int parse(const struct gs_call *call, char **target, struct gs_unmount_req *req,
		 struct gs_err *err)
{
	const struct gs_words *words = &call->words;

	if (gs_words_target(call, target, err) < 0)
		return err->code;
	*req = (struct gs_unmount_req){
		.target = *target,
		.forget = gs_words_has(words, GS_OPT_FORGET),
		.force = gs_words_has(words, GS_OPT_FORCE),
		.lazy = gs_words_has(words, GS_OPT_LAZY),
	};
	return 0;
}

int gs_cmd_follower_unmount(struct gs_call *call, struct gs_err *err)
{
	gs_autofree char *target = NULL;
	struct gs_unmount_req req = { 0 };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_unmount_facts_done) struct gs_unmount_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	struct gs_change change = { .plan = &plan };

	if (parse(call, &target, &req, err) < 0 ||
	    gs_call_begin(call, !call->dry_run, &sys, err) < 0 ||
	    gs_observe_unmount(&sys, &req, &facts, err) < 0 ||
	    gs_plan_unmount(&req, &facts, &plan, err) < 0 || gs_ways_check(&sys, &plan, err) < 0)
		return err->code;
	change.offline = sys.offline;
	if (call->dry_run)
		return gs_emit_plan(call, facts.target, &change, err);
	change.done = &done;
	if (gs_apply(&sys, &plan, &done, err) < 0 ||
	    gs_verify_unmount(&sys, &req, &plan, &done, err) < 0)
		return err->code;
	return gs_emit_plan(call, facts.target, &change, err);
}
