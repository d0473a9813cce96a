/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/undo/plan_undo.h"

#include <errno.h>
#include <string.h>

#include "core/exports/etab.h"
#include "core/format/merge3.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/firewall.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "core/step/step_state.h"
#include "core/undo/undo_exports.h"
#include "core/undo/undo_files.h"

/* ---- directories ------------------------------------------------------------------------- */

/* Will the undo remove an entry of the directory? Then it may be empty when its step runs. */
static bool loses_entries(const struct gs_undo *undo, const char *dir)
{
	const struct gs_plan *plan = &undo->plan;

	for (size_t i = 0; i < plan->n; i++)
		if ((plan->v[i].kind == GS_STEP_REMOVE_DIR ||
		     (plan->v[i].kind == GS_STEP_WRITE_FILE && plan->v[i].write.remove)) &&
		    gs_path_is_below(plan->v[i].path, dir))
			return true;
	return false;
}

static bool holds_kept(const struct gs_undo *undo, const char *dir)
{
	for (size_t i = 0; i < undo->kept.n; i++)
		if (gs_path_is_below(undo->kept.v[i], dir))
			return true;
	return false;
}

static void keep_dir(struct gs_undo *undo, const struct gs_step *step, const char *why)
{
	gs_strs_add(&undo->kept, step->path);
	gs_findings_add(&undo->plan.findings, GS_NOTE, "DIR_KEPT", NULL, "'%s' stays: %s",
			step->path, why);
}

static void keep_spec(struct gs_plan *plan, const struct gs_dir_spec *from, struct gs_dir_spec *to)
{
	*to = *from;
	if (from->acl_access)
		to->acl_access = gs_plan_keep(plan, gs_span_of(from->acl_access));
	if (from->acl_default)
		to->acl_default = gs_plan_keep(plan, gs_span_of(from->acl_default));
}

static void plan_dir(struct gs_undo *undo, enum gs_step_kind kind, const struct gs_step *from)
{
	struct gs_plan *plan = &undo->plan;
	struct gs_step *step = gs_plan_step(plan, kind, from->path,
					    kind == GS_STEP_REMOVE_DIR ? "the run made it"
								       : "the run removed it");

	keep_spec(plan, &from->dir, &step->dir);
	gs_plan_item(plan, kind == GS_STEP_REMOVE_DIR ? '-' : '+', "directory", "%s", from->path);
}

static bool is_planned(const struct gs_undo *undo, enum gs_step_kind kind, const char *path)
{
	const struct gs_plan *plan = &undo->plan;

	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].kind == kind && !strcmp(plan->v[i].path, path))
			return true;
	return false;
}

/* Why the directory is not removed; NULL: it can be. */
static const char *why_kept(const struct gs_undo *undo, const struct gs_step *step,
			    const struct gs_inode *inode)
{
	/* A mount hides the directory below it; the step checks that again when it runs. */
	if (is_planned(undo, GS_STEP_UMOUNT, step->path))
		return NULL;
	if (inode->type != GS_INODE_DIR || inode->is_mount_point)
		return "it is no longer a plain directory";
	if (inode->mode != step->dir.mode || inode->uid != step->dir.uid ||
	    inode->gid != step->dir.gid)
		return "its owner or mode was changed since";
	if (holds_kept(undo, step->path) ||
	    (inode->has_entries && !loses_entries(undo, step->path)))
		return "it is not empty";
	return NULL;
}

static int undo_made_dir(struct gs_undo *undo, const struct gs_step *step,
			 const struct gs_inode *inode)
{
	const char *why = why_kept(undo, step, inode);

	if (inode->type == GS_INODE_ABSENT)
		return 0;
	if (why)
		keep_dir(undo, step, why);
	else
		plan_dir(undo, GS_STEP_REMOVE_DIR, step);
	return 0;
}

static int undo_set_dir(struct gs_undo *undo, const struct gs_step *step,
			const struct gs_inode *inode, struct gs_err *err)
{
	struct gs_plan *plan = &undo->plan;
	struct gs_step *back;

	if (gs_dir_is(inode, &step->set_dir.from))
		return 0;
	if (!gs_dir_is(inode, &step->set_dir.to))
		return gs_undo_refuse(undo, step->path, step->path,
				      "has another owner, mode or ACL", err);
	back = gs_plan_step(plan, GS_STEP_SET_DIR, step->path, "as it was before the run");
	keep_spec(plan, &step->set_dir.to, &back->set_dir.from);
	keep_spec(plan, &step->set_dir.from, &back->set_dir.to);
	gs_plan_item(plan, '+', "ownership", "%s", step->path);
	return 0;
}

