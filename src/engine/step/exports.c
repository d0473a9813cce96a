/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/check/starting.h"
#include "core/exports/etab.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "engine/step/drain.h"
#include "engine/step/exports.h"
#include "engine/step/step.h"

/* Without a running server there is no etab to compare with: makes that of the old files. */
static int etab_of_old_files(struct gs_step_run *run, const struct gs_step *step,
			     struct gs_str *ret_etab, struct gs_err *err)
{
	GS_AUTO(gs_files_done) struct gs_files old = { 0 };
	gs_autostr struct gs_str said = { 0 };
	const struct gs_plan *plan = run->plan;

	for (size_t i = 0; i < step->check.candidates.n; i++) {
		const struct gs_file *file = &step->check.candidates.v[i];
		const struct gs_step *write = NULL;

		for (size_t k = 0; k < plan->n; k++)
			if (plan->v[k].kind == GS_STEP_WRITE_FILE &&
			    !strcmp(plan->v[k].path, file->path))
				write = &plan->v[k];
		gs_files_add(&old, file->path, write ? write->write.old_exists : file->exists,
			     write ? write->write.old : gs_str_span(&file->text));
	}
	return run->sys->ops->server->check_exports(run->sys, &old, gs_str_span(&step->check.hosts),
						    ret_etab, &said, err);
}

static int refuse_stopped(struct gs_err *err)
{
	gs_err_set(err, EPROTO, "rpc.mountd is stopped: a change now would hang every follower");
	gs_err_cause(err, "MOUNTD_DEAD");
	return gs_err_advise(err, "sudo pkill -CONT -x rpc.mountd; then run the command again");
}

/* A flush while rpc.mountd is down would hang every follower until it is back. */
int gs_can_flush(struct gs_sys *sys, struct gs_err *err)
{
	gs_autostr struct gs_str start = { 0 };
	struct gs_server server = { 0 };

	if (sys->ops->server->serving(sys, &server, err) < 0)
		return err->code;
	if (server.threads && server.mountd)
		return server.mountd_stopped ? refuse_stopped(err) : 0;
	gs_err_set(err, EPROTO, "%s is not running: a change now would hang every follower",
		   server.threads ? "rpc.mountd" : "nfsd");
	gs_err_cause(err, server.threads ? "MOUNTD_DEAD" : "SERVER_DOWN");
	gs_server_start(&server, &start);
	gs_str_adds(&start, "; then run the command again");
	return gs_err_fix_text(err, &start);
}

/* The number of files that are still to be written before exportfs runs. */
static unsigned files_ahead(const struct gs_step_run *run)
{
	const struct gs_plan *plan = run->plan;
	unsigned n = 0;

	for (size_t i = run->done->n; i < plan->n && plan->v[i].kind != GS_STEP_APPLY_EXPORTS; i++)
		n += plan->v[i].kind == GS_STEP_WRITE_FILE && !plan->v[i].write.remove;
	return n;
}

static int check_exports(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_exports_change *change = &run->plan->exports;
	gs_autostr struct gs_str before = { 0 }, after = { 0 }, said = { 0 };

	if (change->etab_known && gs_can_flush(run->sys, err) < 0)
		return err->code;
	if (change->etab_known)
		gs_str_add(&before, gs_str_span(&change->etab_before));
	else if (etab_of_old_files(run, step, &before, err) < 0)
		return err->code;
	if (run->sys->ops->server->check_exports(run->sys, &step->check.candidates,
						 gs_str_span(&step->check.hosts), &after, &said,
						 err) < 0)
		return err->code;
	if (gs_etab_check(gs_str_span(&before), gs_str_span(&after), change->predict, change->n,
			  gs_str_span(&said), &run->done->foreign, err) < 0)
		return err->code;
	if (run->sys->ops->server->room_for_etab(run->sys, after.len, files_ahead(run), err) < 0)
		return err->code;
	run->checked = after;
	after = (struct gs_str){ 0 };
	return 0;
}

