/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/mountpoint.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "base/trust.h"
#include "core/check/check.h"
#include "core/follower/request.h"
#include "core/fskind/nfs.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"
#include "core/step/step.h"

/* ---- the path ------------------------------------------------------------------------------ */

/* A user's empty directory is a mount point only if it was typed as TARGET. */
static int check_last(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		      struct gs_err *err)
{
	const struct gs_path_inode *last = facts->ancestors.n
						   ? &facts->ancestors.v[facts->ancestors.n - 1]
						   : NULL;

	if (req->target || !last || last->inode.type != GS_INODE_DIR || !last->inode.uid)
		return 0;
	gs_err_set(err, EPERM, "'%s' belongs to uid %u", last->path, last->inode.uid);
	return gs_err_cause(err, "TARGET_USER_PATH");
}

static void tell_target(const struct gs_target_fact *target, struct gs_plan *plan)
{
	const struct gs_facts facts = { .target = target };

	gs_checks_run(&facts, GS_WARN, &plan->findings);
}

static void tell_dir(struct gs_target_fact *target, const struct gs_path_inode *dir,
		     struct gs_plan *plan)
{
	target->dir = dir->path;
	target->inode = &dir->inode;
	tell_target(target, plan);
}

static int check_owners(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			struct gs_plan *plan, struct gs_err *err)
{
	/* Callers may risk their own directories by typing TARGET; a server's path may not. */
	const struct gs_trust trust = {
		.caller = { req->target ? req->caller : 0, facts->caller_group },
	};
	struct gs_target_fact target = { .path = facts->target };
	const struct gs_path_inode *callers = NULL;

	for (size_t i = 0; i + 1 < facts->ancestors.n; i++) {
		const struct gs_path_inode *dir = &facts->ancestors.v[i],
					   *entry = &facts->ancestors.v[i + 1];

		if (dir->inode.type != GS_INODE_DIR)
			break;
		if (dir->inode.uid && dir->inode.uid == req->caller && !callers)
			callers = dir;
		if (!gs_trust_is_replaceable(&trust, &dir->inode, &entry->inode))
			continue;
		if (req->allow_user_path && req->target) {
			target.replaceable = entry->path;
			tell_dir(&target, dir, plan);
			return 0;
		}
		gs_err_set(err, EPERM,
			   "'%s' could be replaced by users other than root%s: '%s' has owner %u, "
			   "group %u, mode %04o",
			   entry->path, req->caller ? " and you" : "", dir->path, dir->inode.uid,
			   dir->inode.gid, dir->inode.mode);
		gs_err_cause(err, "TARGET_USER_PATH");
		return req->again ? gs_err_advise(err, "%s", req->again) : err->code;
	}
	if (callers)
		tell_dir(&target, callers, plan);
	return 0;
}

int gs_mountpoint_check(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			struct gs_plan *plan, struct gs_err *err)
{
	for (size_t i = 0; i < facts->ancestors.n; i++) {
		const struct gs_path_inode *place = &facts->ancestors.v[i];

		if (place->inode.type == GS_INODE_LINK) {
			gs_err_set(err, ELOOP, "'%s' goes through a symbolic link at '%s'",
				   facts->target, place->path);
			gs_err_cause(err, "TARGET_LINK");
			return gs_err_fix(err, "specify the directory itself, which this shows: ",
					  "readlink", "-f", facts->target);
		}
		if (place->inode.type != GS_INODE_ABSENT && place->inode.type != GS_INODE_DIR) {
			gs_err_set(err, ENOTDIR, "'%s' is not a directory", place->path);
			gs_err_cause(err, "TARGET_NOT_DIR");
			return gs_err_advise(err, "specify an empty directory as TARGET");
		}
	}
	if (facts->ancestors.n && facts->ancestors.v[facts->ancestors.n - 1].inode.has_entries) {
		gs_err_set(err, ENOTEMPTY, "'%s' is not empty: a mount would hide its files",
			   facts->target);
		gs_err_cause(err, "TARGET_NOT_EMPTY");
		return gs_err_advise(err,
				     "move the files, or specify an empty directory as TARGET");
	}
	if (check_last(req, facts, err) < 0)
		return err->code;
	return check_owners(req, facts, plan, err);
}

