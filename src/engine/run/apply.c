/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/run/apply.h"

#include <errno.h>
#include <signal.h>
#include <string.h>

#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "core/step/steps.h"
#include "engine/phase.h"
#include "engine/run/journal.h"
#include "engine/step/repair.h"
#include "engine/step/steps.h"

/* The interpreter of plans: struct gs_step_ops has what each kind of step does. */

/* To roll back a step even after the deadline: a child that removes a file takes some ms. */
enum { LEAST_MS = 150 };

/* Many that look all the time would hold up the one that works. */
enum { LOCK_EVERY_MS = 50, LOCK_LATER_MS = 250, LOCK_LATER_S = 1 };

/* Records that the spare has room for: the next is as long as this one, and another may follow. */
enum { SPARE_RECORDS = 2 };

/* ---- the loop ---------------------------------------------------------------------------- */

static bool is_skipped(const struct gs_sys *sys, const struct gs_step *step)
{
	return sys->offline && !gs_step_is_offline(step);
}

static bool was_applied(const struct gs_plan *plan, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (plan->v[i].kind == GS_STEP_APPLY_EXPORTS)
			return true;
	return false;
}

/* Bounds the roll-back of one step: if it hangs, time is left for the steps after it. */
static void allow(struct gs_sys *sys)
{
	int64_t least = sys->ops->clock->now_ns(sys) + LEAST_MS * INT64_C(1000000);

	gs_sys_aside(sys, sys->end_ns);
	if (sys->deadline_ns < least)
		sys->deadline_ns = least;
}

/* A child was ended that had only what earlier work had left of the command's time. */
static void blame_deadline(struct gs_sys *sys, struct gs_err *err)
{
	if (err->code != -ETIMEDOUT || err->id || sys->ops->clock->now_ns(sys) < sys->deadline_ns)
		return;
	gs_err_prefix(err, "the time of the whole command is used up (--timeout)");
	gs_err_cause(err, "COMMAND_TIMEOUT");
	gs_err_advise(err, "run it again with a longer --timeout");
}

/* What systemd has read of units that are taken away again would keep others from starting. */
void gs_forget_units(struct gs_sys *sys, const struct gs_plan *plan)
{
	struct gs_err unread = { 0 };

	if (gs_plan_find(plan, GS_STEP_START_UNIT) || gs_plan_find(plan, GS_STEP_STOP_UNIT))
		(void)sys->ops->mount->reload_units(sys, &unread);
}

static int roll_back(struct gs_step_run *run, size_t n, struct gs_err *err)
{
	const struct gs_plan *plan = run->plan;
	bool applied = was_applied(plan, n);
	GS_AUTO(gs_strs_done) struct gs_strs stayed = { 0 };
	gs_autostr struct gs_str left = { 0 };
	gs_autofree char *why = NULL;
	const char *path = NULL;
	struct gs_err unended = { 0 }, late = { 0 };

	blame_deadline(run->sys, err);
	(void)gs_repair_stay(run->done, err);
	run->sys->may_spend = true;
	for (size_t i = n; i-- > 0;) {
		const struct gs_step *step = &plan->v[i];
		struct gs_err stays = { 0 };

		allow(run->sys);
		if (is_skipped(run->sys, step) || (step->kind == GS_STEP_CHECK_EXPORTS && !applied))
			continue;
		if (gs_step_ops_of(step->kind)->back(run, step, &stays) == 0)
			continue;
		gs_str_addf(&left, "%s%s (%s)", left.len ? "; " : "", step->path, stays.msg);
		gs_strs_add(&stayed, step->path);
		run->leaves = true;
	}
	if (run->sys->ops->fs->look_back(run->sys, &path, &late) < 0) {
		gs_str_addf(&left, "%s%s (%s)", left.len ? "; " : "", path, late.msg);
		gs_strs_add(&stayed, path);
	}
	if (!run->sys->offline)
		gs_forget_units(run->sys, plan);
	/* Without an end in the journal, the next command rolls back again, which does no harm. */
	(void)gs_journal_end(run->sys, run->done,
			     left.len			 ? GS_RUN_LEFT
			     : err->code == -GS_E_PARTLY ? GS_RUN_DONE
							 : GS_RUN_ROLLED_BACK,
			     &stayed, &unended);
	if (!left.len)
		return err->code;
	why = gs_strdup(err->msg);
	gs_err_set(err, GS_E_LEFT, "%s; and this could not be rolled back: %s", why, left.ptr);
	return gs_err_cause(err, "LEFT");
}

