/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/plan_unmount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/follower/plan_boot.h"
#include "core/format/fstab.h"
#include "core/format/unit.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"

enum { NAMED_USERS = 5 }; /* in one message; more are counted */

static bool is_nfs(const struct gs_mounted *mounted)
{
	return !strcmp(mounted->type, "nfs") || !strcmp(mounted->type, "nfs4");
}

/* "bash (pid 812) works in /mnt/data/shared, python3 (pid 813) has /mnt/data/shared/x open" */
void gs_unmount_add_users(const struct gs_mount_users *users, struct gs_str *out)
{
	static const struct {
		const char *before, *after;
	} word[] = {
		[GS_USE_CWD] = { "works in ", "" },
		[GS_USE_ROOT] = { "has its root at ", "" },
		[GS_USE_FILE] = { "has ", " open" },
		[GS_USE_EXE] = { "runs from ", "" },
		[GS_USE_MAP] = { "has ", " mapped" },
		[GS_USE_MOUNT] = { "", " is mounted below it" },
	};

	for (size_t i = 0; i < users->n && i < NAMED_USERS; i++) {
		const struct gs_mount_user *h = &users->v[i];

		gs_str_adds(out, i ? ", " : "");
		gs_str_add_safe(out, gs_span_of(h->name));
		if (h->pid)
			gs_str_addf(out, " (pid %d) ", (int)h->pid);
		gs_str_adds(out, word[h->hold].before);
		gs_str_add_safe(out, gs_span_of(h->path));
		gs_str_adds(out, word[h->hold].after);
	}
	if (users->n > NAMED_USERS)
		gs_str_addf(out, " and %zu more", users->n - NAMED_USERS);
	if (users->cut)
		gs_str_addf(out, "%stime ran out before all processes were checked",
			    users->n ? "; " : "by unknown processes: ");
}

/* The mounts below, the last one first: it may be in another. Returns: is there anybody else? */
static bool unmount_below(const struct gs_mount_users *users, struct gs_str *out)
{
	bool others = users->cut || !users->n;

	for (size_t i = users->n; i-- > 0;) {
		if (users->v[i].hold != GS_USE_MOUNT) {
			others = true;
			continue;
		}
		if (out->len)
			gs_command_and(out);
		else
			gs_str_adds(out, "first: ");
		gs_command(out, "sudo", "umount", users->v[i].path);
	}
	return others;
}

int gs_unmount_busy(const char *target, const struct gs_mount_users *users, struct gs_err *err)
{
	gs_autostr struct gs_str who = { 0 }, fix = { 0 };
	bool others;

	gs_unmount_add_users(users, &who);
	gs_err_set(err, EBUSY, "'%s' is in use: %s", target,
		   who.len ? who.ptr
			   : "by no visible process; a loop device, swap or an NFS server may "
			     "use it");
	gs_err_cause(err, "MOUNT_BUSY");
	others = unmount_below(users, &fix);
	gs_str_adds(&fix, !others   ? "; or"
			  : fix.len ? "; then stop the processes, or"
				    : "stop these processes first, or");
	gs_str_adds(&fix, " unmount when no longer in use: ");
	gs_command(&fix, "sudo", "gshare", "follower", "unmount", target, "--lazy");
	return gs_err_fix_text(err, &fix);
}

static int server_silent(const char *target, const struct gs_mount_use *use, struct gs_err *err)
{
	gs_autostr struct gs_str fix = { 0 };

	gs_err_set(err, ETIMEDOUT,
		   "the server of '%s' is not responding (%s), and a plain unmount would wait for "
		   "it: %s",
		   target, use->silence_id, use->silence);
	gs_err_cause(err, "SERVER_NOT_RESPONDING");
	gs_command(&fix, "sudo", "gshare", "follower", "unmount", target, "--lazy");
	gs_str_adds(&fix, "; if unwritten data may be lost: ");
	gs_command(&fix, "sudo", "gshare", "follower", "unmount", target, "--force");
	return gs_err_fix_text(err, &fix);
}

int gs_unmount_check(const char *target, const struct gs_mount_use *use, bool force,
		     struct gs_err *err)
{
	if (use->is_silent && !force)
		return server_silent(target, use, err);
	return use->users.n ? gs_unmount_busy(target, &use->users, err) : 0;
}

