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

static void add_dress(const struct gs_step *step, struct gs_str *out)
{
	const struct gs_dir_spec *to = &step->dress.to;

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

/* Its owner and mode are as the step makes them: then nobody has made it his own since. */
static bool is_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

bool gs_dir_is(const struct gs_node *node, const struct gs_dir_spec *spec)
{
	return gs_dir_is_between(node, spec, spec);
}

bool gs_dir_is_between(const struct gs_node *node, const struct gs_dir_spec *a,
		       const struct gs_dir_spec *b)
{
	return (node->uid == a->uid || node->uid == b->uid) &&
	       (node->gid == a->gid || node->gid == b->gid) &&
	       (node->mode == a->mode || node->mode == b->mode) &&
	       (is_text(node->acl_access, a->acl_access) ||
		is_text(node->acl_access, b->acl_access)) &&
	       (is_text(node->acl_default, a->acl_default) ||
		is_text(node->acl_default, b->acl_default));
}

static bool is_as_made(const struct gs_node *node, const struct gs_dir_spec *spec)
{
	return node->mode == spec->mode && node->uid == spec->uid && node->gid == spec->gid &&
	       !node->is_mount_point && !node->has_entries;
}

enum gs_step_state gs_step_judge_dir(const struct gs_step *step, const struct gs_node *node)
{
	bool makes = step->kind == GS_STEP_MAKE_DIR;

	if (node->type == GS_NODE_ABSENT)
		return makes ? GS_STEP_UNDONE : GS_STEP_DONE;
	if (!makes)
		return node->type == GS_NODE_DIR ? GS_STEP_UNDONE : GS_STEP_OTHER;
	return node->type == GS_NODE_DIR && is_as_made(node, &step->dir) ? GS_STEP_DONE
									 : GS_STEP_OTHER;
}

enum gs_step_state gs_step_judge_dress(const struct gs_step *step, const struct gs_node *node)
{
	if (node->type == GS_NODE_DIR && gs_dir_is(node, &step->dress.from))
		return GS_STEP_UNDONE;
	return node->type == GS_NODE_DIR &&
			       gs_dir_is_between(node, &step->dress.from, &step->dress.to)
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

const struct gs_step_info gs_info_dress_dir = {
	.name = "DRESS_DIR",
	.add = add_dress,
	.offline = true,
};
