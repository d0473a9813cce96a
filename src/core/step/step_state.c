/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/step/step_state.h"

#include <string.h>

#include "core/follower/mountpoint.h"
#include "core/format/envmask.h"
#include "core/plan/plan.h"

static bool holds(const struct gs_file *file, bool exists, struct gs_span text)
{
	return file->exists == exists && (!exists || gs_span_is(gs_str_span(&file->text), text));
}

void gs_step_unmask(struct gs_plan *plan, struct gs_step *step, const struct gs_file *now)
{
	gs_autostr struct gs_str old = { 0 }, text = { 0 };

	if (step->kind != GS_STEP_WRITE_FILE || !step->write.masked)
		return;
	gs_envmask_fill(step->write.old, step->write.text, gs_str_span(&now->text), &old, &text);
	step->write.old = gs_span(gs_plan_keep(plan, gs_str_span(&old)), old.len);
	step->write.text = gs_span(gs_plan_keep(plan, gs_str_span(&text)), text.len);
	step->write.masked = false;
}

bool gs_step_forgets_id(const struct gs_step *step)
{
	return step->kind == GS_STEP_WRITE_FILE && step->write.remove &&
	       gs_share_is_file(step->path);
}

enum gs_step_state gs_step_judge_file(const struct gs_step *step, const struct gs_file *file)
{
	if (holds(file, step->write.old_exists, step->write.old))
		return GS_STEP_UNDONE;
	return holds(file, !step->write.remove, step->write.text) ? GS_STEP_DONE : GS_STEP_OTHER;
}

/* Its owner and mode are as the step makes them: then nobody has made it his own since. */
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

static enum gs_step_state judge_remount(const struct gs_step *step,
					const struct gs_mounted *mounted)
{
	gs_autostr struct gs_str flags = { 0 };

	if (!mounted)
		return GS_STEP_UNDONE;
	gs_mountpoint_flags(mounted->options, &flags);
	if (!strcmp(flags.ptr, step->remount.flags))
		return GS_STEP_DONE;
	return strcmp(flags.ptr, step->remount.was) ? GS_STEP_OTHER : GS_STEP_UNDONE;
}

enum gs_step_state gs_step_judge_mount(const struct gs_step *step, const struct gs_mounted *mounted)
{
	if (step->kind == GS_STEP_REMOUNT)
		return judge_remount(step, mounted);
	if (step->kind == GS_STEP_UMOUNT)
		return mounted ? GS_STEP_UNDONE : GS_STEP_DONE;
	if (!mounted)
		return GS_STEP_UNDONE;
	return !strcmp(mounted->source, step->mount.source) && !strncmp(mounted->type, "nfs", 3)
		       ? GS_STEP_DONE
		       : GS_STEP_OTHER;
}

enum gs_step_state gs_step_judge_guard(const struct gs_step *step, const struct gs_node *bare)
{
	return bare->is_guarded == step->guard.on ? GS_STEP_DONE : GS_STEP_UNDONE;
}

enum gs_step_state gs_step_judge_ahead(const struct gs_step *step, const struct gs_mounted *mounted,
				       unsigned kib)
{
	if (!step->ahead.was_kib || !mounted || kib == step->ahead.was_kib)
		return GS_STEP_UNDONE;
	return kib == step->ahead.kib ? GS_STEP_DONE : GS_STEP_OTHER;
}

enum gs_step_state gs_step_judge_server(const struct gs_step *step, const struct gs_server *server,
					bool others)
{
	bool runs = server->threads > 0;

	if (runs == step->server.was_running && server->enabled == step->server.was_enabled)
		return step->kind == GS_STEP_START_SERVER ? GS_STEP_UNDONE : GS_STEP_DONE;
	if (step->kind == GS_STEP_STOP_SERVER)
		return runs && server->enabled ? GS_STEP_UNDONE : GS_STEP_DONE;
	if (runs && !step->server.was_running)
		return others ? GS_STEP_OTHER : GS_STEP_DONE;
	return GS_STEP_DONE;
}
