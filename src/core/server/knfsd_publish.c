/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/exports/etab.h"
#include "core/leader/request.h"
#include "core/plan/model.h"
#include "core/server/knfsd_parts.h"
#include "core/share/names.h"
#include "core/step/step.h"

/* Applying the edited files: what etab shall hold, and the steps for that. */

/* exportfs omits a name that does not resolve; offline that is not known. */
static bool is_left_out(const struct gs_draft *draft, const struct gs_export *entry)
{
	const struct gs_strs *addrs = gs_draft_addrs(draft, entry->host.text);

	return !draft->facts->offline && entry->host.kind == GS_HOST_NAME && !(addrs && addrs->n);
}

/* Predicts etab's entries of the share: every entry of its path, and those to be removed. */
static void predict(struct gs_draft *draft)
{
	struct gs_plan *plan = &draft->plan;
	bool removes_access = draft->req->verb == GS_LEADER_REMOVE ||
			      draft->req->verb == GS_LEADER_DESTROY;
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };
	size_t order = 0;

	gs_str_add(&plan->exports.etab_before, gs_str_span(&draft->facts->etab));
	plan->exports.etab_known = draft->facts->server.threads > 0;
	for (size_t i = 0; i < draft->docs.n; i++) {
		const struct gs_exports *doc =
			&draft->docs.v[gs_docs_at(&draft->facts->exports, i)];
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(doc, draft->facts->path, NULL, &at))) {
			/* exportfs keeps the first of two entries with one path and client. */
			size_t first = gs_keymap_put(&seen, entry->host.text, "", ++order);

			if (first != order || is_left_out(draft, entry))
				continue;
			gs_exportopts_copy(
				&entry->opts,
				&gs_plan_predict(plan, entry->path, entry->host.text)->opts);
		}
	}
	for (size_t i = 0; removes_access && i < draft->n; i++)
		gs_plan_predict(plan, draft->facts->path, draft->client[i].host.text)->gone = true;
}

/* All files as edited: input of the check step, and the text to be written. */
static void list_candidates(const struct gs_draft *draft, struct gs_files *ret)
{
	const struct gs_leader_facts *facts = draft->facts;

	for (size_t d = 0; d < draft->docs.n; d++) {
		gs_autostr struct gs_str text = { 0 };
		const struct gs_file *file = &facts->exports.v[d];

		gs_exports_render(&draft->docs.v[d], &text);
		gs_files_add(ret, file->path, file->exists || text.len, gs_str_span(&text));
	}
}

static bool is_text_new(const struct gs_draft *draft, const struct gs_files *candidates)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		if (!gs_span_is(gs_str_span(&draft->facts->exports.v[d].text),
				gs_str_span(&candidates->v[d].text)))
			return true;
	return false;
}

/* Comes before the check, which puts the candidates where exportfs looks for them. */
static void plan_exports_dir(struct gs_draft *draft, const struct gs_files *candidates)
{
	gs_autofree char *dir = gs_strdup(draft->facts->exports.v[0].path);
	struct gs_step *step;

	if (!draft->facts->lacks_exports_dir || !candidates->n || !candidates->v[0].exists)
		return;
	*strrchr(dir, '/') = '\0';
	step = gs_plan_step(&draft->plan, GS_STEP_MAKE_DIR, dir,
			    "exportfs reads further files there");
	step->dir.mode = 0755;
}

/*
 * The first file has the share's marker, by which the share is found again: destroy edits it last.
 * A run that grants access creates /etc/exports, even if empty: without it exportfs works but
 * fails.
 */
static void plan_files(struct gs_draft *draft, const struct gs_files *candidates)
{
	bool removes_access = draft->req->verb == GS_LEADER_DESTROY;

	if (!gs_leader_gives(draft->req->verb) && !is_text_new(draft, candidates))
		return;
	for (size_t i = 0; i < draft->docs.n; i++) {
		size_t d = removes_access ? draft->docs.n - 1 - i : i;

		gs_plan_write(&draft->plan, &draft->facts->exports.v[d],
			      gs_str_span(&candidates->v[d].text), 0644,
			      removes_access ? "remove every entry of the share"
					     : "write the entries of the share");
	}
}

/*
 * A running server is never restarted; a stopped one is started if access is granted. One that runs
 * and is masked can only be told of.
 */
static bool wants_start(const struct gs_draft *draft)
{
	const struct gs_server *server = &draft->facts->server;

	return !draft->facts->offline && server->systemd && gs_leader_gives(draft->req->verb) &&
	       !(server->threads && (server->enabled || server->masked));
}

static void plan_start(struct gs_draft *draft)
{
	const struct gs_server *server = &draft->facts->server;
	struct gs_step *start = gs_plan_step(&draft->plan, GS_STEP_START_SERVER, "nfs-server",
					     server->threads ? "start the NFS server at boot"
							     : "start the NFS server");

	start->server.was_running = server->threads > 0;
	start->server.was_enabled = server->enabled;
	gs_plan_item(&draft->plan, '+', "server", "nfs-server %s",
		     server->threads ? "enabled at boot, not restarted" : "enabled and started");
}

/* After a crash the active exports may have to change though the files do not. */
static bool is_active(const struct gs_draft *draft)
{
	return gs_etab_fulfils(gs_str_span(&draft->facts->etab), draft->plan.exports.predict,
			       draft->plan.exports.n);
}

/* Called after the files are planned: the step takes the candidates. */
static void fill_check(const struct gs_draft *draft, struct gs_step *step,
		       struct gs_files *candidates)
{
	gs_names_list_hosts(&draft->facts->names, &step->check.hosts);
	step->check.candidates = *candidates;
	*candidates = (struct gs_files){ 0 };
}

void gs_draft_exports(struct gs_draft *draft)
{
	const struct gs_leader_facts *facts = draft->facts;
	bool running = facts->server.threads > 0, starts = wants_start(draft), applies;
	GS_AUTO(gs_files_done) struct gs_files candidates = { 0 };
	struct gs_plan *plan = &draft->plan;
	const char *file = facts->exports.v[0].path;
	bool checks;
	size_t at;

	list_candidates(draft, &candidates);
	predict(draft);
	plan_exports_dir(draft, &candidates);
	applies = is_text_new(draft, &candidates) || (running ? !is_active(draft) : starts);
	checks = applies && (facts->offline || facts->server.installed);
	at = plan->n;
	if (checks)
		gs_plan_step(plan, GS_STEP_CHECK_EXPORTS, file,
			     "check in a private namespace how exportfs reads the new files");
	gs_draft_changes(draft);
	if (applies && running)
		gs_draft_drain(draft);
	/* After the drain, before applying: then neither the old nor the new owner has access. */
	gs_draft_set_dirs(draft);
	gs_draft_close_ports(draft);
	if (draft->req->verb == GS_LEADER_DESTROY)
		gs_draft_forget_id(draft);
	plan_files(draft, &candidates);
	if (checks)
		fill_check(draft, &plan->v[at], &candidates);
	if (starts)
		plan_start(draft);
	else if (running)
		gs_plan_item(plan, '=', "server", "nfs-server running, not restarted");
	if (applies && (running || starts))
		gs_plan_step(plan, GS_STEP_APPLY_EXPORTS, file,
			     "apply the exports files, without a restart");
}
