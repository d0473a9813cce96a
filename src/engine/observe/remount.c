/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/remount.h"

#include <errno.h>
#include <string.h>

#include "core/follower/plan_unmount.h"
#include "core/plan/plan.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"
#include "engine/observe/unmount.h"
#include "engine/phase.h"
#include "sys/mount/mount.h"

/* ---- looking ----------------------------------------------------------------------------- */

static int observe(struct gs_sys *sys, struct gs_remount_facts *facts, struct gs_err *err)
{
	const struct gs_health *h = &facts->health;
	struct gs_err unseen = { 0 };

	if (gs_observe_file(sys, "/etc/fstab", &facts->fstab, err) < 0)
		return err->code;
	if (h->is_nfs && gs_remount_is_dead(h))
		(void)sys->ops->holders(sys, &h->mount, &facts->holders, &unseen);
	return 0;
}

int gs_observe_remount(struct gs_sys *sys, const struct gs_remount_req *req,
		       struct gs_remount_facts *ret, struct gs_err *err)
{
	GS_AUTO(gs_remount_facts_done) struct gs_remount_facts facts = { 0 };
	int64_t end_ns = sys->deadline_ns;
	int r = gs_health_look(sys, req->target, &facts.health, err);

	sys->deadline_ns = end_ns;
	if (r < 0 || sys->ops->privilege(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	if (gs_phase_end(sys, observe(sys, &facts, err), err) < 0)
		return err->code;
	*ret = facts;
	facts = (struct gs_remount_facts){ 0 };
	return 0;
}

void gs_remount_facts_done(struct gs_remount_facts *facts)
{
	gs_health_done(&facts->health);
	gs_file_done(&facts->fstab);
	gs_holders_done(&facts->holders);
	*facts = (struct gs_remount_facts){ 0 };
}

/* ---- doing ------------------------------------------------------------------------------- */

static int find(struct gs_sys *sys, const char *target, struct gs_mounted *ret, bool *ret_found,
		struct gs_err *err)
{
	return sys->ops->find_mount(sys, target, ret, ret_found, err);
}

/* The kernel refuses ro while files are open for writing: whose they may be. */
static int written_now(struct gs_sys *sys, const char *target, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	GS_AUTO(gs_holders_done) struct gs_holders holders = { 0 };
	gs_autostr struct gs_str who = { 0 };
	struct gs_err unseen = { 0 };
	bool found = false;

	if (find(sys, target, &mounted, &found, &unseen) == 0 && found)
		holders.cut |= sys->ops->holders(sys, &mounted, &holders, &unseen) < 0;
	gs_unmount_add_holders(&holders, &who);
	gs_err_set(err, EBUSY, "files of '%s' are open for writing; it is used: %s", target,
		   who.len ? who.ptr : "by no process that can be seen");
	gs_err_cause(err, "MOUNT_BUSY");
	return gs_err_mend(err, "end what writes there, then run this again");
}

int gs_remount_step(struct gs_sys *sys, const struct gs_step *step, bool back, struct gs_err *err)
{
	const char *from = back ? step->remount.flags : step->remount.was;
	const char *to = back ? step->remount.was : step->remount.flags;
	int r = sys->ops->remount(sys, step->path, from, to, err);

	return r == -EBUSY ? written_now(sys, step->path, err) : r;
}

int gs_renew_step(struct gs_sys *sys, const struct gs_step *step, struct gs_err *err)
{
	if (sys->ops->umount(sys, step->path, GS_UMOUNT_LAZY, err) < 0)
		return err->code;
	return sys->ops->attach(sys, err);
}

int gs_renew_back(struct gs_sys *sys, const struct gs_step *step, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	bool found = false;

	if (find(sys, step->path, &mounted, &found, err) < 0)
		return err->code;
	if (!found)
		return gs_umount_back(sys, step, err);
	if (strcmp(mounted.source, step->umount.source) != 0 || !step->umount.ahead_kib)
		return 0;
	return sys->ops->set_read_ahead(sys, &mounted, step->umount.ahead_kib, err);
}
