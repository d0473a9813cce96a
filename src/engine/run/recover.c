/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/exports/etab.h"
#include "core/plan/plan.h"
#include "core/step/step_state.h"
#include "engine/observe/common.h"
#include "engine/observe/way.h"
#include "engine/phase.h"
#include "engine/run/journal.h"
#include "sys/mount/stage.h"

/*
 * Taking back the run of a killed gshare. Each step, last one first, is judged by what the
 * machine shows; what is neither as before nor as the run made it belongs to somebody else now,
 * stays, and is named.
 */

struct recovery {
	struct gs_sys *sys;
	const struct gs_run *run;
	struct gs_done done;
	struct gs_findings *findings;
	struct gs_strs left;
	bool back;     /* an exports file was put back */
	bool conflict; /* a file stays as somebody made it */
};

/* ---- is it done? ------------------------------------------------------------------------- */

static struct gs_replace replace_of(const struct gs_step *step)
{
	return (struct gs_replace){
		.path = step->path,
		.old = step->write.old,
		.old_exists = step->write.old_exists,
		.text = step->write.text,
		.remove = step->write.remove,
	};
}

static int look_file(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		     struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file file = { 0 };
	const struct gs_replace replace = replace_of(step);

	if (r->sys->ops->settle(r->sys, step->path, &replace, NULL, err) < 0 ||
	    gs_observe_file(r->sys, step->path, &file, err) < 0)
		return err->code;
	*ret = gs_step_judge_file(step, &file);
	r->conflict |= *ret == GS_STEP_OTHER;
	r->back |= *ret == GS_STEP_DONE;
	return 0;
}

static int look_dir(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		    struct gs_err *err)
{
	struct gs_node node = { 0 };

	if (r->sys->ops->settle(r->sys, step->path, NULL, &step->dir, err) < 0 ||
	    r->sys->ops->look(r->sys, step->path, &node, err) < 0)
		return err->code;
	*ret = gs_step_judge_dir(step, &node);
	gs_node_done(&node);
	return 0;
}

static int look_dress(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	struct gs_node node = { 0 };

	if (r->sys->ops->look(r->sys, step->path, &node, err) < 0)
		return err->code;
	*ret = gs_step_judge_dress(step, &node);
	gs_node_done(&node);
	return 0;
}

/* From what it has now: a kill may have left it half-way. */
static int undress(struct recovery *r, const struct gs_step *step, struct gs_err *err)
{
	struct gs_node node = { 0 };
	struct gs_dir_spec now;

	if (r->sys->ops->look(r->sys, step->path, &node, err) < 0)
		return err->code;
	now = (struct gs_dir_spec){
		.mode = node.mode,
		.uid = node.uid,
		.gid = node.gid,
		.acl_access = node.acl_access,
		.acl_default = node.acl_default,
	};
	(void)r->sys->ops->dress_dir(r->sys, step->path, &now, &step->dress.from, err);
	gs_node_done(&node);
	return err->code;
}

static int look_mount(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	bool found = false;

	if (r->sys->ops->find_mount(r->sys, step->path, &mounted, &found, err) < 0)
		return err->code;
	*ret = gs_step_judge_mount(step, found ? &mounted : NULL);
	return 0;
}

/* Whatever is mounted there, taking it back makes it usable. */
static int look_renew(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	(void)r;
	(void)step;
	(void)err;
	*ret = GS_STEP_DONE;
	return 0;
}

static int look_server(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		       struct gs_err *err)
{
	const struct gs_plan *plan = &r->run->plan;
	gs_autostr struct gs_str etab = { 0 };
	struct gs_server server = { 0 };

	if (r->sys->ops->server(r->sys, &server, err) < 0 ||
	    (server.threads && r->sys->ops->active_exports(r->sys, &etab, err) < 0))
		return err->code;
	*ret = gs_step_judge_server(
		step, &server,
		gs_etab_has_others(gs_str_span(&etab), plan->predict, plan->n_predict));
	return 0;
}

static int look_account(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
			struct gs_err *err)
{
	struct gs_account account = { 0 };
	struct gs_err absent = { 0 };

