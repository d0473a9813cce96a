/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/command.h"
#include "core/step/step.h"
#include "core/step/step_state.h"

static void add_acl(bool by_default, const char *how, const char *acl, const char *path,
		    struct gs_str *out)
{
	if (!acl)
		return;
	gs_command_and(out);
	gs_command(out, "setfacl", by_default ? "-d" : NULL, how, acl, path);
}

static void add_make_dir(const struct gs_step *step, struct gs_str *out)
{
	gs_command(out, "install", "-d", "-m");
	gs_command_wordf(out, "%04o", step->dir.mode);
	gs_command(out, "-o");
	gs_command_wordf(out, "%u", step->dir.uid);
	gs_command(out, "-g");
	gs_command_wordf(out, "%u", step->dir.gid);
	gs_command(out, step->path);
	add_acl(false, "-m", step->dir.acl_access, step->path, out);
	add_acl(true, "-m", step->dir.acl_default, step->path, out);
}

static void add_set_dir(const struct gs_step *step, struct gs_str *out)
{
	const struct gs_dir_spec *to = &step->set_dir.to;

	gs_command(out, "chown");
	gs_command_wordf(out, "%u:%u", to->uid, to->gid);
	gs_command(out, step->path);
	gs_command_and(out);
	gs_command(out, "chmod");
	gs_command_wordf(out, "%04o", to->mode);
	gs_command(out, step->path);
	add_acl(false, "--set", to->acl_access, step->path, out);
	add_acl(true, "--set", to->acl_default, step->path, out);
}

/* Compares ACL texts; NULL equals NULL only. */
static bool is_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool gs_dir_is(const struct gs_inode *inode, const struct gs_dir_spec *spec)
{
	return gs_dir_is_between(inode, spec, spec);
}

bool gs_dir_is_between(const struct gs_inode *inode, const struct gs_dir_spec *a,
		       const struct gs_dir_spec *b)
{
	return (inode->uid == a->uid || inode->uid == b->uid) &&
	       (inode->gid == a->gid || inode->gid == b->gid) &&
	       (inode->mode == a->mode || inode->mode == b->mode) &&
	       (is_text(inode->acl_access, a->acl_access) ||
		is_text(inode->acl_access, b->acl_access)) &&
	       (is_text(inode->acl_default, a->acl_default) ||
		is_text(inode->acl_default, b->acl_default));
}

/* Empty, with owner and mode as the step makes them: not changed by others since. */
static bool is_as_made(const struct gs_inode *inode, const struct gs_dir_spec *spec)
{
	return inode->mode == spec->mode && inode->uid == spec->uid && inode->gid == spec->gid &&
	       !inode->is_mount_point && !inode->has_entries;
}

enum gs_step_state gs_step_judge_dir(const struct gs_step *step, const struct gs_inode *inode)
{
	bool makes = step->kind == GS_STEP_MAKE_DIR;

	if (inode->type == GS_INODE_ABSENT)
		return makes ? GS_STEP_UNDONE : GS_STEP_DONE;
	if (!makes)
		return inode->type == GS_INODE_DIR ? GS_STEP_UNDONE : GS_STEP_OTHER;
	return inode->type == GS_INODE_DIR && is_as_made(inode, &step->dir) ? GS_STEP_DONE
									    : GS_STEP_OTHER;
}

enum gs_step_state gs_step_judge_set_dir(const struct gs_step *step, const struct gs_inode *inode)
{
	if (inode->type == GS_INODE_DIR && gs_dir_is(inode, &step->set_dir.from))
		return GS_STEP_UNDONE;
	return inode->type == GS_INODE_DIR &&
			       gs_dir_is_between(inode, &step->set_dir.from, &step->set_dir.to)
		       ? GS_STEP_DONE
		       : GS_STEP_OTHER;
}

const struct gs_step_info gs_info_make_dir = {
	.name = "MAKE_DIR",
	.add = add_make_dir,
	.offline = true,
};

const struct gs_step_info gs_info_remove_dir = {
	.name = "REMOVE_DIR",
	.words = "rmdir",
	.with_path = true,
	.offline = true,
};

const struct gs_step_info gs_info_set_dir = {
	.name = "SET_DIR",
	.was = "DRESS_DIR",
	.add = add_set_dir,
	.offline = true,
};
