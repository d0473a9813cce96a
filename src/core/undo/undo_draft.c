/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/undo/undo_draft.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/shareid.h"
#include "core/boot/boot.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"

void gs_undo_done(struct gs_undo *undo)
{
	for (size_t i = 0; i < undo->n; i++)
		gs_str_done(&undo->file[i].text);
	free(undo->file);
	gs_strs_done(&undo->kept);
	gs_plan_done(&undo->plan);
	*undo = (struct gs_undo){ 0 };
}

bool gs_run_has_exports(const struct gs_run *run)
{
	for (size_t i = 0; i < run->plan.n; i++) {
		const struct gs_step *step = &run->plan.v[i];

		if (step->kind == GS_STEP_CHECK_EXPORTS || step->kind == GS_STEP_START_SERVER ||
		    step->kind == GS_STEP_STOP_SERVER || step->kind == GS_STEP_APPLY_EXPORTS)
			return true;
	}
	return false;
}

bool gs_undo_is_exports(const struct gs_undo_facts *facts, const char *path)
{
	for (size_t i = 0; i < facts->exports.n; i++)
		if (!strcmp(facts->exports.v[i].path, path))
			return true;
	return false;
}

/*
 * The last run that wrote the same path after it, and is not undone; 0: none. Not an undo: to take
 * that back would do again what somebody had undone.
 */
static uint32_t later_run(const struct gs_undo *undo, const char *path)
{
	const struct gs_runs *runs = &undo->facts->runs;

	for (size_t i = runs->n; i-- > 0 && runs->v[i].id > undo->facts->run->id;)
		for (size_t k = 0; k < runs->v[i].plan.n; k++)
			if (runs->v[i].state == GS_RUN_DONE && !runs->v[i].undone_by &&
			    !runs->v[i].plan.undoes &&
			    runs->v[i].plan.v[k].kind == GS_STEP_WRITE_FILE &&
			    !strcmp(runs->v[i].plan.v[k].path, path))
				return runs->v[i].id;
	return 0;
}

int gs_undo_refuse(const struct gs_undo *undo, const char *path, const char *place,
		   const char *what, struct gs_err *err)
{
	uint32_t later = later_run(undo, path);

	gs_err_set(err, ESTALE, "%s %s since run %u", place, what, undo->facts->run->id);
	gs_err_cause(err, "UNDO_CONFLICT");
	if (later)
		return gs_err_advise(
			err,
			"run %u changed it since: sudo gshare undo %u; then run the command again",
			later, later);
	return gs_err_advise(err, "look at it, and change it by hand");
}

/* cluster.env is the only file that runs write which holds secrets. */
static bool is_env(const struct gs_undo_facts *facts, const char *path)
{
	const char *name = strrchr(path, '/');

	return !gs_undo_is_exports(facts, path) && strcmp(path, "/etc/fstab") != 0 &&
	       strncmp(path, GS_UNIT_DIR "/", strlen(GS_UNIT_DIR "/")) != 0 && name &&
	       strcmp(name + 1, GS_SHARE_FILE) != 0;
}

void gs_undo_plan_file(struct gs_undo *undo, const struct gs_undo_file *file)
{
	struct gs_plan *plan = &undo->plan;
	struct gs_span old = gs_str_span(&file->file->text), text = gs_str_span(&file->text);
	struct gs_step *step;

	if (!file->changes)
		return;
	step = gs_plan_step(plan, GS_STEP_WRITE_FILE, file->file->path,
			    file->exists ? "as it was before the run" : "the run made it");
	step->write.old_exists = file->file->exists;
	step->write.old = gs_span(gs_plan_keep(plan, old), old.len);
	step->write.text = gs_span(gs_plan_keep(plan, text), text.len);
	step->write.remove = !file->exists;
	/* A record of an older gshare has the whole text; the record of the undo must not. */
	step->write.secret = file->step->write.secret || is_env(undo->facts, file->file->path);
	step->write.mode = file->step->write.mode;
	gs_plan_item(plan, file->exists ? '+' : '-', file->exists ? "restore" : "remove", "%s",
		     file->file->path);
}