	if (r->sys->ops->find_account(r->sys, step->path, &account, &absent) < 0) {
		*ret = GS_STEP_UNDONE;
		if (absent.code == -ENOENT)
			return 0;
		*err = absent;
		return err->code;
	}
	*ret = account.uid == step->account.id ? GS_STEP_DONE : GS_STEP_OTHER;
	gs_account_done(&account);
	return 0;
}

/*
 * The files are as before: so must be what is in force. Not with a file that somebody else has
 * written: only he knows whether it is meant to count already.
 */
static int look_exports(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
			struct gs_err *err)
{
	const struct gs_plan *plan = &r->run->plan;
	gs_autostr struct gs_str etab = { 0 };
	struct gs_server server = { 0 };

	(void)step;
	*ret = GS_STEP_UNDONE;
	if (r->conflict || r->sys->ops->serving(r->sys, &server, err) < 0 || !server.threads)
		return err->code;
	if (r->sys->ops->active_exports(r->sys, &etab, err) < 0)
		return err->code;
	if (r->back ||
	    (plan->etab_known && !gs_span_is(gs_str_span(&etab), gs_str_span(&plan->etab_before))))
		*ret = GS_STEP_DONE;
	return 0;
}

static int put_in_force(struct recovery *r, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_plan *plan = &r->run->plan;
	size_t others = 0, bytes = plan->etab_known ? plan->etab_before.len : 0;
	gs_autostr struct gs_str after = { 0 }, said = { 0 };

	(void)step;
	if (gs_can_flush(r->sys, err) < 0 ||
	    r->sys->ops->apply_exports(r->sys, bytes, &said, err) < 0 ||
	    r->sys->ops->active_exports(r->sys, &after, err) < 0)
		return err->code;
	if (!plan->etab_known)
		return 0;
	return gs_etab_check(gs_str_span(&plan->etab_before), gs_str_span(&after), NULL, 0,
			     gs_str_span(&said), &others, err);
}

static int as_apply_does(struct recovery *r, const struct gs_step *step, struct gs_err *err)
{
	return gs_step_take_back(r->sys, &r->run->plan, &r->done, step, err);
}

/* What was staged went with the run's child: an empty directory may be left. */
static int look_stage(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	struct gs_node node = { 0 };

	(void)step;
	if (r->sys->ops->look(r->sys, GS_STAGE_PLACE, &node, err) < 0)
		return err->code;
	*ret = node.type == GS_NODE_DIR ? GS_STEP_DONE : GS_STEP_UNDONE;
	gs_node_done(&node);
	return 0;
}

static int clear_stage(struct recovery *r, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	return r->sys->ops->remove_dir(r->sys, GS_STAGE_PLACE, err);
}

static int look_guard(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	struct gs_node bare = { 0 };

	if (r->sys->ops->look_bare(r->sys, step->path, &bare, err) < 0)
		return err->code;
	*ret = gs_step_judge_guard(step, &bare);
	gs_node_done(&bare);
	return 0;
}

static int look_ahead(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	bool found = false;
	unsigned kib = 0;

	if (r->sys->ops->find_mount(r->sys, step->path, &mounted, &found, err) < 0 ||
	    (found && r->sys->ops->read_ahead(r->sys, &mounted, &kib, err) < 0))
		return err->code;
	*ret = gs_step_judge_ahead(step, found ? &mounted : NULL, kib);
	return 0;
}

/* Rights that were given are right, as apply.c has it: they stay, and it is told. */
static int look_repair(struct recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		       struct gs_err *err)
{
	(void)err;
	gs_strs_add(&r->left, step->path);
	gs_findings_add(r->findings, GS_NOTE, "RIGHTS_KEPT", NULL,
			"the rights that the unfinished run %u gave the owner in '%s' stay",
			r->run->id, step->path);
	*ret = GS_STEP_UNDONE;
	return 0;
}

