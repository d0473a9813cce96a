/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/undo/undo_exports.h"

#include <stdlib.h>
#include <string.h>

#include "base/command.h"
#include "core/exports/docs.h"
#include "core/exports/etab.h"
#include "core/exports/exports.h"
#include "core/plan/drain.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"
#include "core/step/step.h"
#include "core/undo/undo_files.h"

/* The exports part of an undo: afterwards the active exports must match the restored files. */

/* All files that exportfs would read after the undo. */
static void list_candidates(const struct gs_undo *undo, struct gs_files *ret)
{
	const struct gs_files *files = &undo->facts->exports;

	for (size_t i = 0; i < files->n; i++) {
		const struct gs_undo_file *mine = NULL;

		for (size_t k = 0; k < undo->n; k++)
			if (!strcmp(undo->file[k].file->path, files->v[i].path))
				mine = &undo->file[k];
		gs_files_add(ret, files->v[i].path, mine ? mine->exists : files->v[i].exists,
			     gs_str_span(mine ? &mine->text : &files->v[i].text));
	}
}

/* The entry that exportfs keeps: the first in /etc/exports, then in exports.d by name. */
static const struct gs_export *find_entry(const struct gs_docs *docs, const struct gs_files *files,
					  const char *path, const struct gs_hostspec *host)
{
	const struct gs_export *found = NULL;
	const char *file = NULL;

	for (size_t d = 0; d < docs->n; d++) {
		size_t at = 0;
		const struct gs_export *entry = gs_exports_find(&docs->v[d], path, host, &at);

		if (!entry || (file && strcmp(file, files->v[d].path) < 0))
			continue;
		found = entry;
		file = files->v[d].path;
	}
	return found;
}

static bool is_left_out(const struct gs_undo *undo, const struct gs_hostspec *host)
{
	const struct gs_strs *addrs = gs_names_find(&undo->facts->names, host->text);

	return host->kind == GS_HOST_NAME && !(addrs && addrs->n);
}

/* The input of the predictions. */
struct view {
	struct gs_files candidates;
	struct gs_docs now, after; /* the files as they are, and as they will be */
	struct gs_exports etab;	   /* active before the run; empty where that is not known */
	struct gs_exports live;	   /* active now */
};

static void view_done(struct view *view)
{
	gs_files_done(&view->candidates);
	gs_docs_done(&view->now);
	gs_docs_done(&view->after);
	gs_exports_done(&view->etab);
	gs_exports_done(&view->live);
}

/*
 * Which of two entries counted does not follow from the files, but from the exports active before
 * the run. An entry that the undo does not change is not predicted: it must stay. One that the run
 * made and that is still active but not listed was left by an undo that failed.
 */
static void predict_one(struct gs_undo *undo, const struct view *view,
			const struct gs_prediction *ran)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	const struct gs_export *now, *after, *was, *live;
	struct gs_prediction *p;
	size_t at = 0, live_at = 0;

	gs_hostspec_read(gs_span_of(ran->host), &host);
	now = find_entry(&view->now, &undo->facts->exports, ran->path, &host);
	after = find_entry(&view->after, &view->candidates, ran->path, &host);
	was = gs_exports_find(&view->etab, ran->path, &host, &at);
	live = gs_exports_find(&view->live, ran->path, &host, &live_at);
	if ((!now && !after && (ran->gone || !live)) || (after && is_left_out(undo, &host)) ||
	    (now && after && gs_exportopts_is_same(&now->opts, &after->opts)))
		return;
	p = gs_plan_predict(&undo->plan, ran->path, ran->host);
	p->gone = !after;
	p->any = after && !was && !after->is_readable;
	if (after)
		gs_exportopts_copy(was ? &was->opts : &after->opts, &p->opts);
}

static void predict(struct gs_undo *undo, const struct view *view)
{
	const struct gs_exports_change *ran = &undo->facts->run->plan.exports;

	for (size_t i = 0; i < ran->n; i++)
		predict_one(undo, view, &ran->predict[i]);
}

/* Called after the predictions: the step takes the candidates. */
static void plan_check(struct gs_undo *undo, struct view *view)
{
	struct gs_step *step = gs_plan_step(&undo->plan, GS_STEP_CHECK_EXPORTS,
					    undo->facts->exports.v[0].path,
					    "check in a private namespace how exportfs "
					    "reads the new files");

	gs_names_list_hosts(&undo->facts->names, &step->check.hosts);
	step->check.candidates = view->candidates;
	view->candidates = (struct gs_files){ 0 };
}

