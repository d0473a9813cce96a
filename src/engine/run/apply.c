/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/run/apply.h"

#include <errno.h>
#include <string.h>

#include "core/exports/etab.h"
#include "core/plan/plan.h"
#include "core/step/step_state.h"
#include "engine/observe/remount.h"
#include "engine/observe/repair.h"
#include "engine/observe/unmount.h"
#include "engine/phase.h"
#include "engine/run/journal.h"
#include "sys/mount/mount.h"

/*
 * The interpreter of plans. Each kind of step has a row: how it is done, how it is taken back,
 * and whether taking back makes sense when the step itself failed half-way.
 */

/* To take back a step, also where no time is left: a child that removes a file takes some ms. */
enum { LEAST_MS = 150 };

/* The next record is about as long as this one, and need not be the last. */
enum { SPARE_RECORDS = 2 };

struct run {
	struct gs_sys *sys;
	const struct gs_plan *plan;
	struct gs_done *done;
	struct gs_str checked; /* the etab of the check, which was as predicted */
};

/* ---- steps ------------------------------------------------------------------------------- */

static int add_account(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->add_account(run->sys, step->path, step->account.id, err);
}

static int remove_account(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->remove_account(run->sys, step->path, err);
}

static int make_dir(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->make_dir(run->sys, step->path, &step->dir, err);
}

static int remove_dir(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->remove_dir(run->sys, step->path, err);
}

static int dress_dir(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->dress_dir(run->sys, step->path, &step->dress.from, &step->dress.to,
					err);
}

static int undress_dir(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->dress_dir(run->sys, step->path, &step->dress.to, &step->dress.from,
					err);
}

/* Of an undo: what somebody has put there in the meantime stays, and its directory with it. */
static int drop_dir(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_err full = { 0 };
	int r = run->sys->ops->remove_dir(run->sys, step->path, &full);

	if (r == -ENOTEMPTY || r == -EEXIST) {
		gs_findings_add(&run->done->findings, GS_NOTE, "DIR_KEPT", NULL,
				"'%s' stays: it is not empty", step->path);
		return 0;
	}
	if (r < 0)
		*err = full;
	return r;
}

static int make_dir_again(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_node node = { 0 };
	int r = run->sys->ops->look(run->sys, step->path, &node, err);
	bool stands = r == 0 && node.type == GS_NODE_DIR;

	gs_node_done(&node);
	return r < 0 || stands ? r : make_dir(run, step, err);
}

/* Whoever owns the share's top can swap it at any time, and must not keep the share by that. */
static int keep_id(struct run *run, const struct gs_step *step)
{
	gs_findings_add(&run->done->findings, GS_WARN, "ID_BROKEN",
			"look at it, and remove it if nothing needs it",
			"%s stays: it is not what was read any more", step->path);
	return 0;
}

static int write_file(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_replace replace = {
		.path = step->path,
		.old = step->write.old,
		.old_exists = step->write.old_exists,
		.text = step->write.text,
		.remove = step->write.remove,
		.mode = step->write.mode,
	};
	struct gs_err bad = { 0 };

	if (!run->done->wrote_ns)
		run->done->wrote_ns = run->sys->ops->now_ns(run->sys);
	if (run->sys->ops->replace_file(run->sys, &replace, &bad) == 0)
		return 0;
	if (gs_step_forgets_id(step) && gs_share_is_odd(bad.code))
		return keep_id(run, step);
	*err = bad;
	return err->code;
}

static int restore_file(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_replace replace = {
		.path = step->path,
		.old = step->write.text,
		.old_exists = !step->write.remove,
		.text = step->write.old,
		.remove = !step->write.old_exists,
		.mode = step->write.mode,
	};

	return run->sys->ops->replace_file(run->sys, &replace, err);
}

