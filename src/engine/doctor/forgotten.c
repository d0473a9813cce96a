/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/forgotten.h"

#include <string.h>

#include "base/shareid.h"
#include "core/check/check.h"
#include "core/check/forgotten.h"
#include "core/exports/docs.h"
#include "engine/observe/common.h"
#include "engine/observe/known.h"
#include "engine/phase.h"

static bool has_share(const struct gs_docs *docs, const char *path)
{
	for (size_t d = 0; d < docs->n; d++) {
		for (size_t i = 0; i < docs->v[d].marks; i++)
			if (!strcmp(docs->v[d].mark[i].path, path))
				return true;
		for (size_t i = 0; i < docs->v[d].n; i++)
			if (!strcmp(docs->v[d].entry[i].path, path))
				return true;
	}
	return false;
}

/* leader destroy takes .gshare-id away, and undo of the run that made it. */
static bool is_still_there(struct gs_sys *sys, const char *path)
{
	gs_autofree char *id = gs_printf("%s/" GS_SHARE_FILE, path);
	GS_AUTO(gs_file_done) struct gs_file file = { 0 };
	struct gs_err unread = { 0 };

	return gs_observe_id(sys, id, &file, &unread) == 0 && file.exists;
}

static void judge(const struct gs_exports *was, const char *path, struct gs_cases *cases)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };
	struct gs_forgotten_fact fact = { path, &hosts, false };
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(was, path, NULL, &at))) {
		bool is_ro = gs_exportopts_access(&entry->opts) == GS_ACCESS_RO;
		gs_autofree char *host = gs_printf("%s%s", entry->host.text, is_ro ? ":ro" : "");

		gs_strs_add(&hosts, host);
		fact.is_wide |= gs_hostspec_is_wide(&entry->host);
	}
	gs_checks_run(&(struct gs_facts){ .forgotten = &fact }, GS_FAIL, &findings);
	gs_cases_add_all(cases, GS_SIDE_LEADER, NULL, &findings);
}

/* What cannot be read is told by who looks at the shares. */
static void look(struct gs_sys *sys, struct gs_cases *cases)
{
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	GS_AUTO(gs_exports_done) struct gs_exports was = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_err unread = { 0 };

	gs_known_exports(sys, &text);
	if (!text.len || gs_exports_parse(gs_str_span(&text), &was, &unread) < 0 ||
	    gs_observe_exports(sys, "/etc/exports", &files, &unread) < 0 ||
	    gs_docs_parse(&files, &docs, &unread) < 0)
		return;
	for (size_t i = 0; i < was.marks; i++)
		if (!has_share(&docs, was.mark[i].path) && is_still_there(sys, was.mark[i].path))
			judge(&was, was.mark[i].path, cases);
}

void gs_look_forgotten(struct gs_sys *sys, struct gs_cases *cases)
{
	struct gs_err unseen = { 0 };

	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, &unseen) < 0)
		return;
	look(sys, cases);
	(void)gs_phase_end(sys, 0, &unseen);
}
