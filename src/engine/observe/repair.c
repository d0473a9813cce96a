/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/repair.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/exports/docs.h"
#include "core/leader/request.h"
#include "core/plan/plan.h"
#include "core/share/path.h"
#include "engine/observe/common.h"
#include "engine/observe/escape.h"
#include "engine/observe/ownership.h"
#include "engine/phase.h"

static int check_owner(const struct gs_leader_facts *leader, struct gs_err *err)
{
	if (leader->owner_missing) {
		gs_err_set(err, ENOENT,
			   "no owner is known for '%s': set one with 'gshare leader init --owner "
			   "USER'",
			   leader->path);
		return gs_err_cause(err, "OWNER_MISSING");
	}
	if (leader->owner.uid && leader->owner.gid)
		return 0;
	gs_err_set(err, EINVAL,
		   "followers would be mapped to '%s', which has root's user or group id",
		   leader->owner.name);
	return gs_err_cause(err, "OWNER_ROOT");
}

static int observe(struct gs_sys *sys, const struct gs_leader_req *req, struct gs_repair_facts *ret,
		   struct gs_err *err)
{
	GS_AUTO(gs_leader_facts_done) struct gs_leader_facts leader = { 0 };
	GS_AUTO(gs_repair_facts_done) struct gs_repair_facts facts = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	struct gs_ownership look = { .owner = &facts.owner, .ret = &facts.found };

	if (gs_observe_exports(sys, req->exports_file, &leader.exports, err) < 0 ||
	    gs_docs_parse(&leader.exports, &leader.docs, err) < 0 ||
	    gs_leader_pick_path(req, &leader.docs, &leader.path, err) < 0 ||
	    gs_leader_check_path(leader.path, err) < 0 ||
	    gs_observe_ancestors(sys, leader.path, &leader.ancestors, err) < 0 ||
	    gs_observe_share_dirs(sys, req, &leader, err) < 0 ||
	    gs_observe_owner(sys, req, &leader, err) < 0 || check_owner(&leader, err) < 0 ||
	    sys->ops->fs->info(sys, leader.path, &facts.fs, err) < 0 ||
	    gs_observe_escape(sys, leader.path, facts.fs.is_root, &facts.escape, err) < 0)
		return err->code;
	gs_dataset_names(&leader.dirs, NULL, &names);
	gs_dataset_names(&leader.dirs, &leader.owner, &facts.names);
	facts.path = leader.path;
	leader.path = NULL;
	facts.owner = leader.owner;
	leader.owner = (struct gs_account){ 0 };
	if (!facts.escape && gs_ownership_walk(sys, facts.path, &names, gs_part_of_rest(sys, 1, 3),
					       0, &look, err) < 0)
		return err->code;
	*ret = facts;
	facts = (struct gs_repair_facts){ 0 };
	return 0;
}

int gs_observe_repair(struct gs_sys *sys, const struct gs_leader_req *req,
		      struct gs_repair_facts *facts, struct gs_err *err)
{
	/* Without the privilege to read every directory, "nothing to do" would be a guess. */
	if (sys->ops->privs->need(GS_PHASE_OBSERVE, err) < 0 ||
	    sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, observe(sys, req, facts, err), err);
}

void gs_repair_facts_done(struct gs_repair_facts *facts)
{
	free(facts->path);
	free(facts->escape);
	gs_account_done(&facts->owner);
	gs_fs_done(&facts->fs);
	gs_strs_done(&facts->names);
	gs_repair_done(&facts->found);
	*facts = (struct gs_repair_facts){ 0 };
}
