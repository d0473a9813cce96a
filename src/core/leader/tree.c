/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/check/check.h"
#include "core/format/acl_text.h"
#include "core/leader/planner.h"
#include "core/leader/repair.h"
#include "core/leader/request.h"
#include "core/leader/top_facts.h"
#include "core/share/layout.h"
#include "core/share/names.h"
#include "core/step/step.h"

/* The share on disk: steps for owner and directories, and findings on existing directories. */

static void plan_missing_dir(struct gs_draft *draft, const struct gs_path_inode *place,
			     const char *name, const char *why)
{
	struct gs_step *step = gs_plan_step(&draft->plan, GS_STEP_MAKE_DIR, place->path, why);

	gs_share_dir_spec(name, &draft->facts->owner, &draft->plan.keep, &step->dir);
}

bool gs_draft_can_write(const struct gs_inode *inode, const struct gs_account *owner)
{
	return gs_inode_permits(inode, owner, GS_MAY_WRITE | GS_MAY_EXECUTE);
}

/* An existing directory is not changed, but checked. */
static void judge_kept(struct gs_draft *draft, const struct gs_path_inode *place, bool is_root)
{
	const struct gs_account *owner = &draft->facts->owner;
	const struct gs_inode *inode = &place->inode;
	struct gs_kept_fact kept = { .path = place->path,
				     .inode = inode,
				     .owner = owner,
				     .acts = draft->share.squash != GS_SQUASH_NONE,
				     .can_write = gs_draft_can_write(inode, owner),
				     .is_root = is_root };
	struct gs_facts facts = { .kept = &kept, .owner = owner };
	struct gs_top top;

	if (draft->facts->offline ||
	    gs_draft_takes_over(draft, place, is_root ? NULL : strrchr(place->path, '/') + 1))
		return;
	gs_top_of(draft->facts, &draft->docs, &draft->share, &top);
	facts.top = is_root ? &top : NULL;
	gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
}

/* Missing parents of the share are made as plain directories of root, searchable by all. */
static void plan_parents(struct gs_draft *draft)
{
	const struct gs_path_inodes *ancestors = &draft->facts->ancestors;

	for (size_t i = 0; i + 1 < ancestors->n; i++) {
		struct gs_step *step;

		if (ancestors->v[i].inode.type != GS_INODE_ABSENT)
			continue;
		step = gs_plan_step(&draft->plan, GS_STEP_MAKE_DIR, ancestors->v[i].path,
				    "parent directory of the share");
		step->dir.mode = 0755;
	}
}

static void plan_dirs(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	const struct gs_path_inode *root = &facts->ancestors.v[facts->ancestors.n - 1];
	GS_AUTO(gs_strs_done) struct gs_strs made = { 0 };
	gs_autostr struct gs_str list = { 0 };

	plan_parents(draft);
	if (root->inode.type == GS_INODE_ABSENT)
		plan_missing_dir(draft, root, NULL, "the share");
	else
		judge_kept(draft, root, true);
	for (size_t i = 0; i < facts->dirs.n; i++) {
		const struct gs_path_inode *place = &facts->dirs.v[i];
		const char *name = strrchr(place->path, '/') + 1;

		if (place->inode.type != GS_INODE_ABSENT) {
			if (gs_share_dir_is_dataset(name))
				judge_kept(draft, place, false);
			continue;
		}
		plan_missing_dir(draft, place, name,
				 gs_share_dir_is_dataset(name) ? "dataset directory"
							       : "PostgreSQL's directory, on the "
								 "leader");
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
			    "a user that followers are mapped to");
	step->account.id = draft->facts->owner.uid;
	gs_plan_item(&draft->plan, '+', "account", "%s (%u), a system account",
		     draft->facts->owner.name, draft->facts->owner.uid);
}

static void tell_gone(struct gs_draft *draft)
{
	struct gs_facts facts = { .becomes = "an empty one is made" };
	struct gs_top top;

	gs_top_of(draft->facts, &draft->docs, &draft->share, &top);
	facts.lost = &top;
	gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
}

void gs_draft_tree(struct gs_draft *draft)
{
	plan_account(draft);
	plan_dirs(draft);
	tell_gone(draft);
	gs_repair_needed(draft->req, draft->facts, &draft->plan.findings);
}
