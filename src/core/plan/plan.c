/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/plan/plan.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/clusterenv.h"
#include "core/format/envmask.h"

enum { ROOM_LINES = 8 }; /* what gs_clusterenv_apply() may add */

const char *gs_plan_keep(struct gs_plan *plan, struct gs_span text)
{
	struct gs_strs *keep = &plan->keep;

	/* Not gs_strs_add(): bytes may hold a NUL. */
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

bool gs_plan_changes(const struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++) {
		enum gs_step_kind kind = plan->v[i].kind;

		if (kind != GS_STEP_CHECK_EXPORTS && kind != GS_STEP_DRAIN && kind != GS_STEP_PROVE)
			return true;
	}
	return false;
}

bool gs_plan_withdraws(const struct gs_plan *plan)
{
	bool any = plan->undoes || plan->drain.hosts.n;

	for (size_t i = 0; !any && i < plan->n_predict; i++)
		any = plan->predict[i].gone;
	for (size_t i = 0; !any && i < plan->n_changes; i++)
		any = plan->change[i].to == GS_ACCESS_RO;
	return any;
}

/* The text that is meant, made safe for a terminal; owned. */
static __attribute__((format(printf, 1, 0))) char *safe_text(const char *fmt, va_list ap)
{
	gs_autofree char *raw = gs_vprintf(fmt, ap);
	gs_autostr struct gs_str text = { 0 };

	gs_str_add_message(&text, gs_span_of(raw));
	return gs_span_dup(gs_str_span(&text));
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
	item->text = safe_text(fmt, ap);
	va_end(ap);
}

void gs_findings_add(struct gs_findings *findings, enum gs_severity severity, const char *id,
		     const char *mend, const char *fmt, ...)
{
	struct gs_finding *finding;
	va_list ap;

	gs_grow(&findings->v, findings->n, &findings->room, sizeof *findings->v);
	finding = &findings->v[findings->n++];
	finding->severity = severity;
	finding->id = id;
	va_start(ap, fmt);
	finding->text = safe_text(fmt, ap);
	va_end(ap);
	finding->mend = mend ? gs_strdup(mend) : NULL;
}

void gs_findings_done(struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++) {
		free(findings->v[i].text);
		free(findings->v[i].mend);
	}
	free(findings->v);
	*findings = (struct gs_findings){ 0 };
}

void gs_plan_done(struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->n_predict; i++)
		gs_exportopts_done(&plan->predict[i].opts);
	for (size_t i = 0; i < plan->items.n; i++)
		free(plan->items.v[i].text);
	free(plan->items.v);
	free(plan->predict);
	free(plan->v);
	gs_files_done(&plan->exports);
	gs_str_done(&plan->hosts);
	gs_str_done(&plan->etab_before);
	gs_strs_done(&plan->proof.dirs);
	gs_strs_done(&plan->drain.hosts);
	gs_strs_done(&plan->drain.spared);
	free(plan->change);
	gs_findings_done(&plan->findings);
	gs_strs_done(&plan->next);
	gs_strs_done(&plan->keep);
	*plan = (struct gs_plan){ 0 };
}

void gs_join(const struct gs_strs *list, const char *separator, struct gs_str *out)
{
	for (size_t i = 0; i < list->n; i++) {
		if (i)
			gs_str_adds(out, separator);
		gs_str_adds(out, list->v[i]);
	}
}

int gs_plan_env(const struct gs_file *file, const struct gs_env *env, struct gs_plan *plan,
		struct gs_err *err)
{
	struct gs_clusterenv_values values = {
		.node_type = env->is_leader ? GS_NODE_LEADER : GS_NODE_FOLLOWER,
		.dataset_dir = env->dataset_dir,
		.postgres_host = env->postgres_host,
	};
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv doc = { 0 };
	gs_autostr struct gs_str text = { 0 };
	bool changed = false;

	if (gs_clusterenv_parse(gs_str_span(&file->text), &doc, err) < 0 ||
	    gs_clusterenv_apply(&doc, &values, &changed, err) < 0)
		return gs_err_prefix(err, "'%s'", file->path);
	gs_clusterenv_render(&doc, &text);
	if (doc.text.n > GS_ENVMASK_LINES_MAX - ROOM_LINES)
		return gs_err_set(err, EFBIG, "'%s' has %zu lines: it is no cluster.env",
				  file->path, doc.text.n);
	gs_plan_write(plan, file, gs_str_span(&text), 0644, "say where this node's datasets are");
	if (plan->n && plan->v[plan->n - 1].kind == GS_STEP_WRITE_FILE)
		plan->v[plan->n - 1].write.secret = true;
	gs_plan_item(plan, changed ? '+' : '=', "write", "%s", file->path);
	return 0;
}
