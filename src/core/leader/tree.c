/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/leader/planner.h"
#include "core/leader/postgres.h"
#include "core/leader/repair.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/share/layout.h"
#include "core/share/names.h"
#include "core/step/step.h"

/* The share on the disk: the owner, the directories, and a judgement on those that were there. */

static void plan_missing_dir(struct gs_draft *draft, const struct gs_place *place, const char *name,
			     const char *why)
{
	struct gs_step *step = gs_plan_step(&draft->plan, GS_STEP_MAKE_DIR, place->path, why);

	gs_share_dir_spec(name, &draft->facts->owner, &draft->plan.keep, &step->dir);
}

bool gs_draft_can_write(const struct gs_node *node, const struct gs_account *owner)
{
	gs_autofree char *named = gs_printf("u:%u:rwx", owner->uid);

	if (node->uid == owner->uid)
		return node->mode & 0200;
	if (node->acl_access && strstr(node->acl_access, named))
		return true;
	return node->gid == owner->gid ? node->mode & 0020 : node->mode & 0002;
}

/* A dataset directory's place may be followers' to rename: no link is followed. */
static void add_shared_again(const char *path, const struct gs_account *owner, struct gs_str *out)
{
	gs_autofree char *owners = gs_printf("root:%s", owner->group);
	gs_autofree char *acl = gs_printf("u:%u:rwx", owner->uid);

	gs_command_found(out, path, 'd', "chown", "-h", owners);
	gs_command_and(out);
	gs_command_found(out, path, 'd', "chmod", "2775");
	gs_command_and(out);
	gs_command_found(out, path, 'd', "setfacl", "-m", acl);
}

/* A directory that was there before is kept as it is, and judged. */
static void judge_kept(struct gs_draft *draft, const struct gs_place *place, bool is_root)
{
	const struct gs_account *owner = &draft->facts->owner;
	const struct gs_node *node = &place->node;
	bool owned = node->uid == owner->uid && draft->share.squash != GS_SQUASH_NONE;
	gs_autostr struct gs_str share_again = { 0 }, close_world = { 0 };

	if (draft->facts->offline ||
	    gs_draft_takes_over(draft, place, is_root ? NULL : strrchr(place->path, '/') + 1))
		return;
	add_shared_again(place->path, owner, &share_again);
	gs_command_found(&close_world, place->path, 'd', "chmod", "o-w");
	if (owned && is_root)
		gs_top_tell_owned(place->path, owner, &draft->plan.findings);
	else if (owned)
		gs_findings_add(&draft->plan.findings, GS_WARN, "DIR_OWNED", share_again.ptr,
				"%s belongs to %s, as whom followers act: they can rename, replace "
				"and chmod it",
				place->path, owner->name);
	else if (node->mode & 0002 && !(is_root && node->mode & 01000))
		gs_findings_add(&draft->plan.findings, GS_WARN, "DIR_WORLD_WRITABLE",
				close_world.ptr, "%s can be changed by every user", place->path);
	else if (!is_root && !gs_draft_can_write(node, owner))
		gs_findings_add(&draft->plan.findings, GS_WARN, "DIR_NOT_WRITABLE", share_again.ptr,
				"%s was there before and is kept as it is: followers cannot write "
				"in it",
				place->path);
}

/* Plain directories on the way to the share: root's, open to look through. */
static void plan_parents(struct gs_draft *draft)
{
	const struct gs_places *chain = &draft->facts->chain;

	for (size_t i = 0; i + 1 < chain->n; i++) {
		struct gs_step *step;

		if (chain->v[i].node.type != GS_NODE_ABSENT)
			continue;
		step = gs_plan_step(&draft->plan, GS_STEP_MAKE_DIR, chain->v[i].path,
				    "the way to the share");
		step->dir.mode = 0755;
	}
}

static void plan_dirs(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_place *root = &facts->chain.v[facts->chain.n - 1];
	GS_AUTO(gs_strs_done) struct gs_strs made = { 0 };
	gs_autostr struct gs_str list = { 0 };

	plan_parents(draft);
	if (root->node.type == GS_NODE_ABSENT)
		plan_missing_dir(draft, root, NULL, "the share");
	else
		judge_kept(draft, root, true);
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const struct gs_place *place = &facts->dirs.v[i];
		const char *name = strrchr(place->path, '/') + 1;

		if (place->node.type != GS_NODE_ABSENT) {
			if (gs_share_dir_is_dataset(name))
				judge_kept(draft, place, false);
			continue;
		}
		plan_missing_dir(draft, place, name,
				 gs_share_dir_is_dataset(name) ? "datasets that followers share"
							       : "PostgreSQL's, on the leader");
		gs_strs_add(&made, name);
	}
	gs_join(&made, " ", &list);
	if (made.n)
		gs_plan_item(&draft->plan, '+', "create", "%s", list.ptr);
	if (made.n)
		gs_plan_item(&draft->plan, '+', "owner",
			     "%s (%u:%u), default ACLs on dataset directories", facts->owner.name,
			     facts->owner.uid, facts->owner.gid);
}

static void plan_account(struct gs_draft *draft)
{
	struct gs_step *step;

	if (!draft->facts->owner_missing)
		return;
	step = gs_plan_step(&draft->plan, GS_STEP_ADD_ACCOUNT, draft->facts->owner.name,
			    "someone whom the followers act as");
	step->account.id = draft->facts->owner.uid;
	gs_plan_item(&draft->plan, '+', "account", "%s (%u), a system account",
		     draft->facts->owner.name, draft->facts->owner.uid);
}

static void tell_gone(struct gs_draft *draft)
{
	struct gs_top top;

	gs_top_of(draft->facts, &draft->docs, draft->share.squash, &top);
	gs_top_tell_gone(&top, "an empty one is made", &draft->plan.findings);
}

void gs_draft_tree(struct gs_draft *draft)
{
	plan_account(draft);
	plan_dirs(draft);
	tell_gone(draft);
	gs_repair_needed(draft->req, draft->facts, &draft->plan.findings);
}