/* Kinds without a row leave nothing to take back. */
static const struct {
	int (*look)(struct recovery *, const struct gs_step *, enum gs_step_state *,
		    struct gs_err *);
	int (*back)(struct recovery *, const struct gs_step *, struct gs_err *);
	bool must; /* this machine alone can put it back: if it cannot now, it must later */
} kinds[GS_STEP_KINDS] = {
	[GS_STEP_ADD_ACCOUNT] = { look_account, as_apply_does, false },
	[GS_STEP_MAKE_DIR] = { look_dir, as_apply_does, true },
	[GS_STEP_CHECK_EXPORTS] = { look_exports, put_in_force, false },
	[GS_STEP_WRITE_FILE] = { look_file, as_apply_does, true },
	[GS_STEP_START_SERVER] = { look_server, as_apply_does, false },
	[GS_STEP_STAGE] = { look_stage, clear_stage, false },
	[GS_STEP_GUARD] = { look_guard, as_apply_does, true },
	[GS_STEP_READ_AHEAD] = { look_ahead, as_apply_does, false },
	[GS_STEP_MOUNT] = { look_mount, as_apply_does, false },
	[GS_STEP_UMOUNT] = { look_mount, as_apply_does, false },
	[GS_STEP_REMOUNT] = { look_mount, as_apply_does, false },
	[GS_STEP_RENEW] = { look_renew, as_apply_does, false },
	[GS_STEP_REPAIR] = { look_repair, as_apply_does, false },
	[GS_STEP_STOP_SERVER] = { look_server, as_apply_does, false },
	[GS_STEP_REMOVE_DIR] = { look_dir, as_apply_does, true },
	[GS_STEP_DRESS_DIR] = { look_dress, undress, true },
};

/* ---- taking back ------------------------------------------------------------------------- */

static void stays(struct recovery *r, const struct gs_step *step, const char *why)
{
	gs_strs_add(&r->left, step->path);
	gs_findings_add(r->findings, GS_WARN, "RUN_CONFLICT", NULL,
			"'%s' stays as it is: %s (of the unfinished run %u)", step->path, why,
			r->run->id);
}

/*
 * What lies at a file's path is not for us to change any more: its way is others' now, or it is no
 * file. That must not stop every command that is to come: whoever owns the path could do it.
 */
static bool is_out_of_hand(const struct gs_step *step, const struct gs_err *bad)
{
	static const int codes[] = { -EINVAL, -ELOOP, -EFBIG, -ENOTDIR, -EISDIR };

	if (step->kind != GS_STEP_WRITE_FILE)
		return false;
	for (size_t i = 0; i < GS_COUNT(codes); i++)
		if (bad->code == codes[i])
			return true;
	return bad->id &&
	       (!strcmp(bad->id, "PATH_OF_OTHERS") || !strcmp(bad->id, "LINK_OF_OTHERS"));
}

/* Every command that is to come stops here, until what helps against the cause was done. */
static int cannot_now(const struct recovery *r, const struct gs_err *bad, struct gs_err *err)
{
	gs_err_set(err, GS_E_LEFT, "run %u was killed and cannot be taken back: %s", r->run->id,
		   bad->msg);
	gs_err_cause(err, bad->id);
	return gs_err_mend(err, "%s", bad->mend);
}

static int recover_step(struct recovery *r, const struct gs_step *step, struct gs_err *err)
{
	enum gs_step_state state = GS_STEP_UNDONE;
	struct gs_err bad = { 0 };
	bool out_of_hand;

	if (!kinds[step->kind].look)
		return 0;
	out_of_hand = kinds[step->kind].look(r, step, &state, &bad) < 0 &&
		      is_out_of_hand(step, &bad);
	if (bad.code == 0) {
		if (state == GS_STEP_OTHER)
			stays(r, step, "somebody has changed or uses it since");
		if (state != GS_STEP_DONE || kinds[step->kind].back(r, step, &bad) == 0)
			return 0;
	}
	if (out_of_hand || (bad.code == -EEXIST && step->kind == GS_STEP_WRITE_FILE))
		r->conflict = true;
	else if (kinds[step->kind].must)
		return cannot_now(r, &bad, err);
	stays(r, step, bad.msg);
	return 0;
}

