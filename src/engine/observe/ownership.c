/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/ownership.h"

#include <string.h>

#include "core/leader/request.h"
#include "core/plan/plan.h"
#include "core/share/layout.h"
#include "core/share/names.h"

enum {
	COUNT_MAX_ENTRIES = 20000, /* that leader init judges: a second init should be fast */
	COUNT_MS = 40,
};

/*
 * leader init judges a dataset directory itself (DIR_NOT_WRITABLE). An owner of the share's root
 * could have renamed PostgreSQL's directory to that name.
 */
static const char closed[] =
	"the owner cannot create files in it: gshare leader init prints the fix";

static enum gs_tree_turn judge(void *arg, const struct gs_entry *entry, struct gs_acls *ret)
{
	struct gs_ownership *look = arg;
	enum gs_repair_verdict verdict = gs_repair_judge(entry, look->owner);
	const char *why = gs_repair_cause(verdict);

	if (verdict == GS_REPAIR_FINE)
		return GS_TREE_ON;
	if (!strchr(entry->path, '/'))
		why = closed;
	if (why) {
		gs_repair_leave(look->ret, entry->path, why, 0);
		return GS_TREE_BACK;
	}
	if (!look->changes) {
		gs_repair_add(look->ret, entry);
		return GS_TREE_ON;
	}
	gs_repair_acls(&entry->inode, look->owner, ret);
	return GS_TREE_GIVE;
}

static void given(void *arg, const struct gs_entry *entry)
{
	struct gs_ownership *look = arg;

	gs_repair_add(look->ret, entry);
}

static void left(void *arg, const char *path, const char *why, int error)
{
	struct gs_ownership *look = arg;

	gs_repair_leave(look->ret, path, why, error);
}

int gs_ownership_walk(struct gs_sys *sys, const char *root, const struct gs_strs *names,
		      int64_t deadline_ns, size_t max_entries, struct gs_ownership *look,
		      struct gs_err *err)
{
	const struct gs_tree_walk req = {
		.root = root,
		.names = names,
		.deadline_ns = deadline_ns,
		.max_entries = max_entries,
		.arg = look,
		.judge = judge,
		.given = given,
		.left = left,
	};
	struct gs_tree_walked walked = { 0 };

	if (sys->ops->fs->walk(sys, &req, &walked, err) < 0)
		return err->code;
	look->ret->entries = walked.entries;
	look->ret->cut = walked.cut;
	return 0;
}

/* The instant at which parts/of of the time until the deadline are over. */
int64_t gs_part_of_rest(struct gs_sys *sys, int parts, int of)
{
	int64_t now = sys->ops->clock->now_ns(sys);

	return now + (sys->deadline_ns - now) / of * parts;
}

/* Dataset directories, never PostgreSQL's two; with @owner, those where they can create files. */
void gs_dataset_names(const struct gs_path_inodes *dirs, const struct gs_account *owner,
		      struct gs_strs *ret)
{
	for (size_t i = 0; i < dirs->n; i++) {
		const struct gs_inode *inode = &dirs->v[i].inode;
		const char *name = strrchr(dirs->v[i].path, '/') + 1;

		if (inode->type == GS_INODE_DIR && gs_share_dir_is_dataset(name) &&
		    (!owner || (!inode->is_mount_point && gs_repair_can_change(inode, owner))))
			gs_strs_add(ret, name);
	}
}

void gs_count_unchangeable(struct gs_sys *sys, struct gs_leader_facts *facts)
{
	GS_AUTO(gs_strs_done) struct gs_strs names = { 0 };
	GS_AUTO(gs_repair_done) struct gs_repair found = { 0 };
	struct gs_ownership look = { .owner = &facts->owner, .ret = &found };
	struct gs_err unseen = { 0 };

	gs_dataset_names(&facts->dirs, NULL, &names);
	if (!names.n || facts->owner_missing ||
	    gs_ownership_walk(sys, facts->path, &names,
			      sys->ops->clock->now_ns(sys) + COUNT_MS * INT64_C(1000000),
			      COUNT_MAX_ENTRIES, &look, &unseen) < 0)
		return;
	facts->unchangeable = found.files + found.dirs;
	facts->unchangeable_cut = found.cut;
}
