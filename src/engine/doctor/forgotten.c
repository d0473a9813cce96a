/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/forgotten.h"

#include <string.h>

#include "base/shareid.h"
#include "core/check/check.h"
#include "core/check/forgotten.h"
#include "core/exports/docs.h"
#include "core/exports/gone.h"
#include "engine/observe/common.h"
#include "engine/observe/known.h"
#include "engine/observe/nfsd_clients.h"
#include "engine/phase.h"

/* The exports files as the newest run left them, and as they are; etab; who is connected. */
struct gs_forgotten {
	struct gs_exports was;
	struct gs_docs docs, active;
	struct gs_strs peers;
};

static void forgotten_done(struct gs_forgotten *look)
{
	gs_exports_done(&look->was);
	gs_docs_done(&look->docs);
	gs_docs_done(&look->active);
	gs_strs_done(&look->peers);
}

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

/* What an entry of before is to leader init and add. */
static void note(const struct gs_export *entry, struct gs_strs *hosts, bool *is_wide)
{
	bool is_ro = gs_exportopts_access(&entry->opts) == GS_ACCESS_RO;
	gs_autofree char *host = gs_printf("%s%s", entry->host.text, is_ro ? ":ro" : "");

	gs_strs_add(hosts, host);
	*is_wide |= gs_hostspec_is_wide(&entry->host);
}

static void tell(const struct gs_forgotten_fact *fact, struct gs_cases *cases)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	gs_checks_run(&(struct gs_facts){ .forgotten = fact }, GS_FAIL, &findings);
	gs_cases_add_all(cases, GS_SIDE_LEADER, NULL, &findings);
}

static void judge_share(const struct gs_exports *was, const char *path, struct gs_cases *cases)
{
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };
	struct gs_forgotten_fact fact = { .path = path, .hosts = &hosts };
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(was, path, NULL, &at)))
		note(entry, &hosts, &fact.is_wide);
	tell(&fact, cases);
}

/* By its address alone: no name is resolved here. */
static bool is_connected(const struct gs_strs *peers, const struct gs_hostspec *host)
{
	bool found = false;

	for (size_t i = 0; !found && i < peers->n; i++) {
		GS_AUTO(gs_hostspec_done) struct gs_hostspec peer = { 0 };

		gs_hostspec_read(gs_span_of(peers->v[i]), &peer);
		found = gs_hostspec_covers(host, &peer);
	}
	return found;
}

/* Of one share: those that are cut off are told apart from those that are away. */
static void judge_followers(const struct gs_forgotten *look, const char *path,
			    struct gs_cases *cases)
{
	GS_AUTO(gs_strs_done) struct gs_strs cut = { 0 }, away = { 0 };
	struct gs_forgotten_fact is_cut = {
		.path = path, .hosts = &cut, .is_shared = true, .is_cut_off = true
	};
	struct gs_forgotten_fact is_away = { .path = path, .hosts = &away, .is_shared = true };
	const struct gs_export *entry;
	size_t at = 0;

	while ((entry = gs_exports_find(&look->was, path, NULL, &at))) {
		/* What is exported still, and in no file, is told as that. */
		if (!gs_export_is_gone(&look->active, &look->was, entry) ||
		    !gs_export_is_gone(&look->docs, &look->was, entry))
			continue;
		if (is_connected(&look->peers, &entry->host) &&
		    !gs_docs_serve(&look->docs, &entry->host))
			note(entry, &cut, &is_cut.is_wide);
		else
			note(entry, &away, &is_away.is_wide);
	}
	if (cut.n)
		tell(&is_cut, cases);
	if (away.n)
		tell(&is_away, cases);
}

/* What cannot be read is told by who looks at the shares. */
static void look(struct gs_sys *sys, struct gs_cases *cases)
{
	GS_AUTO(forgotten_done) struct gs_forgotten look = { 0 };
	GS_AUTO(gs_files_done) struct gs_files files = { 0 }, etabs = { 0 };
	gs_autostr struct gs_str text = { 0 }, etab = { 0 };
	struct gs_err unread = { 0 };

	gs_known_exports(sys, &text);
	if (!text.len || gs_exports_parse(gs_str_span(&text), &look.was, &unread) < 0 ||
	    gs_observe_exports(sys, "/etc/exports", &files, &unread) < 0 ||
	    gs_docs_parse(&files, &look.docs, &unread) < 0)
		return;
	/* Without the server's package there is none: nothing is exported then. */
	if (sys->ops->server->active_exports(sys, &etab, &unread) == 0) {
		gs_files_add(&etabs, "/var/lib/nfs/etab", true, gs_str_span(&etab));
		(void)gs_docs_parse(&etabs, &look.active, &unread);
	}
	gs_look_peers(sys, &look.peers);
	for (size_t i = 0; i < look.was.marks; i++) {
		const char *path = look.was.mark[i].path;

		if (has_share(&look.docs, path))
			judge_followers(&look, path, cases);
		else if (is_still_there(sys, path))
			judge_share(&look.was, path, cases);
	}
}

void gs_look_forgotten(struct gs_sys *sys, struct gs_cases *cases)
{
	struct gs_err unseen = { 0 };

	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, &unseen) < 0)
		return;
	look(sys, cases);
	(void)gs_phase_end(sys, 0, &unseen);
}
