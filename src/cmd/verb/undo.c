/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/undo.h"

#include "cmd/call/confirm.h"
#include "cmd/call/words.h"
#include "cmd/output/output_plan.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "engine/observe/cut_off.h"
#include "engine/observe/way.h"
#include "engine/run/apply.h"
#include "engine/run/undo_facts.h"

static int parse(const struct gs_call *call, struct gs_undo_req *req, struct gs_err *err)
{
	const struct gs_strs *pos = &call->words.pos;
	uint64_t id = 0;

	if (pos->n > 1) {
		gs_err_set(err, GS_E_USAGE, "'%s' accepts at most one ID", call->name);
		return gs_err_advise(err, "gshare %s --help", call->name);
	}
	if (pos->n && (!gs_span_number(gs_span_of(pos->v[0]), UINT32_MAX - 1, &id) || !id)) {
		gs_err_set(err, GS_E_USAGE, "ID must be the number of a run, not '%s'", pos->v[0]);
		return gs_err_advise(err, "sudo gshare history");
	}
	req->id = (uint32_t)id;
	req->drain_given = gs_words_has(&call->words, GS_OPT_DRAIN);
	req->yes = gs_words_has(&call->words, GS_OPT_YES);
	req->no_firewall = gs_words_has(&call->words, GS_OPT_NO_FIREWALL);
	return gs_call_drain(call, &req->drain_s, &req->force, err);
}

/* The time that the answer takes does not count. */
static int confirm(const struct gs_call *call, const struct gs_plan *plan,
		   const struct gs_strs *live, struct gs_sys *sys, struct gs_err *err)
{
	gs_autostr struct gs_str question = { 0 };

	if (!live->n)
		return 0;
	gs_str_addf(&question, "undo takes '%s' from followers that are connected: ",
		    plan->exports.predict[0].path);
	gs_join(live, ", ", &question);
	if (gs_confirm(call, question.ptr, err) < 0)
		return err->code;
	gs_sys_extend(sys, call->timeout_ms);
	return 0;
}

int gs_cmd_undo(struct gs_call *call, struct gs_err *err)
{
	struct gs_undo_req req = { 0 };
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	GS_AUTO(gs_undo_facts_done) struct gs_undo_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs live = { 0 };
	struct gs_change change = { .plan = &plan };

	if (parse(call, &req, err) < 0 || gs_call_begin(call, !call->dry_run, &sys, err) < 0 ||
	    gs_observe_undo(&sys, &req, &facts, err) < 0 ||
	    gs_plan_undo(&req, &facts, &plan, err) < 0 || gs_ways_check(&sys, &plan, err) < 0 ||
	    gs_observe_cut_off(&sys, &facts.names, &plan, &live, err) < 0)
		return err->code;
	if (call->dry_run)
		return gs_emit_plan(call, NULL, &change, err);
	if (confirm(call, &plan, &live, &sys, err) < 0)
		return err->code;
	change.done = &done;
	gs_call_extend(call, &plan, &sys);
	if (gs_apply(&sys, &plan, &done, err) < 0 || gs_verify_undo(&sys, &plan, &done, err) < 0)
		return err->code;
	return gs_emit_plan(call, NULL, &change, err);
}
