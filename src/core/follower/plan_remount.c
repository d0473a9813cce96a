/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/follower/plan_remount.h"

#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/check/check.h"
#include "core/follower/mount_options.h"
#include "core/follower/mountpoint.h"
#include "core/follower/plan_unmount.h"
#include "core/follower/request.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"

struct remount {
	const struct gs_remount_req *req;
	const struct gs_remount_facts *facts;
	const struct gs_fstab_entry *line; /* gshare's; NULL: none */
	struct gs_str spec;		   /* options, in the form of fstab */
	struct gs_plan plan;
};

static void remount_done(struct remount *r)
{
	gs_str_done(&r->spec);
	gs_plan_done(&r->plan);
}

bool gs_remount_is_dead(const struct gs_health *health)
{
	return health->says == GS_STATE_STALE || health->says == GS_STATE_ERROR;
}

/* ---- errors ------------------------------------------------------------------------------ */

/* The first failure that follower status would report; NULL: none. */
static const struct gs_finding *failure_of(const struct gs_health *h)
{
	for (size_t i = 0; i < h->findings.n; i++)
		if (h->findings.v[i].severity == GS_FAIL)
			return &h->findings.v[i];
	return NULL;
}

static int check(const struct remount *r, struct gs_err *err)
{
	const struct gs_health *h = &r->facts->health;
	const struct gs_finding *failure = failure_of(h);

	if (failure && !(r->req->recover && gs_remount_is_dead(h))) {
		gs_err_set(err, h->is_mounted ? EIO : GS_E_FOUND, "'%s': %s", h->path,
			   failure->text);
		gs_err_cause(err, failure->id);
		return failure->fix ? gs_err_advise(err, "%s", failure->fix) : err->code;
	}
	if (r->line || r->req->target)
		return 0;
	gs_err_set(err, EINVAL,
		   "'%s' (%s) has no gshare entry in /etc/fstab: it may have been mounted by "
		   "other means",
		   h->path, h->mount.source);
	gs_err_cause(err, "NOT_MANAGED");
	return gs_err_fix(err, "specify it as TARGET: ", "sudo", "gshare", "follower", "remount",
			  h->path);
}

/* ---- what is specified ---------------------------------------------------------------------- */

static void add_option(struct gs_str *out, struct gs_span option)
{
	gs_str_adds(out, out->len ? "," : "");
	gs_str_add(out, option);
}

static void add_access(struct remount *r, bool ro)
{
	if (ro && !gs_mountopt_has(r->spec.ptr, "ro"))
		add_option(&r->spec, gs_span_of("ro"));
}

/* Options of the line, or the active ones plus nosuid and nodev; ro where follower mount has it. */
static void make_spec(struct remount *r)
{
	const struct gs_health *h = &r->facts->health;
	const char *from = r->line ? r->line->options : h->mount.options;
	bool ro = r->req->access == GS_REMOUNT_AS_KEPT ? gs_mountopt_has(from, "ro")
						       : r->req->access == GS_REMOUNT_RO;
	struct gs_span rest = gs_span_of(from), option;

	while (gs_mountopt_next(&rest, &option)) {
		if (!option.len || gs_span_is_text(option, "ro") || gs_span_is_text(option, "rw"))
			continue;
		if (gs_mountopt_is_for_fstab(option))
			add_access(r, ro);
		add_option(&r->spec, option);
	}
	add_access(r, ro);
	if (!r->line && !gs_mountopt_has(from, "nosuid"))
		add_option(&r->spec, gs_span_of("nosuid"));
	if (!r->line && !gs_mountopt_has(from, "nodev"))
		add_option(&r->spec, gs_span_of("nodev"));
	if (!r->spec.len)
		add_option(&r->spec, gs_span_of("rw"));
}

static const char *options_of_new(struct remount *r)
{
	gs_autostr struct gs_str kept = { 0 };
	struct gs_span rest = gs_str_span(&r->spec), option;

	if (!r->line)
		return gs_unmount_options(r->spec.ptr, &r->plan);
	while (gs_mountopt_next(&rest, &option))
		if (!gs_mountopt_is_for_fstab(option))
			add_option(&kept, option);
	return gs_plan_keep(&r->plan, gs_str_span(&kept));
}