/* Without a running server there is no etab to compare with: what the old files would give. */
static int etab_of_old_files(struct run *run, struct gs_str *ret_etab, struct gs_err *err)
{
	GS_AUTO(gs_files_done) struct gs_files old = { 0 };
	gs_autostr struct gs_str said = { 0 };
	const struct gs_plan *plan = run->plan;

	for (size_t i = 0; i < plan->exports.n; i++) {
		const struct gs_file *file = &plan->exports.v[i];
		const struct gs_step *write = NULL;

		for (size_t k = 0; k < plan->n; k++)
			if (plan->v[k].kind == GS_STEP_WRITE_FILE &&
			    !strcmp(plan->v[k].path, file->path))
				write = &plan->v[k];
		gs_files_add(&old, file->path, write ? write->write.old_exists : file->exists,
			     write ? write->write.old : gs_str_span(&file->text));
	}
	return run->sys->ops->check_exports(run->sys, &old, gs_str_span(&plan->hosts), ret_etab,
					    &said, err);
}

/* A flush while rpc.mountd is down would hang every follower until it is back. */
int gs_can_flush(struct gs_sys *sys, struct gs_err *err)
{
	struct gs_server server = { 0 };

	if (sys->ops->serving(sys, &server, err) < 0)
		return err->code;
	if (server.threads && server.mountd)
		return 0;
	gs_err_set(err, EPROTO, "%s does not run: a change now would hang every follower",
		   server.threads ? "rpc.mountd" : "nfsd");
	gs_err_cause(err, server.threads ? "MOUNTD_DEAD" : "SERVER_DOWN");
	return gs_err_mend(err, server.threads
					? "sudo systemctl restart nfs-mountd, then run this again"
					: "sudo systemctl restart nfs-server, then run this again");
}

/* Those that are written before exportfs runs. */
static unsigned files_ahead(const struct run *run)
{
	const struct gs_plan *plan = run->plan;
	unsigned n = 0;

	for (size_t i = run->done->n; i < plan->n && plan->v[i].kind != GS_STEP_APPLY_EXPORTS; i++)
		n += plan->v[i].kind == GS_STEP_WRITE_FILE && !plan->v[i].write.remove;
	return n;
}

static int check_exports(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_plan *plan = run->plan;
	gs_autostr struct gs_str before = { 0 }, after = { 0 }, said = { 0 };

	(void)step;
	if (plan->etab_known && gs_can_flush(run->sys, err) < 0)
		return err->code;
	if (plan->etab_known)
		gs_str_add(&before, gs_str_span(&plan->etab_before));
	else if (etab_of_old_files(run, &before, err) < 0)
		return err->code;
	if (run->sys->ops->check_exports(run->sys, &plan->exports, gs_str_span(&plan->hosts),
					 &after, &said, err) < 0)
		return err->code;
	if (gs_etab_check(gs_str_span(&before), gs_str_span(&after), plan->predict, plan->n_predict,
			  gs_str_span(&said), &run->done->foreign, err) < 0)
		return err->code;
	if (run->sys->ops->room_for_etab(run->sys, after.len, files_ahead(run), err) < 0)
		return err->code;
	run->checked = after;
	after = (struct gs_str){ 0 };
	return 0;
}

/* The files are old again by now: what is in force must follow them, if the server goes on. */
static int reapply_exports(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	gs_autostr struct gs_str now = { 0 }, after = { 0 }, said = { 0 };
	struct gs_span before = gs_str_span(&run->plan->etab_before);
	size_t foreign = 0;

	(void)step;
	if (!run->plan->etab_known)
		return 0;
	if (run->sys->ops->active_exports(run->sys, &now, err) < 0)
		return err->code;
	/* Not flushed for nothing: mountd may be what has died. */
	if (gs_span_is(gs_str_span(&now), before))
		return 0;
	if (gs_can_flush(run->sys, err) < 0 ||
	    run->sys->ops->apply_exports(run->sys, before.len, &said, err) < 0 ||
	    run->sys->ops->active_exports(run->sys, &after, err) < 0)
		return err->code;
	return gs_etab_check(before, gs_str_span(&after), NULL, 0, gs_str_span(&said), &foreign,
			     err);
}

