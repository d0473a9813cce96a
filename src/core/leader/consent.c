/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "core/check/check.h"
#include "core/exports/docs.h"
#include "core/leader/again.h"
#include "core/leader/planner.h"
#include "core/leader/request.h"
#include "core/plan/model.h"

/* Consent for entries of the share that match more than a few hosts, and were not asked for. */

/* Can a verb name the client of that entry? Not one that exportfs alone reads as a host. */
static void add_removable(const struct gs_export *entry, struct gs_strs *ret)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_err no_host = { 0 };

	if (gs_hostspec_is_wide(&entry->host) && !gs_strs_has(ret, entry->host.text) &&
	    gs_hostspec_parse(gs_span_of(entry->host.text), &host, &no_host) == 0)
		gs_strs_add(ret, entry->host.text);
}

/* Of a path that becomes a share every wide entry has to go, of a run that gives one more, that. */
static void list_removable(const struct gs_draft *draft, const struct gs_export *gainer,
			   struct gs_strs *ret)
{
	for (size_t d = 0; d < draft->docs.n && !gainer; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
			add_removable(entry, ret);
	}
	if (gainer)
		add_removable(gainer, ret);
}

static int refuse(struct gs_draft *draft, size_t d, const struct gs_export *entry,
		  const char *gains, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs removable = { 0 };
	gs_autostr struct gs_str again = { 0 };
	struct gs_wide_fact wide = {
		.file = draft->facts->exports.v[d].path,
		.path = entry->path,
		.host = entry->host.text,
		.number = entry->number,
		.gains = gains,
		.tree = draft->facts->tree,
	};
	const struct gs_facts facts = { .wide = &wide };

	list_removable(draft, gains ? entry : NULL, &removable);
	wide.removable = &removable;
	gs_leader_again(draft->req, draft->facts, "--allow-wide", &again);
	wide.again = again.ptr;
	return gs_checks_refuse(&facts, &draft->plan.findings, err);
}

/* Does the run remove what everyone would get? */
static bool removes_anyone(const struct gs_leader_req *req)
{
	for (size_t i = 0; req->verb == GS_LEADER_REMOVE && i < req->n_specs; i++)
		if (req->spec[i].host.kind == GS_HOST_ANYONE)
			return true;
	return req->verb == GS_LEADER_DESTROY;
}

/*
 * Would the run let everyone into another path? Offline it applies nothing, and what is exported
 * already stays as it is, with a warning.
 */
static bool would_spread(const struct gs_draft *draft, const char *path)
{
	const struct gs_server *server = &draft->facts->server;

	if (draft->facts->offline)
		return false;
	return server->threads ? !gs_draft_is_active(draft, path, "*")
			       : gs_leader_gives(draft->req->verb);
}

static bool is_refused(const struct gs_draft *draft, const struct gs_exports_flaw *flaw)
{
	if (strcmp(flaw->id, "EXPORTS_CLIENT_BLANK") != 0)
		return false;
	if (!strcmp(flaw->path, draft->facts->path))
		return !removes_anyone(draft->req);
	return would_spread(draft, flaw->path);
}

static int check_blanks(struct gs_draft *draft, size_t d, struct gs_err *err)
{
	const struct gs_exports *doc = &draft->docs.v[d];
	struct gs_line_fact line;
	const struct gs_facts facts = { .line = &line };

	for (size_t i = 0; i < doc->flaws; i++) {
		if (!is_refused(draft, &doc->flaw[i]))
			continue;
		gs_line_of(&draft->facts->exports.v[d], &doc->flaw[i], &line);
		line.tree = draft->facts->tree;
		return gs_checks_refuse(&facts, &draft->plan.findings, err);
	}
	return 0;
}

int gs_draft_check_blank(struct gs_draft *draft, struct gs_err *err)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		if (check_blanks(draft, d, err) < 0)
			return err->code;
	return 0;
}

int gs_draft_check_wide(struct gs_draft *draft, struct gs_err *err)
{
	if (draft->req->allow_wide || !gs_leader_gives(draft->req->verb) ||
	    gs_draft_is_marked(draft))
		return 0;
	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_export *entry;
		size_t at = 0;

		while ((entry = gs_exports_find(&draft->docs.v[d], draft->facts->path, NULL, &at)))
			if (gs_hostspec_is_wide(&entry->host) &&
			    refuse(draft, d, entry, NULL, err) < 0)
				return err->code;
	}
	return 0;
}

int gs_draft_check_gain(struct gs_draft *draft, size_t d, size_t e,
			const struct gs_exportopts *before, struct gs_err *err)
{
	const struct gs_export *entry = &draft->docs.v[d].entry[e];
	gs_autostr struct gs_str gains = { 0 };

	if (draft->req->allow_wide || !gs_hostspec_is_wide(&entry->host) ||
	    !gs_exportopts_grows(before, &entry->opts, &gains))
		return 0;
	return refuse(draft, d, entry, gains.ptr, err);
}
