/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "core/step/steps.h"
#include "engine/observe/common.h"
#include "engine/observe/way.h"
#include "engine/phase.h"
#include "engine/run/apply.h"
#include "engine/run/journal.h"
#include "engine/step/steps.h"

/*
 * Rolls back the run of a killed gshare. Each step, the last first, is judged by what the machine
 * shows: an object that is neither as before the run nor as the run made it was changed by somebody
 * else; it stays, and a finding names it.
 */

static int back(struct gs_recovery *r, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_step_ops *ops = gs_step_ops_of(step->kind);
	struct gs_step_run run = {
		.sys = r->sys, .plan = &r->run->plan, .done = &r->done, .leaves = r->left.n
	};

	return ops->back_after_crash ? ops->back_after_crash(r, step, err)
				     : ops->back(&run, step, err);
}

static void stays(struct gs_recovery *r, const struct gs_step *step, const char *why)
{
	gs_strs_add(&r->left, step->path);
	gs_findings_add(r->findings, GS_WARN, "RUN_CONFLICT", NULL,
			"'%s' stays as it is: %s (of the unfinished run %u)", step->path, why,
			r->run->id);
}

/*
 * gshare must not change the file any more: other users can replace a component of its path, or it
 * is no regular file. That must not stop all later commands: the path's owner could cause it.
 */
static bool is_out_of_hand(const struct gs_step *step, const struct gs_err *bad)
{
	static const int codes[] = { -EINVAL, -ELOOP, -EFBIG, -ENOTDIR, -EISDIR };

	if (!gs_step_info_of(step->kind)->writes_file)
		return false;
	for (size_t i = 0; i < GS_COUNT(codes); i++)
		if (bad->code == codes[i])
			return true;
	return bad->id &&
	       (!strcmp(bad->id, "PATH_OF_OTHERS") || !strcmp(bad->id, "LINK_OF_OTHERS"));
}

/* All later commands that change something fail with this error, until its cause is fixed. */
static int cannot_now(const struct gs_recovery *r, const struct gs_err *bad, struct gs_err *err)
{
	gs_err_set(err, GS_E_LEFT, "run %u was killed and cannot be rolled back: %s", r->run->id,
		   bad->msg);
	gs_err_cause(err, bad->id);
	return gs_err_advise(err, "%s", bad->fix);
}

static int recover_step(struct gs_recovery *r, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_step_ops *ops = gs_step_ops_of(step->kind);
	enum gs_step_state state = GS_STEP_UNDONE;
	struct gs_err bad = { 0 };
	bool out_of_hand;

	if (!ops->look)
		return 0;
	out_of_hand = ops->look(r, step, &state, &bad) < 0 && is_out_of_hand(step, &bad);
	if (bad.code == 0) {
		if (state == GS_STEP_OTHER)
			stays(r, step, "it was changed since, or is in use");
		if (state != GS_STEP_DONE || back(r, step, &bad) == 0)
			return 0;
	}
	if (out_of_hand || (bad.code == -EEXIST && gs_step_info_of(step->kind)->writes_file))
		r->conflict = true;
	else if (ops->must)
		return cannot_now(r, &bad, err);
	stays(r, step, bad.msg);
	return 0;
}

static int roll_back(struct gs_recovery *r, struct gs_err *err)
{
	const struct gs_plan *plan = &r->run->plan;
	gs_autostr struct gs_str label = { 0 };
	int64_t end_ns;

	/* The run may have failed for want of space, and blocks all later commands. */
	r->sys->may_spend = true;
	/* Leaves time for the command itself, and for each step. */
	gs_sys_aside(r->sys, r->sys->end_ns);
	end_ns = r->sys->deadline_ns;
	for (size_t i = plan->n; i-- > 0;) {
		gs_sys_aside(r->sys, end_ns);
		if (recover_step(r, &plan->v[i], err) < 0)
			return err->code;
	}
	gs_forget_units(r->sys, plan);
	r->sys->deadline_ns = r->sys->end_ns;
	r->done.run = r->run->id;
	r->done.record_bytes = r->run->head_bytes;
	if (gs_journal_end(r->sys, &r->done, r->left.n ? GS_RUN_LEFT : GS_RUN_ROLLED_BACK, &r->left,
			   err) < 0)
		return err->code;
	gs_run_label(r->run, &label);
	gs_findings_add(r->findings, GS_NOTE, "RUN_ROLLED_BACK", NULL,
			"unfinished run %s was rolled back%s", label.ptr,
			r->left.n ? ", except for what is listed above" : "");
	return 0;
}