/* ---- steps ------------------------------------------------------------------------------- */

static struct gs_follower_facts as_mounted(const struct gs_health *h)
{
	return (struct gs_follower_facts){
		.target = h->path,
		.is_mounted = true,
		.mounted = h->mount,
		.bare = h->bare,
		.ahead_kib = h->ahead_kib,
	};
}

static void plan_verification(struct remount *r)
{
	const struct gs_health *h = &r->facts->health;

	const struct gs_mounted_share share = {
		.target = h->path,
		.server = h->server,
		.source = h->mount.source,
		.id = h->kept[0] ? h->kept : h->id,
	};

	gs_mountpoint_plan_verification(&share, gs_mountopt_has(r->spec.ptr, "ro"), &r->plan);
}

/* Only a new mount would help; what is merely slower does not stop what was asked for by name. */
static bool takes_new_mount(const struct remount *r, const struct gs_mount_diff *diff)
{
	return diff->fixed.len ||
	       (diff->tuned.len && !r->req->recover && r->req->access == GS_REMOUNT_AS_KEPT);
}

static int plan_live(struct remount *r, struct gs_err *err)
{
	const struct gs_health *h = &r->facts->health;
	GS_AUTO(gs_mount_diff_done) struct gs_mount_diff diff = { 0 };
	gs_autostr struct gs_str again = { 0 };

	gs_mount_differs(h->mount.options, r->spec.ptr, &diff);
	if (takes_new_mount(r, &diff)) {
		gs_autostr struct gs_str all = { 0 };

		gs_mount_diff_add(&diff, &all);
		gs_err_set(err, EBUSY,
			   "'%s' is mounted with other options than in /etc/fstab, and only a new "
			   "mount can change them: %s",
			   h->path, all.ptr);
		gs_err_cause(err, "MOUNT_OPTIONS_DIFFER");
		gs_command(&again, "sudo", "gshare", "follower", "unmount", h->path);
		gs_command_and(&again);
		gs_command(&again, "sudo", "mount", h->path);
		return gs_err_fix_text(err, &again);
	}
	if (!diff.live.len) {
		gs_plan_item(&r->plan, '=', "mount", "%s on %s%s", h->mount.source, h->path,
			     r->req->recover ? ": the mount responds, nothing to recover" : "");
		return 0;
	}
	gs_mountpoint_plan_remount(h->path, h->mount.options, r->spec.ptr, &r->plan);
	plan_verification(r);
	return 0;
}

static void plan_stage(struct remount *r, const char *options)
{
	const struct gs_mounted *mount = &r->facts->health.mount;
	struct gs_step *step = gs_plan_step(&r->plan, GS_STEP_STAGE, r->facts->health.path,
					    "mount the leader's share in a private directory");

	step->mount.source = gs_plan_keep(&r->plan, gs_span_of(mount->source));
	step->mount.type = gs_plan_keep(&r->plan, gs_span_of(mount->type));
	step->mount.options = options;
}

static void plan_renew(struct remount *r, const char *options)
{
	const struct gs_health *h = &r->facts->health;
	struct gs_step *step = gs_plan_step(&r->plan, GS_STEP_RENEW, h->path,
					    "replace the stale mount by the new one");

	step->umount.source = gs_plan_keep(&r->plan, gs_span_of(h->mount.source));
	step->umount.type = gs_plan_keep(&r->plan, gs_span_of(h->mount.type));
	step->umount.options = options;
	step->umount.lazy = true;
	step->umount.ahead_kib = h->ahead_kib;
}