/* ---- the other steps --------------------------------------------------------------------- */

/* The run's read-ahead: lost with the umount, set again where the undo is rolled back. */
static unsigned ahead_of(const struct gs_plan *run, const char *path)
{
	for (size_t i = 0; i < run->n; i++)
		if (run->v[i].kind == GS_STEP_READ_AHEAD && !strcmp(run->v[i].path, path))
			return run->v[i].ahead.kib;
	return 0;
}

static int undo_mount(struct gs_undo *undo, const struct gs_step *step, size_t i,
		      struct gs_err *err)
{
	const struct gs_mounted *there = &undo->facts->mounts.v[i];
	struct gs_plan *plan = &undo->plan;
	struct gs_step *back;

	if (!there->source)
		return 0;
	if (!gs_step_is_mount_of(step, there))
		return gs_undo_refuse(undo, step->path, step->path,
				      "has something else mounted on it", err);
	if (gs_unmount_check(step->path, &undo->facts->use[i], false, err) < 0)
		return err->code;
	back = gs_plan_step(plan, GS_STEP_UMOUNT, step->path, "the run mounted it");
	back->umount.source = gs_plan_keep(plan, gs_span_of(step->mount.source));
	back->umount.type = gs_plan_keep(plan, gs_span_of(step->mount.type));
	back->umount.options = gs_plan_keep(plan, gs_span_of(step->mount.options));
	back->umount.ahead_kib = ahead_of(&undo->facts->run->plan, step->path);
	gs_plan_item(plan, '-', "mount", "%s", step->path);
	return 0;
}

static void plan_mount(struct gs_plan *plan, enum gs_step_kind kind, const struct gs_step *from)
{
	struct gs_step *step = gs_plan_step(plan, kind, from->path, "the run unmounted it");

	step->mount.source = gs_plan_keep(plan, gs_span_of(from->umount.source));
	step->mount.type = gs_plan_keep(plan, gs_span_of(from->umount.type));
	step->mount.options = gs_plan_keep(plan, gs_span_of(from->umount.options));
}

static int undo_umount(struct gs_undo *undo, const struct gs_step *step,
		       const struct gs_mounted *there, struct gs_err *err)
{
	if (there->source && !strcmp(there->source, step->umount.source))
		return 0;
	if (there->source)
		return gs_undo_refuse(undo, step->path, step->path,
				      "has something else mounted on it", err);
	plan_mount(&undo->plan, GS_STEP_STAGE, step);
	plan_mount(&undo->plan, GS_STEP_MOUNT, step);
	if (step->umount.ahead_kib)
		gs_plan_step(&undo->plan, GS_STEP_READ_AHEAD, step->path, "as it was")->ahead.kib =
			step->umount.ahead_kib;
	gs_plan_item(&undo->plan, '+', "mount", "%s on %s", step->umount.source, step->path);
	return 0;
}

/* An entry in the directory was made while the flag was cleared: the directory is in use. */
static int undo_guard(struct gs_undo *undo, const struct gs_step *step, const struct gs_inode *bare,
		      struct gs_err *err)
{
	bool on = !step->guard.on;
	struct gs_step *back;

	if (bare->type == GS_INODE_DIR ? bare->is_guarded == on
				       : !is_planned(undo, GS_STEP_MAKE_DIR, step->path))
		return 0;
	if (on && bare->has_entries)
		return gs_undo_refuse(undo, step->path, step->path, "got files", err);
	back = gs_plan_step(&undo->plan, GS_STEP_GUARD, step->path,
			    on ? "protect the mount point against local writes"
			       : "remove the immutable flag from the mount point");
	back->guard.on = on;
	gs_plan_item(&undo->plan, on ? '+' : '-', "guard",
		     on ? "%s is immutable while not mounted" : "%s is writable again", step->path);
	return 0;
}

/* The read-ahead of a mount of the run ends with the mount. */
static void undo_ahead(struct gs_undo *undo, const struct gs_step *step,
		       const struct gs_mounted *there)
{
	struct gs_step *back;

	if (!step->ahead.was_kib || !there->source)
		return;
	back = gs_plan_step(&undo->plan, GS_STEP_READ_AHEAD, step->path, "as it was");
	back->ahead.kib = step->ahead.was_kib;
	back->ahead.was_kib = step->ahead.kib;
	gs_plan_item(&undo->plan, '+', "read-ahead", "%u KiB again", back->ahead.kib);
}

