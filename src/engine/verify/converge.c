/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/verify/converge.h"

#include <errno.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/mount.h"
#include "core/follower/mountpoint.h"
#include "core/follower/plan_mount.h"
#include "core/follower/request.h"
#include "core/fskind/nfs.h"
#include "core/leader/plan_leader.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step_state.h"
#include "engine/observe/common.h"
#include "engine/observe/remount.h"
#include "engine/observe/unmount.h"
#include "engine/run/apply.h"

static int judge_second_plan(struct gs_sys *sys, const struct gs_plan *second,
			     const struct gs_plan *plan, struct gs_done *done, struct gs_err *err)
{
	if (!second->n)
		return gs_finish(sys, plan, done, err);
	gs_err_set(err, EPROTO, "after the run '%s' would still have to be changed: %s",
		   second->v[0].path, second->v[0].why);
	gs_err_cause(err, "NOT_CONVERGED");
	return gs_roll_back(sys, plan, done, err);
}

/* Does the second plan only remove a .gshare-id that was put there since the first? It stays. */
static bool is_about_id(const struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!gs_step_forgets_id(&plan->v[i]))
			return false;
	return plan->n;
}

int gs_verify_leader(struct gs_sys *sys, const struct gs_leader_req *req,
		     const struct gs_plan *plan, struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_leader_facts_done) struct gs_leader_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan second = { 0 };

	if (sys->offline || !plan->n)
		return 0;
	if (gs_observe_leader(sys, req, plan, &facts, err) < 0 ||
	    gs_plan_leader(req, &facts, &second, err) < 0)
		return gs_roll_back(sys, plan, done, err);
	if (is_about_id(&second))
		return gs_finish(sys, plan, done, err);
	return judge_second_plan(sys, &second, plan, done, err);
}

/* A read-ahead that another program set meanwhile is no reason to unmount a verified mount. */
static bool is_about_speed(const struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].kind != GS_STEP_READ_AHEAD)
			return false;
	return plan->n;
}

static int finish_slow(struct gs_sys *sys, const char *target, unsigned kib,
		       const struct gs_plan *plan, struct gs_done *done, struct gs_err *err)
{
	gs_findings_add(&done->findings, GS_NOTE, "READ_AHEAD_RESET", "run the same command again",
			"the read-ahead of '%s' was reset to %u KiB by another program", target,
			kib);
	return gs_finish(sys, plan, done, err);
}

/* A follower cannot change the leader's limit, but it explains a slow mount. */
static void tell_caps(const struct gs_mounted *mounted, struct gs_done *done)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_transfer t = { 0 };

	gs_mountpoint_transfer(mounted->options, NULL, &t);
	if (!gs_mountpoint_is_capped(&t))
		return;
	gs_size_add(t.rsize < t.wsize ? t.rsize : t.wsize, &text);
	gs_findings_add(
		&done->findings, GS_NOTE, "TRANSFER_CAPPED", NULL,
		"the leader accepts at most %s in one request, not 1 MiB: it has little memory, "
		"or nfsd has a lower max-block-size",
		text.ptr);
}

/* Of a share with an id the directories are known in which every user can. */
static void tell_sticky(const struct gs_follower_facts *facts, struct gs_done *done)
{
	const struct gs_target_fact target = { .path = facts->target,
					       .guards = facts->guards,
					       .top_mode = facts->top_mode,
					       .top_uid = facts->top_uid,
					       .file_uid = done->owner_uid };
	const struct gs_facts seen = { .target = &target };

	/* Where nobody can write, that is told. */
	if (facts->mount_id[0] && done->has_owner && !done->readonly)
		gs_checks_run(&seen, GS_WARN, &done->findings);
}

/* Seen only once it is mounted: fewer connections than were asked for. */
static void tell_connections(const struct gs_plan *second, const struct gs_plan *plan,
			     struct gs_done *done)
{
	static const char id[] = "CONNECTIONS_CAPPED";
	const struct gs_finding *f = gs_findings_find(&second->findings, id);