static int drain(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	return gs_drain(run->sys, &run->plan->drain, run->done, err);
}

static int start_server(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	return run->sys->ops->start_server(run->sys, err);
}

static int stop_server(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->stop_server(run->sys, step->server.was_running,
					  step->server.was_enabled, err);
}

/* Byte for byte what the check gave has been compared already, entry by entry. */
static int judge_etab(struct run *run, struct gs_span after, struct gs_span said,
		      struct gs_err *err)
{
	const struct gs_plan *plan = run->plan;
	/* A server that was just started had no exports in force: the check has judged the files.
	 */
	struct gs_span old = plan->etab_known ? gs_str_span(&plan->etab_before) : after;

	if (run->checked.len && gs_span_is(after, gs_str_span(&run->checked)))
		return 0;
	return gs_etab_check(old, after, plan->predict, plan->n_predict, said, &run->done->foreign,
			     err);
}

static int apply_exports(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_plan *plan = run->plan;
	gs_autostr struct gs_str after = { 0 }, said = { 0 };

	(void)step;
	if (!run->done->wrote_ns)
		run->done->wrote_ns = run->sys->ops->now_ns(run->sys);
	if (gs_can_flush(run->sys, err) < 0 ||
	    run->sys->ops->apply_exports(run->sys, run->checked.len, &said, err) < 0)
		return err->code;
	if (run->sys->ops->active_exports(run->sys, &after, err) < 0 ||
	    judge_etab(run, gs_str_span(&after), gs_str_span(&said), err) < 0)
		return err->code;
	run->done->in_force = true;
	run->done->in_force_ms =
		(unsigned)((run->sys->ops->now_ns(run->sys) - run->done->wrote_ns) / 1000000);
	/* What it sees changes nothing any more. */
	gs_drain_again(run->sys, &plan->drain, run->done);
	return 0;
}

static int stage_share(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->stage(run->sys, step->mount.source, step->path, step->mount.type,
				    step->mount.options, err);
}

static int drop_stage(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	(void)err;
	run->sys->ops->unstage(run->sys);
	return 0;
}

static int attach_share(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	return run->sys->ops->attach(run->sys, err);
}

static int guard(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->set_guard(run->sys, step->path, step->guard.on, err);
}

/* It may have failed before or after the flag was there: what is there now decides. */
static int guard_back(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_node bare = { 0 };
	bool is_set;

	if (run->sys->ops->look_bare(run->sys, step->path, &bare, err) < 0)
		return err->code;
	is_set = gs_step_judge_guard(step, &bare) == GS_STEP_DONE;
	gs_node_done(&bare);
	if (!is_set)
		return 0;
	return run->sys->ops->set_guard(run->sys, step->path, !step->guard.on, err);
}

static int read_ahead(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_set_read_ahead(run->sys, step->path, step->ahead.kib, err);
}

/* That of a mount of this run goes with it. */
static int read_ahead_back(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return step->ahead.was_kib
		       ? gs_set_read_ahead(run->sys, step->path, step->ahead.was_kib, err)
		       : 0;
}

static int unmount_share(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->umount(run->sys, step->path, GS_UMOUNT_PLAIN, err);
}

static int take_away(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_umount_step(run->sys, step, err);
}

static int mount_again(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_umount_back(run->sys, step, err);
}

static int remount_share(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_remount_step(run->sys, step, false, err);
}

static int remount_back(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_remount_step(run->sys, step, true, err);
}

static int renew(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_renew_step(run->sys, step, err);
}

static int renew_back(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_renew_back(run->sys, step, err);
}

static int prove(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	return gs_prove(run->sys, &run->plan->proof, run->done, err);
}

static int repair(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_repair_step(run->sys, run->plan, step, run->done, err);
}

static int nothing(struct run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)run;
	(void)step;
	(void)err;
	return 0;
}

/*
 * Exports are put in force again by taking back the check: it stands before the files in the
 * plan, so that the files are old again by then.
 */