/* Restores the options by a remount; fails where others have changed them since. */
static int undo_remount(struct gs_undo *undo, const struct gs_step *step,
			const struct gs_mounted *there, struct gs_err *err)
{
	enum gs_step_state state = gs_step_judge_mount(step, there->source ? there : NULL);
	struct gs_step *back;

	if (state == GS_STEP_OTHER)
		return gs_undo_refuse(undo, step->path, step->path, "is mounted with other options",
				      err);
	if (state == GS_STEP_UNDONE)
		return 0;
	back = gs_plan_step(&undo->plan, GS_STEP_REMOUNT, step->path, "as it was before the run");
	back->remount.was = gs_plan_keep(&undo->plan, gs_span_of(step->remount.flags));
	back->remount.flags = gs_plan_keep(&undo->plan, gs_span_of(step->remount.was));
	gs_plan_item(&undo->plan, '+', "remount", "%s: %s -> %s", step->path, back->remount.was,
		     back->remount.flags);
	return 0;
}

/* Stopped before its file is removed, started after it is there again. */
static void undo_unit(struct gs_undo *undo, const struct gs_step *step)
{
	bool starts = step->kind == GS_STEP_STOP_UNIT, is_active = false;
	struct gs_step *back;

	for (size_t i = 0; i < undo->facts->active.n; i++)
		is_active |= !strcmp(undo->facts->active.v[i], step->path);
	if (step->unit.was_active != starts || is_active == starts)
		return;
	back = gs_plan_step(&undo->plan, starts ? GS_STEP_START_UNIT : GS_STEP_STOP_UNIT,
			    step->path, starts ? "the run stopped it" : "the run started it");
	back->unit.was_active = !starts;
	gs_plan_item(&undo->plan, starts ? '+' : '-', "unit", "%s", step->path);
}

static void keep_renewed(struct gs_undo *undo, const struct gs_step *step)
{
	gs_findings_add(&undo->plan.findings, GS_NOTE, "MOUNT_KEPT", NULL,
			"'%s' stays mounted: the run replaced a stale mount", step->path);
}

static void keep_account(struct gs_undo *undo, const struct gs_step *step)
{
	gs_findings_add(&undo->plan.findings, GS_NOTE, "ACCOUNT_KEPT", NULL,
			"the account '%s' stays: files may belong to it", step->path);
}

static void keep_package(struct gs_undo *undo, const struct gs_step *step)
{
	gs_findings_add(&undo->plan.findings, GS_NOTE, "PACKAGE_KEPT", NULL,
			"the package '%s' stays: other programs may need it by now", step->path);
}

static void keep_rights(struct gs_undo *undo, const struct gs_step *step)
{
	gs_findings_add(&undo->plan.findings, GS_NOTE, "RIGHTS_KEPT", NULL,
			"the rights that the run gave the owner in '%s' stay", step->path);
}

/* Is the rule there, as the firewall that is in charge now has it? */
static unsigned half_of(const struct gs_undo *undo, const struct gs_opening *rule)
{
	GS_AUTO(gs_openings_done) struct gs_openings list = { 0 };

	if (undo->facts->firewall.kind == rule->kind)
		gs_firewall_openings(&undo->facts->firewall, &list);
	return gs_openings_half(&list, rule);
}

static void undo_open(struct gs_undo *undo, const struct gs_step *step)
{
	struct gs_opening rule = step->opening;

	if (half_of(undo, &rule) == GS_HALF_NONE)
		return;
	if (rule.was) {
		rule.tag = step->opening.was;
		rule.was = step->opening.tag;
	}
	gs_plan_opening(&undo->plan, rule.was ? GS_STEP_OPEN_PORT : GS_STEP_CLOSE_PORT, &rule,
			rule.was ? "the run changed its tag" : "the run opened it");
	gs_plan_item(&undo->plan, rule.was ? '+' : '-', "firewall", "%s: %u/tcp from %s",
		     rule.kind->name, rule.port, rule.host);
}

/* Without its firewall nothing can be put back, and nothing is closed. */
static void undo_close(struct gs_undo *undo, const struct gs_step *step)
{
	const struct gs_opening *rule = &step->opening;

	if (undo->facts->firewall.kind != rule->kind || half_of(undo, rule) == GS_HALVES)
		return;
	gs_plan_opening(&undo->plan, GS_STEP_OPEN_PORT, rule, "the run closed it");
	gs_plan_item(&undo->plan, '+', "firewall", "%s: %u/tcp from %s", rule->kind->name,
		     rule->port, rule->host);
}

/* ---- the run, backwards ------------------------------------------------------------------ */