static int take_back(struct recovery *r, struct gs_err *err)
{
	const struct gs_plan *plan = &r->run->plan;
	gs_autostr struct gs_str label = { 0 };
	int64_t end_ns;

	/* The run may have been ended by want of room, and stands before all that comes. */
	r->sys->may_spend = true;
	/* The command that is to come has its share of the time, and so has each step. */
	gs_sys_aside(r->sys, r->sys->end_ns);
	end_ns = r->sys->deadline_ns;
	for (size_t i = plan->n; i-- > 0;) {
		gs_sys_aside(r->sys, end_ns);
		if (recover_step(r, &plan->v[i], err) < 0)
			return err->code;
	}
	r->sys->deadline_ns = r->sys->end_ns;
	r->done.run = r->run->id;
	r->done.record_bytes = r->run->head_bytes;
	if (gs_journal_end(r->sys, &r->done, r->left.n ? GS_RUN_LEFT : GS_RUN_TAKEN_BACK, &r->left,
			   err) < 0)
		return err->code;
	gs_run_label(r->run, &label);
	gs_findings_add(r->findings, GS_NOTE, "RUN_TAKEN_BACK", NULL,
			"an unfinished run %s was taken back%s", label.ptr,
			r->left.n ? ", but for what is named above" : "");
	return 0;
}

/* A failed run has said what it left; what it could not remove beside its files may go now. */
static void clear_up(struct recovery *r)
{
	for (size_t i = 0; i < r->run->plan.n; i++) {
		const struct gs_step *step = &r->run->plan.v[i];
		const struct gs_replace replace = replace_of(step);
		struct gs_err stays = { 0 };

		if (step->kind == GS_STEP_WRITE_FILE)
			(void)r->sys->ops->settle(r->sys, step->path, &replace, NULL, &stays);
	}
}

/* What cannot be read now cannot be put back either, and that is said there. */
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

static int recover_locked(struct gs_sys *sys, struct gs_findings *findings, struct gs_err *err)
{
	GS_AUTO(gs_findings_done) struct gs_findings told = { 0 };
	GS_AUTO(gs_run_done) struct gs_run run = { 0 };
	struct recovery r = { .sys = sys, .run = &run, .findings = findings };
	struct gs_trust trust = sys->trust;
	bool found = false;

	if (sys->ops->need(GS_PHASE_APPLY, err) < 0 ||
	    sys->ops->privilege(GS_PHASE_APPLY, err) < 0 || sys->ops->lock(sys, err) < 0 ||
	    gs_journal_newest(sys, &run, &found, &told, err) < 0)
		return err->code;
	if (found)
		trust = gs_trust_run(sys, &run);
	unmask(sys, &run.plan);
	/* Another one may have been faster. */
	if (found && run.state == GS_RUN_UNFINISHED)
		(void)take_back(&r, err);
	else if (found && run.state == GS_RUN_LEFT)
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
	if (!found || (run.state != GS_RUN_UNFINISHED && run.state != GS_RUN_LEFT))
		return 0;
	if (act)
		return recover_locked(sys, findings, err);
	if (run.state == GS_RUN_LEFT)
		return 0;
	if (sys->ops->is_locked(sys))
		return 0;
	gs_run_label(&run, &label);
	gs_findings_add(findings, GS_WARN, "RUN_UNFINISHED",
			"the next command that changes something takes it back first",
			"run %s was killed before its end", label.ptr);
	return 0;
}

int gs_recover(struct gs_sys *sys, bool act, struct gs_findings *findings, struct gs_err *err)
{
	struct gs_err unseen = { 0 };
	int r;

	if (sys->offline || !sys->who)
		return 0;
	if (sys->ops->privilege(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	r = gs_phase_end(sys, look(sys, act, findings, &unseen), &unseen);
	/* An ordinary user may not see the journal; he changes nothing either. */
	if (r == 0 || r == -EACCES)
		return 0;
	if (!act) {
		gs_findings_add(findings, GS_WARN, "RUN_UNREADABLE", unseen.mend, "%s", unseen.msg);
		return 0;
	}
	*err = unseen;
	return r;
}