static const struct {
	int (*run)(struct run *, const struct gs_step *, struct gs_err *);
	int (*take_back)(struct run *, const struct gs_step *, struct gs_err *);
	bool half_counts; /* taken back also where the step itself failed */
	bool offline;	  /* done below --root too */
} kinds[GS_STEP_KINDS] = {
	[GS_STEP_ADD_ACCOUNT] = { add_account, remove_account, false, false },
	[GS_STEP_MAKE_DIR] = { make_dir, remove_dir, false, true },
	[GS_STEP_CHECK_EXPORTS] = { check_exports, reapply_exports, false, false },
	[GS_STEP_DRAIN] = { drain, nothing, false, false },
	[GS_STEP_WRITE_FILE] = { write_file, restore_file, false, true },
	[GS_STEP_START_SERVER] = { start_server, stop_server, true, false },
	[GS_STEP_APPLY_EXPORTS] = { apply_exports, nothing, true, false },
	[GS_STEP_STAGE] = { stage_share, drop_stage, false, false },
	[GS_STEP_GUARD] = { guard, guard_back, true, false },
	[GS_STEP_READ_AHEAD] = { read_ahead, read_ahead_back, false, false },
	[GS_STEP_MOUNT] = { attach_share, unmount_share, false, false },
	[GS_STEP_PROVE] = { prove, nothing, false, false },
	[GS_STEP_UMOUNT] = { take_away, mount_again, false, false },
	[GS_STEP_REMOUNT] = { remount_share, remount_back, true, false },
	[GS_STEP_RENEW] = { renew, renew_back, true, false },
	/* Rights that were given are right: nobody wants them taken back. */
	[GS_STEP_REPAIR] = { repair, nothing, false, false },
	[GS_STEP_STOP_SERVER] = { stop_server, start_server, true, false },
	[GS_STEP_REMOVE_DIR] = { drop_dir, make_dir_again, true, true },
	[GS_STEP_DRESS_DIR] = { dress_dir, undress_dir, false, true },
};

/* ---- the loop ---------------------------------------------------------------------------- */

static bool is_skipped(const struct gs_sys *sys, const struct gs_step *step)
{
	return sys->offline && !kinds[step->kind].offline;
}

static bool was_applied(const struct gs_plan *plan, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (plan->v[i].kind == GS_STEP_APPLY_EXPORTS)
			return true;
	return false;
}

/* One that hangs leaves time for those that come after it. */
static void allow(struct gs_sys *sys)
{
	int64_t least = sys->ops->now_ns(sys) + LEAST_MS * INT64_C(1000000);

	gs_sys_aside(sys, sys->end_ns);
	if (sys->deadline_ns < least)
		sys->deadline_ns = least;
}

static int take_back(struct run *run, size_t n, struct gs_err *err)
{
	const struct gs_plan *plan = run->plan;
	bool applied = was_applied(plan, n);
	GS_AUTO(gs_strs_done) struct gs_strs stayed = { 0 };
	gs_autostr struct gs_str left = { 0 };
	gs_autofree char *why = NULL;
	struct gs_err unended = { 0 };

	(void)gs_repair_stay(run->done, err);
	run->sys->may_spend = true;
	for (size_t i = n; i-- > 0;) {
		const struct gs_step *step = &plan->v[i];
		struct gs_err stays = { 0 };

		allow(run->sys);
		if (is_skipped(run->sys, step) || (step->kind == GS_STEP_CHECK_EXPORTS && !applied))
			continue;
		if (kinds[step->kind].take_back(run, step, &stays) == 0)
			continue;
		gs_str_addf(&left, "%s%s (%s)", left.len ? "; " : "", step->path, stays.msg);
		gs_strs_add(&stayed, step->path);
	}
	/* Without an end in the journal the next command looks again, which does no harm. */
	(void)gs_journal_end(run->sys, run->done,
			     left.len			 ? GS_RUN_LEFT
			     : err->code == -GS_E_PARTLY ? GS_RUN_DONE
							 : GS_RUN_TAKEN_BACK,
			     &stayed, &unended);
	if (!left.len)
		return err->code;
	why = gs_strdup(err->msg);
	gs_err_set(err, GS_E_LEFT, "%s; and this could not be taken back: %s", why, left.ptr);
	return gs_err_cause(err, "LEFT");
}