	if (f && !gs_findings_find(&plan->findings, id))
		gs_findings_add(&done->findings, f->severity, id, f->fix, "%s", f->text);
}

/* Mounted rw, and the write was denied: as status has it. */
static void tell_given_ro(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			  struct gs_done *done)
{
	gs_autofree char *server = gs_strdup(req->leader);
	const struct gs_health health = { .server = server,
					  .own_addr = facts->own_addr,
					  .mount = facts->mounted };
	const struct gs_facts seen = { .mount = &health };

	if (done->readonly && !done->has_owner && !gs_mountopt_has(facts->mounted.options, "ro"))
		gs_checks_tell("LEADER_READONLY", &seen, GS_WARN, &done->findings);
}

int gs_verify_follower(struct gs_sys *sys, const struct gs_follower_req *req,
		       const struct gs_follower_facts *before, const struct gs_plan *plan,
		       struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_follower_facts_done) struct gs_follower_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan second = { 0 };

	if (sys->offline || !plan->n)
		return 0;
	if (gs_observe_follower(sys, req, before, &facts, err) < 0 ||
	    gs_plan_follower(req, &facts, &second, err) < 0)
		return gs_roll_back(sys, plan, done, err);
	if (facts.is_mounted) {
		tell_given_ro(req, &facts, done);
		tell_sticky(&facts, done);
		tell_caps(&facts.mounted, done);
		tell_connections(&second, plan, done);
	}
	if (is_about_speed(&second))
		return finish_slow(sys, facts.target, facts.ahead_kib, plan, done, err);
	return judge_second_plan(sys, &second, plan, done, err);
}

/* Seen only now, where the mount was ro before. */
static void tell_still_ro(const struct gs_health *h, const struct gs_remount_req *req,
			  const struct gs_plan *plan, struct gs_done *done)
{
	const struct gs_facts seen = { .mount = h };

	for (size_t i = 0; i < plan->findings.n; i++)
		if (!strcmp(plan->findings.v[i].id, "LEADER_READONLY"))
			return;
	if (h->is_given_ro && req->access != GS_REMOUNT_RO)
		gs_checks_tell("LEADER_READONLY", &seen, GS_WARN, &done->findings);
}

int gs_verify_remount(struct gs_sys *sys, const struct gs_remount_req *req,
		      const struct gs_plan *plan, struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_remount_facts_done) struct gs_remount_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan second = { 0 };
	const struct gs_health *h = &facts.health;

	if (!plan->n)
		return 0;
	if (gs_observe_remount(sys, req, &facts, err) < 0 ||
	    gs_plan_remount(req, &facts, &second, err) < 0)
		return gs_roll_back(sys, plan, done, err);
	tell_still_ro(h, req, plan, done);
	if (is_about_speed(&second))
		return finish_slow(sys, h->path, h->ahead_kib, plan, done, err);
	return judge_second_plan(sys, &second, plan, done, err);
}

int gs_verify_unmount(struct gs_sys *sys, const struct gs_unmount_req *req,
		      const struct gs_plan *plan, struct gs_done *done, struct gs_err *err)
{
	GS_AUTO(gs_unmount_facts_done) struct gs_unmount_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan second = { 0 };

	if (sys->offline || !plan->n)
		return 0;
	if (gs_observe_unmount(sys, req, &facts, err) < 0 ||
	    gs_plan_unmount(req, &facts, &second, err) < 0)
		return gs_roll_back(sys, plan, done, err);
	if (second.n) {
		gs_err_set(err, EPROTO, "after the run something is still mounted on '%s'",
			   facts.target);
		gs_err_cause(err, "NOT_CONVERGED");
		return gs_roll_back(sys, plan, done, err);
	}
	for (size_t i = 0; i < plan->n; i++) {
		gs_autofree char *text = NULL;

		if (plan->v[i].kind != GS_STEP_UMOUNT)
			continue;
		text = gs_printf("nothing is mounted on %s any more", plan->v[i].path);
		gs_strs_add(&done->verified, text);
	}
	return gs_finish(sys, plan, done, err);
}