/* The run ends between two steps, and is rolled back at once: not only by the next command. */
static int check_signals(struct gs_sys *sys, struct gs_err *err)
{
	static const struct {
		int signal;
		const char *name;
	} names[] = { { SIGINT, "SIGINT" }, { SIGTERM, "SIGTERM" }, { SIGHUP, "SIGHUP" } };
	int signal = sys->ops->clock->interrupted(sys);

	for (size_t i = 0; i < GS_COUNT(names); i++)
		if (names[i].signal == signal) {
			gs_err_set(err, EINTR, "interrupted by %s", names[i].name);
			return gs_err_cause(err, "INTERRUPTED");
		}
	return 0;
}

static void tell_step(const struct gs_sys *sys, const struct gs_plan *plan, size_t i)
{
	const struct gs_step *step = &plan->v[i];
	bool lasts = step->kind == GS_STEP_START_SERVER || step->kind == GS_STEP_STOP_SERVER;
	gs_autofree char *line = gs_printf("step %zu of %zu: %s", i + 1, plan->n,
					   step->why ? step->why : gs_step_name(step->kind));

	gs_tell_progress(sys, lasts ? GS_PROGRESS_LONG : GS_PROGRESS_STEP, line);
}

static int run_steps(struct gs_step_run *run, struct gs_err *err)
{
	const struct gs_plan *plan = run->plan;
	struct gs_done *done = run->done;

	run->sys->ops->clock->hold_signals(run->sys);
	run->sys->may_spend = gs_plan_removes_access(plan);
	if (run->sys->ops->fs->lock(run->sys, err) < 0 ||
	    gs_journal_begin(run->sys, plan, done, err) < 0)
		return err->code;
	for (done->n = 0; done->n < plan->n; done->n++) {
		const struct gs_step *step = &plan->v[done->n];

		if (check_signals(run->sys, err) < 0)
			return roll_back(run, done->n, err);
		if (!is_skipped(run->sys, step))
			tell_step(run->sys, plan, done->n);
		if (is_skipped(run->sys, step) ||
		    gs_step_ops_of(step->kind)->run(run, step, err) == 0)
			continue;
		if (err->code == -EINTR)
			(void)check_signals(run->sys, err);
		else if (plan->n > 1)
			gs_err_prefix(err, "step %zu of %zu", done->n + 1, plan->n);
		return roll_back(run, done->n + gs_step_ops_of(step->kind)->half_counts, err);
	}
	return 0;
}

static int try_lock(struct gs_sys *sys, struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_APPLY, err) < 0)
		return err->code;
	return gs_phase_end(sys, sys->ops->fs->lock(sys, err), err);
}

/*
 * Another gshare may need a moment: of several that begin at once, all get their turn. The time is
 * beside the deadline, as a drain's is, unless --timeout bounds both.
 */
static int wait_for_lock(struct gs_sys *sys, struct gs_err *err)
{
	int64_t begin_ns = sys->ops->clock->now_ns(sys), waited_ns = 0;
	int64_t most_ns = sys->who ? sys->who->wait_ms * INT64_C(1000000) : 0;
	int r = try_lock(sys, err);
	bool told = false;

	if (sys->who && !sys->who->extend_ms && most_ns > sys->deadline_ns - begin_ns)
		most_ns = sys->deadline_ns - begin_ns;
	while (r == -GS_E_LOCKED && waited_ns < most_ns && !sys->ops->clock->interrupted(sys)) {
		gs_autofree char *line = gs_printf("waiting up to %u s: %s",
						   (unsigned)((most_ns + 999999999) / 1000000000),
						   err->msg);

		if (!told)
			gs_tell_progress(sys, GS_PROGRESS_LONG, line);
		told = true;
		sys->ops->clock->pause(sys, waited_ns < LOCK_LATER_S * INT64_C(1000000000)
						    ? LOCK_EVERY_MS
						    : LOCK_LATER_MS);
		waited_ns = sys->ops->clock->now_ns(sys) - begin_ns;
		if (sys->who->extend_ms)
			gs_sys_extend(sys, sys->who->extend_ms);
		*err = (struct gs_err){ 0 };
		r = try_lock(sys, err);
	}
	return r;
}