static int run_steps(struct run *run, struct gs_err *err)
{
	const struct gs_plan *plan = run->plan;
	struct gs_done *done = run->done;

	run->sys->may_spend = gs_plan_withdraws(plan);
	if (run->sys->ops->lock(run->sys, err) < 0 ||
	    gs_journal_begin(run->sys, plan, done, err) < 0)
		return err->code;
	for (done->n = 0; done->n < plan->n; done->n++) {
		const struct gs_step *step = &plan->v[done->n];

		if (is_skipped(run->sys, step) || kinds[step->kind].run(run, step, err) == 0)
			continue;
		if (plan->n > 1)
			gs_err_prefix(err, "step %zu of %zu", done->n + 1, plan->n);
		return take_back(run, done->n + kinds[step->kind].half_counts, err);
	}
	return 0;
}

int gs_hold(struct gs_sys *sys, struct gs_err *err)
{
	struct gs_err lacking = { 0 };

	if (sys->ops->need(GS_PHASE_APPLY, &lacking) < 0)
		return 0;
	if (sys->ops->privilege(GS_PHASE_APPLY, err) < 0)
		return err->code;
	return gs_phase_end(sys, sys->ops->lock(sys, err), err);
}

int gs_apply(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
	     struct gs_err *err)
{
	struct run run = { .sys = sys, .plan = plan, .done = done };
	int r, end;

	if (!plan->n)
		return 0;
	if (sys->ops->need(GS_PHASE_APPLY, err) < 0 || sys->ops->privilege(GS_PHASE_APPLY, err) < 0)
		return err->code;
	gs_sys_aside(sys, sys->end_ns);
	r = run_steps(&run, err);
	gs_str_done(&run.checked);
	end = gs_phase_end(sys, r, err);
	return r == 0 && end < 0 ? gs_take_back(sys, plan, done, err) : end;
}

int gs_take_back(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		 struct gs_err *err)
{
	struct run run = { .sys = sys, .plan = plan, .done = done };
	struct gs_err unraised = { 0 };

	(void)sys->ops->privilege(GS_PHASE_APPLY, &unraised);
	take_back(&run, done->n, err);
	return gs_phase_end(sys, err->code, err);
}

int gs_step_take_back(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		      const struct gs_step *step, struct gs_err *err)
{
	struct run run = { .sys = sys, .plan = plan, .done = done };

	return kinds[step->kind].take_back(&run, step, err);
}

/* For the run that will have to take rights away from who fills the disk; this one is done. */
static void keep_spare(struct gs_sys *sys, const struct gs_plan *plan, const struct gs_done *done)
{
	struct gs_err full = { 0 };

	if (plan->n_predict)
		(void)sys->ops->keep_spare(sys, done->record_bytes * SPARE_RECORDS, &full);
}

int gs_finish(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
	      struct gs_err *err)
{
	int r;

	if (!done->run)
		return 0;
	r = sys->ops->privilege(GS_PHASE_APPLY, err);
	if (r == 0) {
		r = gs_journal_end(sys, done, GS_RUN_DONE, NULL, err);
		if (r == 0)
			keep_spare(sys, plan, done);
		r = gs_phase_end(sys, r, err);
	}
	return r < 0 ? gs_take_back(sys, plan, done, err) : 0;
}

void gs_done_done(struct gs_done *done)
{
	gs_strs_done(&done->proved);
	gs_writing_done(&done->open);
	gs_findings_done(&done->findings);
	gs_repair_done(&done->repair);
	*done = (struct gs_done){ 0 };
}
