/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/verify/here.h"

#include "core/check/lines.h"
#include "core/exports/word.h"
#include "core/leader/request.h"
#include "core/leader/served_facts.h"
#include "core/plan/model.h"
#include "engine/observe/common.h"
#include "engine/observe/share.h"
#include "engine/phase.h"

/* Which share of this node is meant, and whom followers are mapped to in it. */

static int look_here(struct gs_sys *sys, enum gs_side side, const struct gs_verify_req *req,
		     struct gs_local_shares *ret, struct gs_err *err)
{
	GS_AUTO(gs_files_done) struct gs_files exports = { 0 };
	GS_AUTO(gs_file_done) struct gs_file fstab = { 0 };
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };
	gs_autofree char *path = req->path ? gs_exports_clean_path(req->path) : NULL;

	if (gs_observe_exports(sys, req->exports_file, &exports, err) < 0 ||
	    gs_observe_file(sys, "/etc/fstab", &fstab, err) < 0)
		return err->code;
	gs_wake_shares(sys, &fstab, path);
	if (sys->ops->mount->list_nfs(sys, &mounts, err) < 0)
		return err->code;
	return gs_local_shares_pick(&exports, &fstab, &mounts, side, path, ret, err);
}

/* Root without its capabilities is subject to file modes: /etc/exports can be 0600. */
int gs_find_here(struct gs_sys *sys, enum gs_side side, const struct gs_verify_req *req,
		 struct gs_local_shares *ret, struct gs_err *err)
{
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	return gs_phase_end(sys, look_here(sys, side, req, ret, err), err);
}

/* What is wrong with the share as it is served, and with its lines, is found on the way. */
int gs_find_owner(struct gs_sys *sys, const struct gs_verify_req *req, const char *path,
		  struct gs_account *ret, struct gs_findings *findings, struct gs_err *err)
{
	const struct gs_leader_req leader = {
		.verb = GS_LEADER_INIT,
		.path = path,
		.exports_file = req->exports_file,
	};
	GS_AUTO(gs_leader_facts_done) struct gs_leader_facts facts = { 0 };

	if (gs_observe_leader(sys, &leader, NULL, &facts, err) < 0 ||
	    gs_served_check(&facts, findings, err) < 0)
		return err->code;
	gs_lines_judge(&facts.exports, &facts.docs, path, findings);
	*ret = facts.owner;
	facts.owner = (struct gs_account){ 0 };
	return 0;
}