/* The index in each list of facts while the run is processed from its end. */
struct places {
	size_t files, dirs, bare, mounts;
	bool exports_done;
};

/* Files to be removed are handled between the steps of exports: gs_undo_remove_files(). */
static void undo_other_file(struct gs_undo *undo, struct gs_undo_file *file)
{
	if (!file->exists && gs_run_has_exports(undo->facts->run))
		return;
	gs_undo_plan_file(undo, file);
	file->changes = false;
}

static int undo_step(struct gs_undo *undo, const struct gs_step *step, struct places *at,
		     struct gs_err *err)
{
	const struct gs_undo_facts *facts = undo->facts;

	switch (step->kind) {
	case GS_STEP_INSTALL:
		keep_package(undo, step);
		return 0;
	case GS_STEP_ADD_ACCOUNT:
		keep_account(undo, step);
		return 0;
	case GS_STEP_MAKE_DIR:
		return undo_made_dir(undo, step, &facts->dirs.v[--at->dirs].inode);
	case GS_STEP_SET_DIR:
		return undo_set_dir(undo, step, &facts->dirs.v[--at->dirs].inode, err);
	case GS_STEP_REPAIR:
		keep_rights(undo, step);
		return 0;
	case GS_STEP_REMOVE_DIR:
		if (facts->dirs.v[--at->dirs].inode.type == GS_INODE_ABSENT)
			plan_dir(undo, GS_STEP_MAKE_DIR, step);
		return 0;
	case GS_STEP_WRITE_FILE:
		if (!gs_undo_is_exports(facts, undo->file[--at->files].file->path)) {
			undo_other_file(undo, &undo->file[at->files]);
			return 0;
		}
		break;
	case GS_STEP_MOUNT:
		return undo_mount(undo, step, --at->mounts, err);
	case GS_STEP_UMOUNT:
		return undo_umount(undo, step, &facts->mounts.v[--at->mounts], err);
	case GS_STEP_REMOUNT:
		return undo_remount(undo, step, &facts->mounts.v[--at->mounts], err);
	case GS_STEP_RENEW:
		keep_renewed(undo, step);
		return 0;
	case GS_STEP_GUARD:
		return undo_guard(undo, step, &facts->bare.v[--at->bare].inode, err);
	case GS_STEP_READ_AHEAD:
		undo_ahead(undo, step, &facts->mounts.v[--at->mounts]);
		return 0;
	case GS_STEP_OPEN_PORT:
		undo_open(undo, step);
		return 0;
	case GS_STEP_CLOSE_PORT:
		undo_close(undo, step);
		return 0;
	case GS_STEP_CHECK_EXPORTS:
	case GS_STEP_DRAIN:
	case GS_STEP_START_SERVER:
	case GS_STEP_STOP_SERVER:
	case GS_STEP_APPLY_EXPORTS:
		break;
	case GS_STEP_START_UNIT:
	case GS_STEP_STOP_UNIT:
		undo_unit(undo, step);
		return 0;
	case GS_STEP_STAGE:
	case GS_STEP_VERIFY:
		return 0;
	}
	/* The first step about exports plans all of them, in their own order. */
	if (!at->exports_done && gs_undo_exports(undo, err) < 0)
		return err->code;
	at->exports_done = true;
	return 0;
}

static int draft(struct gs_undo *undo, struct gs_err *err)
{
	const struct gs_undo_facts *facts = undo->facts;
	const struct gs_plan *run = &facts->run->plan;
	struct places at = { facts->files.n, facts->dirs.n, facts->bare.n, facts->mounts.n, false };
	gs_autostr struct gs_str label = { 0 };

	gs_run_label(facts->run, &label);
	undo->plan.undoes = facts->run->id;
	if (facts->run->undone_by) {
		gs_plan_item(&undo->plan, '=', "run", "%s, undone by run %u", label.ptr,
			     facts->run->undone_by);
		return 0;
	}
	if (gs_undo_files(undo, err) < 0)
		return err->code;
	gs_plan_item(&undo->plan, '=', "run", "%s", label.ptr);
	for (size_t i = run->n; i-- > 0;)
		if (undo_step(undo, &run->v[i], &at, err) < 0)
			return err->code;
	return 0;
}

int gs_plan_undo(const struct gs_undo_req *req, const struct gs_undo_facts *facts,
		 struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(gs_undo_done) struct gs_undo undo = { .req = req, .facts = facts };

	if (draft(&undo, err) < 0)
		return err->code;
	*plan = undo.plan;
	undo.plan = (struct gs_plan){ 0 };
	return 0;
}