void gs_mount_use_done(struct gs_mount_use *use)
{
	gs_mount_users_done(&use->users);
	free(use->silence);
	*use = (struct gs_mount_use){ 0 };
}

static int check_mounted(const struct gs_unmount_req *req, const struct gs_unmount_facts *facts,
			 bool managed, struct gs_err *err)
{
	if (!is_nfs(&facts->mounted)) {
		gs_err_set(err, EINVAL,
			   "what is mounted on '%s' is not an NFS share but %s of "
			   "type %s",
			   facts->target, facts->mounted.source, facts->mounted.type);
		gs_err_cause(err, "NOT_NFS");
		return gs_err_fix(err, "to unmount it anyway: ", "sudo", "umount", facts->target);
	}
	if (!managed && !req->target) {
		gs_err_set(err, EINVAL,
			   "'%s' (%s) has no gshare entry in /etc/fstab: it may have been "
			   "mounted by other means",
			   facts->target, facts->mounted.source);
		gs_err_cause(err, "NOT_MANAGED");
		return gs_err_fix(err, "specify it as TARGET: ", "sudo", "gshare", "follower",
				  "unmount", facts->target);
	}
	return req->lazy ? 0 : gs_unmount_check(facts->target, &facts->use, req->force, err);
}

static int plan_forget(const struct gs_unmount_facts *facts, struct gs_fstab *doc,
		       struct gs_plan *plan, struct gs_err *err)
{
	gs_autostr struct gs_str text = { 0 };
	bool changed = false;

	if (gs_fstab_remove(doc, facts->target, &changed, err) < 0)
		return gs_err_prefix(err, "%s", facts->fstab.path);
	if (!changed)
		return 0;
	gs_fstab_render(doc, &text);
	gs_plan_item(plan, '-', "boot", "%s", facts->fstab.path);
	gs_plan_write(plan, &facts->fstab, gs_str_span(&text), 0644, "no longer mount it at boot");
	return 0;
}

static void tell_fstab(const struct gs_unmount_req *req, const struct gs_unmount_facts *facts,
		       const struct gs_fstab *doc, struct gs_plan *plan)
{
	const struct gs_fstab_entry *left = gs_fstab_find(doc, facts->target);
	gs_autofree char *fix = NULL;

	if (!left)
		return;
	if (!left->managed) {
		gs_findings_add(&plan->findings, GS_NOTE, "FOREIGN_LINE", NULL,
				"line %zu of %s mounts '%s' too and is not managed by gshare: it "
				"is kept",
				left->number, facts->fstab.path, facts->target);
		return;
	}
	if (req->forget)
		return;
	fix = gs_command_text("to remove it too: ", "sudo", "gshare", "follower", "unmount",
			      facts->target, "--forget");
	gs_plan_item(plan, '=', "boot", "%s", facts->fstab.path);
	gs_findings_add(&plan->findings, GS_NOTE, "MOUNTED_AT_BOOT", fix,
			"the entry in %s is kept: the share is mounted again at the next boot",
			facts->fstab.path);
}

/* Stopping the automount point is another wish than unmounting: the next use mounts again. */
static void tell_trigger(const struct gs_unmount_facts *facts, struct gs_plan *plan)
{
	gs_autofree char *unit = NULL, *fix = NULL;

	if (!facts->is_trigger)
		return;
	unit = gs_unit_name(facts->target, "automount");
	fix = gs_command_text("to end that: ", "sudo", "systemctl", "stop", unit);
	gs_findings_add(&plan->findings, GS_NOTE, "AUTOMOUNT_STAYS", fix,
			"'%s' is an automount point, which stays: the next use mounts the share "
			"again",
			facts->target);
}

/* Options that the kernel adds to a mount, and that mount.nfs would reject or resolve anew. */
static bool is_kernels_own(struct gs_span option)
{
	static const char *const own[] = { "addr=",	  "clientaddr=", "mountaddr=", "mountport=",
					   "mountproto=", "mountvers=",	 "local_lock=" };

	for (size_t i = 0; i < GS_COUNT(own); i++)
		if (gs_span_has_prefix(option, own[i]))
			return true;
	return false;
}