/* Temporaries beside files: a failed run has told of what it left, a killed one is rolled back. */
static void clear_up(struct gs_recovery *r)
{
	for (size_t i = 0; i < r->run->plan.n; i++) {
		const struct gs_step *step = &r->run->plan.v[i];
		const struct gs_step_ops *ops = gs_step_ops_of(step->kind);

		if (ops->clear)
			ops->clear(r, step);
	}
}

/* A file that cannot be read now cannot be restored either: recover_step() reports that. */
static void unmask(struct gs_sys *sys, struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		GS_AUTO(gs_file_done) struct gs_file now = { 0 };
		struct gs_err unread = { 0 };

		if (plan->v[i].kind == GS_STEP_WRITE_FILE && plan->v[i].write.masked &&
		    gs_observe_file(sys, plan->v[i].path, &now, &unread) == 0)
			gs_step_unmask(plan, &plan->v[i], &now);
	}
}

static bool is_open(const struct gs_run *run)
{
	return run->state == GS_RUN_UNFINISHED || run->state == GS_RUN_LEFT;
}

static int recover_locked(struct gs_sys *sys, struct gs_findings *findings, struct gs_err *err)
{
	GS_AUTO(gs_findings_done) struct gs_findings told = { 0 };
	GS_AUTO(gs_run_done) struct gs_run run = { 0 };
	struct gs_recovery r = { .sys = sys, .run = &run, .findings = findings };
	struct gs_trust trust = sys->trust;
	bool found = false;

	if (sys->ops->privs->need(GS_PHASE_APPLY, err) < 0 ||
	    sys->ops->privs->enter(GS_PHASE_APPLY, err) < 0 || sys->ops->fs->lock(sys, err) < 0 ||
	    gs_journal_newest(sys, &run, &found, &told, err) < 0)
		return err->code;
	if (found)
		trust = gs_trust_run(sys, &run);
	(void)sys->ops->journal->torn(sys, true);
	unmask(sys, &run.plan);
	/* Another gshare may have rolled the run back before this one had the lock. */
	if (found && run.state == GS_RUN_UNFINISHED)
		(void)roll_back(&r, err);
	if (found && !err->code && is_open(&run))
		clear_up(&r);
	sys->trust = trust;
	gs_strs_done(&r.left);
	gs_done_done(&r.done);
	return err->code;
}

static int look(struct gs_sys *sys, bool act, struct gs_findings *findings, struct gs_err *err)
{
	GS_AUTO(gs_run_done) struct gs_run run = { 0 };
	gs_autostr struct gs_str label = { 0 };
	bool found = false;

	if (gs_journal_newest(sys, &run, &found, findings, err) < 0)
		return err->code;
	if (act && ((found && is_open(&run)) || sys->ops->journal->torn(sys, false)))
		return recover_locked(sys, findings, err);
	if (!found || !is_open(&run))
		return 0;
	if (run.state == GS_RUN_LEFT)
		return 0;
	if (sys->ops->fs->is_locked(sys))
		return 0;
	gs_run_label(&run, &label);
	gs_findings_add(findings, GS_WARN, "RUN_UNFINISHED",
			"the next command that changes something rolls it back first",
			"run %s was killed before it finished", label.ptr);
	return 0;
}

int gs_recover(struct gs_sys *sys, bool act, struct gs_findings *findings, struct gs_err *err)
{
	struct gs_err unseen = { 0 };
	int r;

	if (sys->offline || !sys->who)
		return 0;
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	r = gs_phase_end(sys, look(sys, act, findings, &unseen), &unseen);
	/* An ordinary user may not see the journal, and changes nothing either. */
	if (r == 0 || r == -EACCES)
		return 0;
	if (!act) {
		gs_findings_add(findings, GS_WARN, "RUN_UNREADABLE",
				unseen.fix[0] ? unseen.fix : NULL, "%s", unseen.msg);
		return 0;
	}
	*err = unseen;
	return r;
}