int gs_lock(struct gs_sys *sys, struct gs_err *err)
{
	struct gs_err lacking = { 0 };

	if (sys->ops->privs->need(GS_PHASE_APPLY, &lacking) < 0)
		return 0;
	return wait_for_lock(sys, err);
}

int gs_apply(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
	     struct gs_err *err)
{
	struct gs_step_run run = { .sys = sys, .plan = plan, .done = done };
	int r, end;

	if (!plan->n)
		return 0;
	if (sys->ops->privs->need(GS_PHASE_APPLY, err) < 0 ||
	    sys->ops->privs->enter(GS_PHASE_APPLY, err) < 0)
		return err->code;
	gs_sys_aside(sys, sys->end_ns);
	r = run_steps(&run, err);
	gs_str_done(&run.checked);
	end = gs_phase_end(sys, r, err);
	return r == 0 && end < 0 ? gs_roll_back(sys, plan, done, err) : end;
}

int gs_roll_back(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		 struct gs_err *err)
{
	struct gs_step_run run = { .sys = sys, .plan = plan, .done = done };
	struct gs_err unraised = { 0 };

	(void)sys->ops->privs->enter(GS_PHASE_APPLY, &unraised);
	roll_back(&run, done->n, err);
	return gs_phase_end(sys, err->code, err);
}

/* For a later run that removes access from whoever fills the disk; no failure: this run is done. */
static void keep_spare(struct gs_sys *sys, const struct gs_plan *plan, const struct gs_done *done)
{
	struct gs_err full = { 0 };

	if (plan->exports.n)
		(void)sys->ops->journal->keep_spare(sys, done->record_bytes * SPARE_RECORDS, &full);
}

/* Does systemd make units of what the plan writes? */
static bool is_for_systemd(const struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].kind == GS_STEP_WRITE_FILE &&
		    (!strcmp(plan->v[i].path, "/etc/fstab") ||
		     !strncmp(plan->v[i].path, "/etc/systemd/", strlen("/etc/systemd/"))))
			return true;
	return false;
}

/*
 * Last, since it may take what is left of the time: the file counts, at boot and for mount(8), and
 * that systemd keeps what it made of it before is no reason to roll a verified run back.
 */
static void tell_systemd(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done)
{
	struct gs_err why = { 0 };

	if (!is_for_systemd(plan) || plan->v[plan->n - 1].kind == GS_STEP_START_UNIT ||
	    sys->offline || sys->ops->mount->reload_units(sys, &why) == 0)
		return;
	gs_findings_add(
		&done->findings, GS_NOTE, "UNITS_NOT_RELOADED", "sudo systemctl daemon-reload",
		"systemd still has the mount units of /etc/fstab as it was before: %s", why.msg);
}

int gs_finish(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
	      struct gs_err *err)
{
	const char *path = NULL;
	int r;

	if (!done->run)
		return 0;
	r = check_signals(sys, err);
	if (r == 0)
		r = sys->ops->privs->enter(GS_PHASE_APPLY, err);
	if (r == 0)
		r = sys->ops->fs->look_back(sys, &path, err);
	if (r == 0) {
		r = gs_journal_end(sys, done, GS_RUN_DONE, NULL, err);
		if (r == 0)
			keep_spare(sys, plan, done);
		if (r == 0)
			tell_systemd(sys, plan, done);
		r = gs_phase_end(sys, r, err);
	}
	return r < 0 ? gs_roll_back(sys, plan, done, err) : 0;
}
