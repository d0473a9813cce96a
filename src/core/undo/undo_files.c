/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/undo/undo_files.h"

#include <errno.h>
#include <string.h>

#include "base/shareid.h"
#include "core/format/merge3.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"

static int text_conflict(const struct gs_undo *undo, const char *path,
			 const struct gs_undo_conflict *where, struct gs_err *err)
{
	gs_autostr struct gs_str place = { 0 }, what = { 0 };

	gs_str_addf(&place, "%s:%zu", path, where->number);
	gs_str_adds(&what, "has changed: the line is '");
	gs_str_add_safe(&what, gs_span_trim(where->found));
	gs_str_adds(&what, "', not '");
	gs_str_add_safe(&what, gs_span_trim(where->want));
	gs_str_adds(&what, "',");
	return gs_undo_refuse(undo, path, place.ptr, what.ptr, err);
}

static bool is_as_before(const struct gs_step *step, const struct gs_file *file)
{
	return file->exists == step->write.old_exists &&
	       gs_span_is(gs_str_span(&file->text), step->write.old);
}

/*
 * Did an earlier run create the file, and was undone while this run had lines in it? Then this undo
 * leaves it empty. A file made by others was empty before this run, or has other lines.
 */
static bool was_made_by_undone(const struct gs_undo *undo, const struct gs_step *step)
{
	const struct gs_runs *runs = &undo->facts->runs;
	bool found = false;

	for (size_t i = 0; i < runs->n && runs->v[i].id < undo->facts->run->id; i++)
		for (size_t k = 0; k < runs->v[i].plan.n; k++) {
			const struct gs_step *earlier = &runs->v[i].plan.v[k];

			if (runs->v[i].state == GS_RUN_DONE && runs->v[i].undone_by &&
			    earlier->kind == GS_STEP_WRITE_FILE &&
			    !strcmp(earlier->path, step->path))
				found = !earlier->write.old_exists;
		}
	return found && step->write.old.len;
}

bool gs_undo_is_new_id(const struct gs_step *step)
{
	return step->kind == GS_STEP_WRITE_FILE && !step->write.old_exists &&
	       gs_share_is_file(step->path);
}

/* The owner of the share's root may have replaced the file; that must not block the undo. */
static void keep_id(struct gs_undo *undo, const struct gs_step *step, struct gs_undo_file *ret)
{
	gs_str_add(&ret->text, gs_str_span(&ret->file->text));
	gs_strs_add(&undo->kept, step->path);
	gs_findings_add(&undo->plan.findings, GS_WARN, "ID_BROKEN",
			"look at it, and remove it if nothing needs it",
			"%s was changed since the run wrote it, and is kept", step->path);
}

static int undo_file(struct gs_undo *undo, const struct gs_step *step, const struct gs_file *file,
		     struct gs_undo_file *ret, struct gs_err *err)
{
	struct gs_undo_conflict where = { 0 };

	ret->step = step;
	ret->file = file;
	ret->exists = file->exists;
	if (is_as_before(step, file) || (!file->exists && !step->write.old_exists)) {
		gs_str_add(&ret->text, gs_str_span(&file->text));
		return 0;
	}
	if (gs_undo_is_new_id(step) && file->exists &&
	    !gs_span_is(gs_str_span(&file->text), step->write.text)) {
		keep_id(undo, step, ret);
		return 0;
	}
	if (step->write.remove ? file->exists : !file->exists)
		return gs_undo_refuse(undo, step->path, step->path,
				      file->exists ? "was created by somebody else" : "was removed",
				      err);
	if (!gs_undo_text(step->write.old, step->write.text, gs_str_span(&file->text), &ret->text,
			  &where))
		return text_conflict(undo, step->path, &where, err);
	ret->exists = ret->text.len || (step->write.old_exists && !was_made_by_undone(undo, step));
	ret->changes = ret->exists != file->exists ||
		       !gs_span_is(gs_str_span(&ret->text), gs_str_span(&file->text));
	return 0;
}

int gs_undo_files(struct gs_undo *undo, struct gs_err *err)
{
	const struct gs_undo_facts *facts = undo->facts;
	const struct gs_plan *run = &facts->run->plan;
	size_t k = 0;

	undo->file = gs_alloc((facts->files.n + 1) * sizeof *undo->file);
	for (size_t i = 0; i < run->n && k < facts->files.n; i++) {
		if (run->v[i].kind != GS_STEP_WRITE_FILE)
			continue;
		undo->n = k + 1;
		if (undo_file(undo, &run->v[i], &facts->files.v[k], &undo->file[k], err) < 0)
			return err->code;
		k++;
	}
	return 0;
}

void gs_undo_remove_files(struct gs_undo *undo)
{
	for (size_t i = 0; i < undo->n; i++) {
		if (undo->file[i].exists ||
		    gs_undo_is_exports(undo->facts, undo->file[i].file->path))
			continue;
		gs_undo_plan_file(undo, &undo->file[i]);
		undo->file[i].changes = false;
	}
}
