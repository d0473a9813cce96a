/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/unmount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/fstab.h"
#include "core/plan/plan.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"
#include "engine/phase.h"
#include "sys/mount/mount.h"

/* ---- looking ----------------------------------------------------------------------------- */

int gs_find_follower_share(struct gs_sys *sys, const char *path, struct gs_file *fstab,
			   struct gs_here *ret, bool *ret_found, struct gs_err *err)
{
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };

	if (gs_observe_file(sys, "/etc/fstab", fstab, err) < 0 ||
	    (!sys->offline && sys->ops->list_nfs(sys, &mounts, err) < 0))
		return err->code;
	return gs_here_follower(fstab, &mounts, path, ret, ret_found, err);
}

/* Something else answers there, or refuses us: that is no silence. */
static bool is_an_answer(const struct gs_err *err)
{
	static const char *const ids[] = { "RPC_GARBAGE",	"RPC_DENIED", "RPC_PROG_UNAVAIL",
					   "RPC_VERS_MISMATCH", "NFS_ABSENT", "NFS4_ABSENT" };

	for (size_t i = 0; err->id && i < GS_COUNT(ids); i++)
		if (!strcmp(err->id, ids[i]))
			return true;
	return false;
}

static void is_silent_by(const struct gs_err *silent, struct gs_mount_use *use)
{
	use->is_silent = true;
	use->silence = gs_strdup(silent->msg);
	use->silence_id = gs_err_name(silent);
}

/*
 * A server that answers may be deaf to what its mount says, since its mountd is dead, say: a plain
 * umount says farewell, and would wait for an answer to that, too.
 */
static void ask_mount(struct gs_sys *sys, const struct gs_mounted *mounted,
		      struct gs_mount_use *use, unsigned rtt_us)
{
	int64_t end_ns = sys->deadline_ns, now = sys->ops->now_ns(sys);
	struct gs_err said = { 0 }, why = { 0 };

	sys->deadline_ns = now + (end_ns - now) / 4;
	if (sys->ops->ask_mount(sys, mounted->target, &said) == -ETIMEDOUT) {
		sys->deadline_ns += (end_ns - now) / 4;
		gs_ask_anew(sys, mounted, rtt_us, &why);
		is_silent_by(why.code ? &why : &said, use);
	}
	sys->deadline_ns = end_ns;
}

static void ask_server(struct gs_sys *sys, const struct gs_mounted *mounted,
		       struct gs_mount_use *use)
{
	struct gs_err silent = { 0 };
	unsigned rtt_us = 0;

	switch (gs_reach_server(sys, mounted, &rtt_us, &silent)) {
	case GS_ANSWER_UNTRIED:
		return;
	case GS_ANSWER_YES:
		ask_mount(sys, mounted, use, rtt_us);
		return;
	case GS_ANSWER_NO:
		if (!is_an_answer(&silent))
			is_silent_by(&silent, use);
		return;
	}
}

/* Who uses it is evidence: where it cannot be had, the kernel's own -EBUSY is left. */
static void find_holders(struct gs_sys *sys, const struct gs_mounted *mounted,
			 struct gs_holders *ret)
{
	struct gs_err unseen = { 0 };

	if (sys->ops->holders(sys, mounted, ret, &unseen) < 0)
		ret->cut = true;
}

void gs_look_use(struct gs_sys *sys, const struct gs_mounted *mounted, bool ask,
		 struct gs_mount_use *ret)
{
	if (!gs_span_has_prefix(gs_span_of(mounted->type), "nfs"))
		return;
	if (ask)
		ask_server(sys, mounted, ret);
	if (!ret->is_silent)
		find_holders(sys, mounted, &ret->holders);
}

static int observe(struct gs_sys *sys, const struct gs_unmount_req *req,
		   struct gs_unmount_facts *ret, struct gs_err *err)
{
	GS_AUTO(gs_unmount_facts_done) struct gs_unmount_facts facts = { .offline = sys->offline };
	GS_AUTO(gs_here_done) struct gs_here here = { 0 };
	bool found = false;

