/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/share/layout.h"
#include "core/share/names.h"
#include "core/step/step.h"
#include "core/step/step_state.h"

/*
 * init with another owner: the directories that gshare made for the old owner get the new owner's
 * group and ACLs, without the files in them. A directory that differs from what gshare would have
 * made had its owner, mode or ACL changed by others, and is kept.
 */

/* The owner a directory was made for: by its default ACL, which is set last, else the share's. */
static void made_for(const struct gs_draft *draft, const struct gs_inode *inode, uid_t *ret_uid,
		     gid_t *ret_gid)
{
	const struct gs_path_inodes *dirs = &draft->facts->dirs;

	*ret_uid = draft->facts->before.uid;
	*ret_gid = draft->facts->before.gid;
	if (inode->acl_default) {
		gs_leader_acl_owner(inode->acl_default, ret_uid, ret_gid);
		return;
	}
	if (inode->gid == *ret_gid)
		return;
	for (size_t i = 0; i < dirs->n; i++)
		if (dirs->v[i].inode.acl_default &&
		    gs_leader_acl_owner(dirs->v[i].inode.acl_default, ret_uid, ret_gid))
			return;
}

bool gs_draft_takes_over(const struct gs_draft *draft, const struct gs_path_inode *place,
			 const char *name)
{
	GS_AUTO(gs_strs_done) struct gs_strs keep = { 0 };
	struct gs_account before = { 0 };
	struct gs_dir_spec old, new;

	if (draft->req->verb != GS_LEADER_INIT || place->inode.type != GS_INODE_DIR)
		return false;
	made_for(draft, &place->inode, &before.uid, &before.gid);
	if (!before.uid || !before.gid)
		return false;
	gs_share_dir_spec(name, &before, &keep, &old);
	gs_share_dir_spec(name, &draft->facts->owner, &keep, &new);
	return gs_dir_is_between(&place->inode, &old, &new) && !gs_dir_is(&place->inode, &new);
}

static const char *keep_text(struct gs_plan *plan, const char *text)
{
	return text ? gs_plan_keep(plan, gs_span_of(text)) : NULL;
}

static bool set_dir(struct gs_draft *draft, const struct gs_path_inode *place, const char *name)
{
	const struct gs_inode *inode = &place->inode;
	struct gs_plan *plan = &draft->plan;
	struct gs_step *step;

	if (!gs_draft_takes_over(draft, place, name))
		return false;
	step = gs_plan_step(plan, GS_STEP_SET_DIR, place->path,
			    "set owner, mode and ACL; its content is not changed");
	step->set_dir.from = (struct gs_dir_spec){
		.mode = inode->mode,
		.uid = inode->uid,
		.gid = inode->gid,
		.acl_access = keep_text(plan, inode->acl_access),
		.acl_default = keep_text(plan, inode->acl_default),
	};
	gs_share_dir_spec(name, &draft->facts->owner, &plan->keep, &step->set_dir.to);
	return true;
}

static bool is_same_owner(const struct gs_account *a, const struct gs_account *b)
{
	return a->uid == b->uid && a->gid == b->gid;
}

void gs_draft_set_dirs(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	GS_AUTO(gs_strs_done) struct gs_strs changed_dirs = { 0 };
	gs_autostr struct gs_str list = { 0 };

	if (draft->req->verb != GS_LEADER_INIT)
		return;
	if (set_dir(draft, &facts->ancestors.v[facts->ancestors.n - 1], NULL))
		gs_strs_add(&changed_dirs, "the top directory");
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const char *name = strrchr(facts->dirs.v[i].path, '/') + 1;

		if (set_dir(draft, &facts->dirs.v[i], name))
			gs_strs_add(&changed_dirs, name);
	}
	gs_join(&changed_dirs, " ", &list);
	if (changed_dirs.n)
		gs_plan_item(&draft->plan, '+', "ownership", "%s", list.ptr);
}

/* ---- the difference ---------------------------------------------------------------------- */

static const char *squash_name(enum gs_squash squash)
{
	static const char *const name[] = {
		[GS_SQUASH_ALL] = "all", [GS_SQUASH_ROOT] = "root", [GS_SQUASH_NONE] = "none"
	};

	return name[squash];
}

/* What a follower can do with the squash, as the user whom the files belong to. */
static char *look_as(const struct gs_draft *draft, const struct gs_account *user)
{
	const char *host = NULL;

	for (size_t d = 0; d < draft->docs.n && !host; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while (!host &&
		       (entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
			if (entry->host.kind == GS_HOST_ADDR || entry->host.kind == GS_HOST_NAME)
				host = entry->host.text;
	}
	return gs_printf("on %s run: sudo gshare verify --as %u", host ? host : "a follower",
			 user->uid);
}

/* Followers are mapped to another user from now on; existing files belong to the old one. */
static void tell_files(struct gs_draft *draft, bool owner_moves, bool squash_moves)
{
	const struct gs_account *before = &draft->facts->before, *owner = &draft->facts->owner;
	struct gs_findings *findings = &draft->plan.findings;
	gs_autofree char *look = look_as(draft, before->name ? before : owner);
	/* There is no repair below --root: it runs on the machine that boots the tree. */
	gs_autofree char *repair = draft->facts->tree
					   ? NULL
					   : gs_command_text("", "sudo", "gshare", "leader",
							     "repair", "--path",
							     draft->facts->path);

	if (owner_moves)
		gs_findings_add(findings, GS_NOTE, "OWNER_CHANGED", repair,
				"existing files still belong to %s (%u): %s (%u) can read those "
				"that others may read, remove those directly in a dataset "
				"directory, and change none",
				before->name, before->uid, owner->name, owner->uid);
	if (!squash_moves)
		return;
	if (draft->share.squash == GS_SQUASH_ALL)
		gs_findings_add(
			findings, GS_NOTE, "SQUASH_CHANGED", repair,
			"all users are mapped to %s from now on; existing files keep their owner, "
			"and %s can change only those whose mode allows it",
			owner->name, owner->name);
	else
		gs_findings_add(findings, GS_NOTE, "SQUASH_CHANGED", look,
				"%s from now on; existing files still belong to %s, and others can "
				"only read them",
				draft->share.squash == GS_SQUASH_NONE
					? "users of followers are not mapped, not even root,"
					: "users of followers except root are not mapped",
				before->name ? before->name : owner->name);
}

void gs_draft_tell_difference(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_account *before = &facts->before, *owner = &facts->owner;
	bool squash_moves = draft->has_was && draft->was.squash != draft->share.squash;
	bool owner_moves = before->name && !is_same_owner(before, owner);

	if (draft->req->verb != GS_LEADER_INIT)
		return;
	if (owner_moves && before->gid == before->uid && owner->gid == owner->uid)
		gs_plan_item(&draft->plan, '+', "owner", "%s (%u) -> %s (%u)", before->name,
			     before->uid, owner->name, owner->uid);
	else if (owner_moves)
		gs_plan_item(&draft->plan, '+', "owner", "%s (%u:%u) -> %s (%u:%u)", before->name,
			     before->uid, before->gid, owner->name, owner->uid, owner->gid);
	if (squash_moves)
		gs_plan_item(&draft->plan, '+', "squash", "%s -> %s",
			     squash_name(draft->was.squash), squash_name(draft->share.squash));
	if (facts->ancestors.v[facts->ancestors.n - 1].inode.type == GS_INODE_DIR)
		tell_files(draft, owner_moves, squash_moves);
}
