/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/clusterenv.h"
#include "core/format/envmask.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/step/step.h"
#include "core/step/steps.h"

const char *gs_plan_keep(struct gs_plan *plan, struct gs_span text)
{
	struct gs_strs *keep = &plan->keep;

	/* Not gs_strs_add(): the text may hold a NUL byte. */
	gs_grow(&keep->v, keep->n, &keep->room, sizeof *keep->v);
	keep->v[keep->n] = gs_span_dup(text);
	return keep->v[keep->n++];
}

struct gs_step *gs_plan_step(struct gs_plan *plan, enum gs_step_kind kind, const char *path,
			     const char *why)
{
	struct gs_step *step;

	gs_grow(&plan->v, plan->n, &plan->room, sizeof *plan->v);
	step = &plan->v[plan->n++];
	step->kind = kind;
	step->path = gs_plan_keep(plan, gs_span_of(path));
	step->why = gs_plan_keep(plan, gs_span_of(why));
	return step;
}

struct gs_verification *gs_plan_verify(struct gs_plan *plan, const char *path, const char *why)
{
	struct gs_step *step = gs_plan_step(plan, GS_STEP_VERIFY, path, why);

	step->verification.root = step->path;
	return &step->verification;
}

struct gs_prediction *gs_plan_predict(struct gs_plan *plan, const char *path, const char *host)
{
	return gs_exports_predict(&plan->exports, gs_plan_keep(plan, gs_span_of(path)),
				  gs_plan_keep(plan, gs_span_of(host)));
}

void gs_plan_write(struct gs_plan *plan, const struct gs_file *file, struct gs_span text,
		   mode_t mode, const char *why)
{
	struct gs_span old = gs_str_span(&file->text);
	struct gs_step *step;

	if (file->exists && gs_span_is(old, text))
		return;
	step = gs_plan_step(plan, GS_STEP_WRITE_FILE, file->path, why);
	step->write.old_exists = file->exists;
	step->write.old = gs_span(gs_plan_keep(plan, old), old.len);
	step->write.text = gs_span(gs_plan_keep(plan, text), text.len);
	step->write.mode = mode;
}

const struct gs_step *gs_plan_find(const struct gs_plan *plan, enum gs_step_kind kind)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].kind == kind)
			return &plan->v[i];
	return NULL;
}

bool gs_plan_writes(const struct gs_plan *plan, const char *path)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].kind == GS_STEP_WRITE_FILE && !strcmp(plan->v[i].path, path))
			return true;
	return false;
}

bool gs_plan_changes(const struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (!gs_step_info_of(plan->v[i].kind)->only_looks)
			return true;
	return false;
}

bool gs_plan_removes_access(const struct gs_plan *plan)
{
	return plan->undoes || gs_plan_find(plan, GS_STEP_DRAIN) ||
	       gs_exports_removes_access(&plan->exports);
}

void gs_plan_item(struct gs_plan *plan, char mark, const char *what, const char *fmt, ...)
{
	struct gs_item *item;
	va_list ap;

	gs_grow(&plan->items.v, plan->items.n, &plan->items.room, sizeof *plan->items.v);
	item = &plan->items.v[plan->items.n++];
	item->mark = mark;
	item->what = what;
	va_start(ap, fmt);
	item->text = gs_safe_text(fmt, ap);
	va_end(ap);
}

void gs_plan_done(struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->items.n; i++)
		free(plan->items.v[i].text);
	free(plan->items.v);
	for (size_t i = 0; i < plan->n; i++)
		gs_step_done(&plan->v[i]);
	free(plan->v);
	gs_exports_change_done(&plan->exports);
	gs_findings_done(&plan->findings);
	gs_strs_done(&plan->next);
	gs_strs_done(&plan->keep);
	*plan = (struct gs_plan){ 0 };
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