void gs_mountpoint_plan_dirs(const struct gs_follower_facts *facts, struct gs_plan *plan)
{
	for (size_t i = 0; i < facts->ancestors.n; i++) {
		struct gs_step *step;

		if (facts->ancestors.v[i].inode.type != GS_INODE_ABSENT)
			continue;
		step = gs_plan_step(plan, GS_STEP_MAKE_DIR, facts->ancestors.v[i].path,
				    "create the mount point");
		step->dir.mode = 0755;
		if (i + 1 == facts->ancestors.n)
			gs_plan_item(plan, '+', "create", "%s", facts->ancestors.v[i].path);
	}
}

/* ---- the immutable flag -------------------------------------------------------------------- */

/* The directory below the mount; before it is made its parent's file system decides. */
static struct gs_inode bare_of(const struct gs_follower_facts *facts)
{
	struct gs_inode bare = facts->top;

	if (facts->is_mounted)
		return facts->bare;
	bare.is_guarded = bare.has_entries = false;
	for (size_t i = 0; i < facts->ancestors.n; i++) {
		const struct gs_inode *inode = &facts->ancestors.v[i].inode;

		if (inode->type == GS_INODE_DIR)
			bare = *inode;
		else
			bare.is_guarded = bare.has_entries = false;
	}
	bare.type = GS_INODE_DIR;
	return bare;
}

void gs_mountpoint_plan_guard(const struct gs_follower_facts *facts, struct gs_plan *plan)
{
	struct gs_inode bare = bare_of(facts);

	if (bare.type != GS_INODE_DIR || bare.is_guarded)
		return;
	if (bare.can_guard && !bare.guard_denied && !bare.has_entries) {
		struct gs_step *step = gs_plan_step(plan, GS_STEP_GUARD, facts->target,
						    "protect the mount point against local "
						    "writes while the share is not mounted");

		step->guard.on = true;
		gs_plan_item(plan, '+', "guard", "%s is immutable while not mounted",
			     facts->target);
		return;
	}
	if (facts->is_mounted)
		return; /* reported at the mount */
	tell_target(&(struct gs_target_fact){ .path = facts->target,
					      .is_unguarded = !bare.guard_denied,
					      .guard_denied = bare.guard_denied },
		    plan);
}

/* ---- remount, read-ahead and verification -------------------------------------------------- */

void gs_mountpoint_plan_remount(const char *target, const char *mounted, const char *specified,
				struct gs_plan *plan)
{
	struct gs_step *step = gs_plan_step(plan, GS_STEP_REMOUNT, target,
					    "change the mount options in place");
	gs_autostr struct gs_str was = { 0 }, flags = { 0 };

	gs_mountpoint_flags(mounted, &was);
	gs_mountpoint_flags(specified, &flags);
	step->remount.was = gs_plan_keep(plan, gs_str_span(&was));
	step->remount.flags = gs_plan_keep(plan, gs_str_span(&flags));
	gs_plan_item(plan, '+', "remount", "%s: %s -> %s", target, was.ptr, flags.ptr);
}

/* A larger value is an administrator's choice and stays. */
void gs_mountpoint_plan_ahead(const struct gs_follower_facts *facts, struct gs_plan *plan)
{
	struct gs_step *step;

	if (facts->is_mounted && (!facts->ahead_kib || facts->ahead_kib >= GS_READ_AHEAD_KIB))
		return;
	step = gs_plan_step(plan, GS_STEP_READ_AHEAD, facts->target, "set the read-ahead");
	step->ahead.kib = GS_READ_AHEAD_KIB;
	step->ahead.was_kib = facts->ahead_kib;
	gs_plan_item(plan, '+', "read-ahead", "%u MiB, until unmount", GS_READ_AHEAD_KIB / 1024);
}

void gs_mountpoint_plan_verification(const struct gs_mounted_share *share, bool ro,
				     struct gs_plan *plan)
{
	const char *why =
		ro ? "read the share id, and check that a write is denied"
		   : "root writes, reads back and removes a file in each dataset directory";
	struct gs_verification *verification = gs_plan_verify(plan, share->target, why);
	gs_autostr struct gs_str fix = { 0 };

	gs_share_id_anew(share->server, share->source, &fix);
	verification->id = share->id[0] ? gs_plan_keep(plan, gs_span_of(share->id)) : NULL;
	verification->id_fix = fix.len ? gs_plan_keep(plan, gs_str_span(&fix)) : NULL;
	verification->source = share->source ? gs_plan_keep(plan, gs_span_of(share->source)) : NULL;
	verification->who = "root";
	verification->writable = !ro;
	verification->keep_unverified = share->unverified;
}