/* The new mount is verified before the dead one is detached, which its open files keep alive. */
static void plan_new(struct remount *r)
{
	const struct gs_health *h = &r->facts->health;
	const char *options = options_of_new(r);
	gs_autostr struct gs_str who = { 0 };

	plan_stage(r, options);
	plan_verification(r);
	plan_renew(r, options);
	gs_plan_item(&r->plan, '-', "mount", "%s on %s  %s", h->mount.source, h->path,
		     gs_mount_state_name(h->says));
	gs_plan_item(&r->plan, '+', "mount", "%s on %s  anew", h->mount.source, h->path);
	if (!r->facts->users.n)
		return;
	gs_unmount_add_users(&r->facts->users, &who);
	gs_findings_add(&r->plan.findings, GS_WARN, "STILL_USED",
			"restart them, so that they use the new mount",
			"these processes keep using the stale mount: %s", who.ptr);
}

/* A new mount has the kernel's default read-ahead: set gshare's value, or the larger one before. */
static void plan_speed(struct remount *r, bool is_new)
{
	const struct gs_health *h = &r->facts->health;
	struct gs_follower_facts facts = as_mounted(h);

	if (is_new)
		facts.is_mounted = false;
	gs_mountpoint_plan_ahead(&facts, &r->plan);
	if (is_new && r->plan.v[r->plan.n - 1].kind == GS_STEP_READ_AHEAD) {
		struct gs_step *step = &r->plan.v[r->plan.n - 1];

		step->ahead.was_kib = 0;
		if (h->ahead_kib > step->ahead.kib)
			step->ahead.kib = h->ahead_kib;
	}
}

static int plan_fstab(struct remount *r, struct gs_fstab *doc, struct gs_err *err)
{
	const struct gs_fstab_entry *line = r->line;
	gs_autostr struct gs_str text = { 0 };
	bool changed = false;

	if (!line || r->req->access == GS_REMOUNT_AS_KEPT ||
	    gs_mountopt_has(line->options, "ro") == (r->req->access == GS_REMOUNT_RO))
		return 0;
	const struct gs_fstab_spec spec = {
		gs_plan_keep(&r->plan, gs_span_of(line->source)),
		gs_plan_keep(&r->plan, gs_span_of(line->target)),
		gs_plan_keep(&r->plan, gs_span_of(line->type)),
		r->spec.ptr,
	};
	if (gs_fstab_set(doc, &spec, &changed, err) < 0)
		return gs_err_prefix(err, "%s", r->facts->fstab.path);
	gs_fstab_render(doc, &text);
	gs_plan_item(&r->plan, '+', "boot", "%s", r->facts->fstab.path);
	gs_plan_write(&r->plan, &r->facts->fstab, gs_str_span(&text), 0644,
		      "mount it with these options at boot");
	return 0;
}

/* What a remount cannot change: nobody writes here before the leader gives rw. */
static void tell_given_ro(struct remount *r)
{
	const struct gs_facts facts = { .mount = &r->facts->health };

	if (r->facts->health.is_given_ro && r->req->access != GS_REMOUNT_RO)
		gs_checks_tell("LEADER_READONLY", &facts, GS_WARN, &r->plan.findings);
}

int gs_plan_remount(const struct gs_remount_req *req, const struct gs_remount_facts *facts,
		    struct gs_plan *plan, struct gs_err *err)
{
	GS_AUTO(remount_done) struct remount r = { .req = req, .facts = facts };
	GS_AUTO(gs_fstab_done) struct gs_fstab doc = { 0 };
	struct gs_follower_facts mounted = as_mounted(&facts->health);
	bool is_new = req->recover && gs_remount_is_dead(&facts->health);

	if (gs_fstab_parse(gs_str_span(&facts->fstab.text), &doc, err) < 0)
		return gs_err_prefix(err, "%s", facts->fstab.path);
	r.line = gs_fstab_find_managed(&doc, facts->health.path);
	if (check(&r, err) < 0)
		return err->code;
	make_spec(&r);
	if (is_new)
		plan_new(&r);
	else if (plan_live(&r, err) < 0)
		return err->code;
	if (r.line)
		gs_mountpoint_plan_guard(&mounted, &r.plan);
	plan_speed(&r, is_new);
	if (plan_fstab(&r, &doc, err) < 0)
		return err->code;
	tell_given_ro(&r);
	*plan = r.plan;
	r.plan = (struct gs_plan){ 0 };
	return 0;
}