static void plan_drain(struct gs_undo *undo)
{
	struct gs_plan *plan = &undo->plan;
	/* A run is about one share, and its predictions are all that its undo may change. */
	struct gs_drain_spec spec = { .path = plan->exports.n ? plan->exports.predict[0].path : "",
				      .etab = gs_str_span(&undo->facts->etab),
				      .names = &undo->facts->names,
				      .others_stay = true,
				      .seconds = undo->req->drain_s,
				      .force = undo->req->force };
	struct gs_drain *drain = gs_plan_drain(plan, &spec);
	gs_autostr struct gs_str again = { 0 };

	if (!drain)
		return;
	gs_command(&again, "sudo", "gshare", "undo");
	gs_command_wordf(&again, "%u", undo->facts->run->id);
	gs_command(&again, undo->req->drain_given ? "--drain" : NULL);
	if (undo->req->drain_given)
		gs_command_wordf(&again, "%u", undo->req->drain_s);
	gs_command(&again, "--force", undo->req->yes ? "--yes" : NULL);
	drain->again = gs_plan_keep(plan, gs_str_span(&again));
}

/* ---- the server -------------------------------------------------------------------------- */

static bool has_any_entry(const struct gs_docs *docs)
{
	for (size_t d = 0; d < docs->n; d++)
		if (docs->v[d].n)
			return true;
	return false;
}

static void plan_stop(struct gs_undo *undo, const struct gs_docs *docs)
{
	const struct gs_step *start = gs_plan_find(&undo->facts->run->plan, GS_STEP_START_SERVER);
	const struct gs_server *server = &undo->facts->server;
	struct gs_plan *plan = &undo->plan;
	struct gs_step *stop;

	if (!start || ((!server->threads || start->server.was_running) &&
		       (!server->enabled || start->server.was_enabled)))
		return;
	if (has_any_entry(docs) || gs_etab_has_others(gs_str_span(&undo->facts->etab),
						      plan->exports.predict, plan->exports.n)) {
		gs_findings_add(&plan->findings, GS_NOTE, "SERVER_KEPT", NULL,
				"%s keeps running: it serves other exports", start->path);
		return;
	}
	stop = gs_plan_step(plan, GS_STEP_STOP_SERVER, start->path, "the run started it");
	stop->server.was_running = start->server.was_running;
	stop->server.was_enabled = start->server.was_enabled;
	gs_plan_item(plan, '-', "server", "%s %s", start->path,
		     start->server.was_running ? "not enabled at boot" : "stopped");
}

static bool plan_start(struct gs_undo *undo)
{
	const struct gs_step *stopped = gs_plan_find(&undo->facts->run->plan, GS_STEP_STOP_SERVER);
	const struct gs_server *server = &undo->facts->server;
	struct gs_step *start;

	if (!stopped || (server->threads && server->enabled))
		return false;
	start = gs_plan_step(&undo->plan, GS_STEP_START_SERVER, stopped->path,
			     "the run stopped it");
	start->server.was_running = server->threads > 0;
	start->server.was_enabled = server->enabled;
	gs_plan_item(&undo->plan, '+', "server", "%s enabled and started", stopped->path);
	return true;
}

int gs_undo_exports(struct gs_undo *undo, struct gs_err *err)
{
	const struct gs_undo_facts *facts = undo->facts;
	const char *file = facts->exports.v[0].path;
	const struct gs_exports_change *ran = &facts->run->plan.exports;
	GS_AUTO(view_done) struct view view = { 0 };
	struct gs_plan *plan = &undo->plan;
	struct gs_exports_change *change = &plan->exports;
	bool running = facts->server.threads > 0, applies = false;

	list_candidates(undo, &view.candidates);
	if (gs_docs_parse(&facts->exports, &view.now, err) < 0 ||
	    gs_docs_parse(&view.candidates, &view.after, err) < 0 ||
	    gs_exports_parse(gs_str_span(&ran->etab_before), &view.etab, err) < 0 ||
	    gs_exports_parse(gs_str_span(&facts->etab), &view.live, err) < 0)
		return err->code;
	predict(undo, &view);
	gs_str_add(&change->etab_before, gs_str_span(&facts->etab));
	change->etab_known = running;
	for (size_t i = 0; i < undo->n; i++)
		applies |= undo->file[i].changes &&
			   gs_undo_is_exports(facts, undo->file[i].file->path);
	if (running && !gs_etab_fulfils(gs_str_span(&facts->etab), change->predict, change->n))
		applies = true;
	if (applies)
		plan_check(undo, &view);
	if (applies && running)
		plan_drain(undo);
	gs_undo_remove_files(undo);
	for (size_t i = 0; i < undo->n; i++)
		if (gs_undo_is_exports(facts, undo->file[i].file->path))
			gs_undo_plan_file(undo, &undo->file[i]);
	running |= plan_start(undo);
	if (applies && running)
		gs_plan_step(plan, GS_STEP_APPLY_EXPORTS, file,
			     "apply the exports files, without a restart");
	plan_stop(undo, &view.after);
	gs_status_tell_dangers(&facts->shares, &view.after, &plan->findings);
	return 0;
}
