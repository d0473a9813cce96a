/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/unmount.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/fstab.h"
#include "core/plan/plan.h"
#include "engine/observe/boot.h"
#include "engine/observe/common.h"
#include "engine/observe/follower_status.h"
#include "engine/observe/mount_use.h"
#include "engine/observe/share.h"
#include "engine/phase.h"
#include "sys/mount/mount.h"

/* ---- looking ----------------------------------------------------------------------------- */

static int observe(struct gs_sys *sys, const struct gs_unmount_req *req,
		   struct gs_unmount_facts *ret, struct gs_err *err)
{
	GS_AUTO(gs_unmount_facts_done) struct gs_unmount_facts facts = { .offline = sys->offline };
	GS_AUTO(gs_local_shares_done) struct gs_local_shares here = { 0 };
	bool found = false;

	if (gs_find_follower_share(sys, req->target, &facts.fstab, &here, &found, err) < 0)
		return err->code;
	if (found || req->target)
		facts.target = gs_strdup(found ? here.path : req->target);
	if (facts.target && gs_observe_boot(sys, facts.target, NULL, false, &facts.boot, err) < 0)
		return err->code;
	if (facts.target && !sys->offline && sys->ops->mount->pin_path(sys, facts.target, err) < 0)
		return err->code;
	if (facts.target && !sys->offline &&
	    sys->ops->mount->find(sys, facts.target, &facts.mounted, &facts.is_mounted, err) < 0)
		return err->code;
	facts.is_trigger = facts.target && !sys->offline &&
			   sys->ops->mount->is_trigger(sys, facts.target);
	if (facts.target && !sys->offline &&
	    gs_observe_bare(sys, facts.target, &facts.bare, err) < 0)
		return err->code;
	if (facts.is_mounted && gs_span_has_prefix(gs_span_of(facts.mounted.type), "nfs") &&
	    sys->ops->mount->read_ahead(sys, &facts.mounted, &facts.ahead_kib, err) < 0)
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
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, observe(sys, req, facts, err), err);
}

void gs_unmount_facts_done(struct gs_unmount_facts *facts)
{
	gs_file_done(&facts->fstab);
	gs_mounted_done(&facts->mounted);
	gs_mount_use_done(&facts->use);
	free(facts->target);
	gs_boot_done(&facts->boot);
	gs_inode_done(&facts->bare);
	*facts = (struct gs_unmount_facts){ 0 };
}