const char *gs_unmount_options(const char *options, struct gs_plan *plan)
{
	gs_autostr struct gs_str kept = { 0 };
	struct gs_span rest = gs_span_of(options), option;

	while (gs_span_cut(&rest, ',', &option)) {
		if (is_kernels_own(option))
			continue;
		gs_str_adds(&kept, kept.len ? "," : "");
		gs_str_add(&kept, option);
	}
	return gs_plan_keep(plan, gs_str_span(&kept));
}

static void plan_umount(const struct gs_unmount_req *req, const struct gs_unmount_facts *facts,
			struct gs_plan *plan)
{
	const struct gs_mounted *mounted = &facts->mounted;
	struct gs_step *step = gs_plan_step(plan, GS_STEP_UMOUNT, facts->target,
					    req->lazy ? "detach the share (lazy unmount)"
						      : "unmount the share");
	gs_autostr struct gs_str who = { 0 };

	step->umount.source = gs_plan_keep(plan, gs_span_of(mounted->source));
	step->umount.type = gs_plan_keep(plan, gs_span_of(mounted->type));
	step->umount.options = gs_unmount_options(mounted->options, plan);
	step->umount.force = req->force;
	step->umount.lazy = req->lazy;
	step->umount.ahead_kib = facts->ahead_kib;
	gs_plan_item(plan, '-', "mount", "%s on %s", mounted->source, facts->target);
	if (!facts->use.users.n && !facts->use.users.cut)
		return;
	gs_unmount_add_users(&facts->use.users, &who);
	if (facts->use.users.n)
		gs_findings_add(&plan->findings, GS_WARN, "STILL_USED", NULL,
				"these processes keep using the mount until they end: %s", who.ptr);
	else
		gs_findings_add(&plan->findings, GS_WARN, "STILL_USED", NULL,
				"processes may keep using the mount until they end: time ran out "
				"before all were checked");
}

/*
 * While fstab has the share the immutable flag stays: without the mount nothing must be written to
 * the local disk. Where another line of fstab has the target, the flag may be the administrator's.
 */
static void plan_unguard(const struct gs_unmount_req *req, const struct gs_unmount_facts *facts,
			 const struct gs_fstab *doc, struct gs_plan *plan)
{
	const struct gs_fstab_entry *left = gs_fstab_find(doc, facts->target);
	struct gs_step *step;

	if (!facts->bare.is_guarded || (left && !left->managed))
		return;
	if (!req->forget) {
		gs_plan_item(plan, '=', "guard", "%s stays immutable while not mounted",
			     facts->target);
		return;
	}
	step = gs_plan_step(plan, GS_STEP_GUARD, facts->target,
			    "remove the immutable flag from "
			    "the mount point");
	step->guard.on = false;
	gs_plan_item(plan, '-', "guard", "%s is writable again", facts->target);
}

int gs_plan_unmount(const struct gs_unmount_req *req, const struct gs_unmount_facts *facts,
		    struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(gs_plan_done) struct gs_plan p = { 0 };
	GS_AUTO(gs_fstab_done) struct gs_fstab doc = { 0 };
	bool managed;

	if (gs_fstab_parse(gs_str_span(&facts->fstab.text), &doc, err) < 0)
		return gs_err_prefix(err, "%s", facts->fstab.path);
	if (!facts->target) {
		gs_plan_item(&p, '=', "mount",
			     "no share is mounted on this node, or in "
			     "/etc/fstab");
		*plan = p;
		p = (struct gs_plan){ 0 };
		return 0;
	}
	managed = gs_fstab_find_managed(&doc, facts->target);
	if (facts->is_mounted && check_mounted(req, facts, managed, err) < 0)
		return err->code;
	if (!facts->is_mounted && !facts->offline)
		gs_plan_item(&p, '=', "mount", "nothing is mounted on %s", facts->target);
	if (req->forget)
		gs_boot_plan_removal(&facts->boot, &p);
	else
		gs_boot_plan_stop(&facts->boot, "it would mount the share again", &p);
	if (req->forget && plan_forget(facts, &doc, &p, err) < 0)
		return err->code;
	tell_fstab(req, facts, &doc, &p);
	tell_trigger(facts, &p);
	plan_unguard(req, facts, &doc, &p);
	if (facts->is_mounted)
		plan_umount(req, facts, &p);
	*plan = p;
	p = (struct gs_plan){ 0 };
	return 0;
}
