/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/remount.h"

#include <errno.h>
#include <string.h>

#include "core/follower/plan_unmount.h"
#include "core/plan/plan.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"
#include "engine/observe/share.h"
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
		(void)sys->ops->mount->users(sys, &h->mount, &facts->users, &unseen);
	return 0;
}

/* An automount point is remounted by what it mounts. */
static int wake(struct gs_sys *sys, const char *target, struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file fstab = { 0 };

	if (gs_observe_file(sys, "/etc/fstab", &fstab, err) < 0)
		return err->code;
	gs_wake_shares(sys, &fstab, target);
	return 0;
}

int gs_observe_remount(struct gs_sys *sys, const struct gs_remount_req *req,
		       struct gs_remount_facts *ret, struct gs_err *err)
{
	GS_AUTO(gs_remount_facts_done) struct gs_remount_facts facts = { 0 };
	int64_t end_ns = sys->deadline_ns;
	int r;

	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0 ||
	    gs_phase_end(sys, wake(sys, req->target, err), err) < 0)
		return err->code;
	r = gs_health_look(sys, req->target, &facts.health, err);

	sys->deadline_ns = end_ns;
	if (r < 0 || sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
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
	gs_mount_users_done(&facts->users);
	*facts = (struct gs_remount_facts){ 0 };
}