	if (gs_find_follower_share(sys, req->target, &facts.fstab, &here, &found, err) < 0)
		return err->code;
	if (found || req->target)
		facts.target = gs_strdup(found ? here.path : req->target);
	if (facts.target && !sys->offline && sys->ops->hold_path(sys, facts.target, err) < 0)
		return err->code;
	if (facts.target && !sys->offline &&
	    sys->ops->find_mount(sys, facts.target, &facts.mounted, &facts.is_mounted, err) < 0)
		return err->code;
	if (facts.target && !sys->offline &&
	    gs_observe_bare(sys, facts.target, &facts.bare, err) < 0)
		return err->code;
	if (facts.is_mounted && gs_span_has_prefix(gs_span_of(facts.mounted.type), "nfs") &&
	    sys->ops->read_ahead(sys, &facts.mounted, &facts.ahead_kib, err) < 0)
		return err->code;
	if (facts.is_mounted)
		gs_look_use(sys, &facts.mounted, !req->lazy && !req->force, &facts.use);
	*ret = facts;
	facts = (struct gs_unmount_facts){ 0 };
	return 0;
}

int gs_observe_unmount(struct gs_sys *sys, const struct gs_unmount_req *req,
		       struct gs_unmount_facts *facts, struct gs_err *err)
{
	if (sys->ops->privilege(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, observe(sys, req, facts, err), err);
}

void gs_unmount_facts_done(struct gs_unmount_facts *facts)
{
	gs_file_done(&facts->fstab);
	gs_mounted_done(&facts->mounted);
	gs_mount_use_done(&facts->use);
	free(facts->target);
	gs_node_done(&facts->bare);
	*facts = (struct gs_unmount_facts){ 0 };
}

/* ---- doing ------------------------------------------------------------------------------- */

/* Between the plan and the step somebody may have come: told as the plan would have. */
static int busy_now(struct gs_sys *sys, const char *target, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	GS_AUTO(gs_holders_done) struct gs_holders holders = { 0 };
	struct gs_err unseen = { 0 };
	bool found = false;

	if (sys->ops->find_mount(sys, target, &mounted, &found, &unseen) == 0 && found)
		find_holders(sys, &mounted, &holders);
	return gs_unmount_busy(target, &holders, err);
}

int gs_umount_step(struct gs_sys *sys, const struct gs_step *step, struct gs_err *err)
{
	unsigned how = (step->umount.lazy ? GS_UMOUNT_LAZY : 0u) |
		       (step->umount.force ? GS_UMOUNT_FORCE : 0u);
	int r = sys->ops->umount(sys, step->path, how, err);

	return r == -EBUSY ? busy_now(sys, step->path, err) : r;
}

int gs_set_read_ahead(struct gs_sys *sys, const char *target, unsigned kib, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	bool found = false;

	if (sys->ops->find_mount(sys, target, &mounted, &found, err) < 0)
		return err->code;
	if (!found)
		return gs_err_set(err, ENOENT, "nothing is mounted on '%s' any more", target);
	return sys->ops->set_read_ahead(sys, &mounted, kib, err);
}

int gs_umount_back(struct gs_sys *sys, const struct gs_step *step, struct gs_err *err)
{
	if (sys->ops->mount(sys, step->umount.source, step->path, step->umount.type,
			    step->umount.options, err) < 0)
		return err->code;
	return step->umount.ahead_kib
		       ? gs_set_read_ahead(sys, step->path, step->umount.ahead_kib, err)
		       : 0;
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
		return gs_take_back(sys, plan, done, err);
	if (second.n) {
		gs_err_set(err, EPROTO, "after the run something is still mounted on '%s'",
			   facts.target);
		gs_err_cause(err, "NOT_CONVERGED");
		return gs_take_back(sys, plan, done, err);
	}
	for (size_t i = 0; i < plan->n; i++) {
		gs_autofree char *text = NULL;

		if (plan->v[i].kind != GS_STEP_UMOUNT)
			continue;
		text = gs_printf("nothing is mounted on %s any more", plan->v[i].path);
		gs_strs_add(&done->proved, text);
	}
	return gs_finish(sys, plan, done, err);
}