/* The old files are back by now: the active exports must follow them, if the server runs. */
static int reapply_exports(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	gs_autostr struct gs_str now = { 0 }, after = { 0 }, said = { 0 };
	const struct gs_exports_change *change = &run->plan->exports;
	struct gs_span before = gs_str_span(&change->etab_before);
	size_t foreign = 0;

	(void)step;
	if (!change->etab_known)
		return 0;
	if (run->sys->ops->server->active_exports(run->sys, &now, err) < 0)
		return err->code;
	/* No flush without need: a dead mountd may be why the run failed. */
	if (gs_span_is(gs_str_span(&now), before))
		return 0;
	if (gs_can_flush(run->sys, err) < 0 ||
	    run->sys->ops->server->apply_exports(run->sys, before.len, &said, err) < 0 ||
	    run->sys->ops->server->active_exports(run->sys, &after, err) < 0)
		return err->code;
	return gs_etab_check(before, gs_str_span(&after), NULL, 0, gs_str_span(&said), &foreign,
			     err);
}

/* An etab that is byte for byte that of check_exports() was compared there, entry by entry. */
static int judge_etab(struct gs_step_run *run, struct gs_span after, struct gs_span said,
		      struct gs_err *err)
{
	const struct gs_exports_change *change = &run->plan->exports;
	/* A server that was just started had no exports active: the check has judged the files.
	 */
	struct gs_span old = change->etab_known ? gs_str_span(&change->etab_before) : after;

	if (run->checked.len && gs_span_is(after, gs_str_span(&run->checked)))
		return 0;
	return gs_etab_check(old, after, change->predict, change->n, said, &run->done->foreign,
			     err);
}

static int apply_exports(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_step *drained = gs_plan_find(run->plan, GS_STEP_DRAIN);
	gs_autostr struct gs_str after = { 0 }, said = { 0 };

	(void)step;
	if (!run->done->wrote_ns)
		run->done->wrote_ns = run->sys->ops->clock->now_ns(run->sys);
	if (gs_can_flush(run->sys, err) < 0 ||
	    run->sys->ops->server->apply_exports(run->sys, run->checked.len, &said, err) < 0)
		return err->code;
	if (run->sys->ops->server->active_exports(run->sys, &after, err) < 0 ||
	    judge_etab(run, gs_str_span(&after), gs_str_span(&said), err) < 0)
		return err->code;
	run->done->active = true;
	run->done->active_ms =
		(unsigned)((run->sys->ops->clock->now_ns(run->sys) - run->done->wrote_ns) /
			   1000000);
	/* Adds findings alone: the exports stay applied. */
	if (drained)
		gs_drain_again(run->sys, &drained->drain, run->done);
	return 0;
}

/*
 * The files are as before the run, so the active exports must be, too. Not where somebody else has
 * written a file: only they know whether it is meant to be active already.
 */
static int look_exports(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
			struct gs_err *err)
{
	const struct gs_exports_change *change = &r->run->plan.exports;
	gs_autostr struct gs_str etab = { 0 };
	struct gs_server server = { 0 };

	(void)step;
	*ret = GS_STEP_UNDONE;
	if (r->conflict || r->sys->ops->server->serving(r->sys, &server, err) < 0 ||
	    !server.threads)
		return err->code;
	if (r->sys->ops->server->active_exports(r->sys, &etab, err) < 0)
		return err->code;
	if (r->back || (change->etab_known &&
			!gs_span_is(gs_str_span(&etab), gs_str_span(&change->etab_before))))
		*ret = GS_STEP_DONE;
	return 0;
}

static int apply_files(struct gs_recovery *r, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_exports_change *change = &r->run->plan.exports;
	size_t others = 0, bytes = change->etab_known ? change->etab_before.len : 0;
	gs_autostr struct gs_str after = { 0 }, said = { 0 };

	(void)step;
	if (gs_can_flush(r->sys, err) < 0 ||
	    r->sys->ops->server->apply_exports(r->sys, bytes, &said, err) < 0 ||
	    r->sys->ops->server->active_exports(r->sys, &after, err) < 0)
		return err->code;
	if (!change->etab_known)
		return 0;
	return gs_etab_check(gs_str_span(&change->etab_before), gs_str_span(&after), NULL, 0,
			     gs_str_span(&said), &others, err);
}

/*
 * Rolling back CHECK_EXPORTS applies the exports again: it comes before the files in the plan, so
 * the old files are back by then.
 */
const struct gs_step_ops gs_step_check_exports = {
	.run = check_exports,
	.back = reapply_exports,
	.look = look_exports,
	.back_after_crash = apply_files,
};

const struct gs_step_ops gs_step_apply_exports = {
	.run = apply_exports,
	.back = gs_step_nothing,
	.half_counts = true,
};
