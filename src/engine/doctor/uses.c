/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/doctor/uses.h"

#include <errno.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/unwritten.h"
#include "core/exports/docs.h"
#include "core/verify/access_report.h"
#include "engine/observe/common.h"
#include "engine/phase.h"
#include "engine/verify/converge.h"

enum {
	HURRIED_MS = 2000,  /* with less time, a test that does not end says little */
	SEARCH_MS = 1000,   /* of a top, at most */
	ENTRIES_MAX = 4096, /* of it */
};

/* ---- whether somebody can write ------------------------------------------------------------ */

static bool enters(const void *arg, const struct gs_entry *entry)
{
	(void)arg, (void)entry;
	return false;
}

static unsigned finds(const void *arg, const struct gs_entry *entry)
{
	return gs_unwritten_finds(arg, entry);
}

/* Kinds of enum gs_unwritten_kind as 1 << kind. What cannot be searched may have anything. */
static unsigned search(struct gs_sys *sys, const char *path, const struct gs_audit_eyes *eyes)
{
	GS_AUTO(gs_tree_hits_done) struct gs_tree_hits hits = { 0 };
	int64_t now = sys->ops->clock->now_ns(sys), end = now + SEARCH_MS * INT64_C(1000000);
	const struct gs_tree_find find = {
		.root = path,
		.deadline_ns = end < sys->deadline_ns ? end : sys->deadline_ns,
		.max_entries = ENTRIES_MAX,
		.max_found = 1,
		.arg = eyes,
		.enters = enters,
		.finds = finds,
	};
	struct gs_err unseen = { 0 };
	unsigned kinds = 0;

	if (sys->ops->fs->find(sys, &find, &hits, &unseen) < 0 || hits.cut || !hits.entries)
		kinds |= 1U << GS_UNWRITTEN_OPEN;
	for (size_t i = 0; i < hits.n; i++)
		kinds |= 1U << hits.v[i].kind;
	return kinds;
}

/* ---- what users can do --------------------------------------------------------------------- */

/* Was nothing refused but for want of a right? */
static bool is_about_rights(const struct gs_access_report *report)
{
	for (size_t i = 0; i < report->n; i++)
		for (size_t j = 0; j < report->row[i].n_refused; j++)
			if (report->row[i].refused[j].error != EACCES &&
			    report->row[i].refused[j].error != EPERM)
				return false;
	return true;
}

/* Of a share of somebody's own: others' rights are what they are meant to be, for all one knows. */
static void soften(struct gs_sys *sys, struct gs_access_report *report)
{
	/* Whom root of this node is mapped to is not known here: nobody else's right is root's. */
	const struct gs_audit_eyes eyes = { .squash = GS_SQUASH_ROOT };
	unsigned kinds;

	if (report->id[0] || report->id_broken || report->kept[0] || !is_about_rights(report) ||
	    !gs_findings_find(&report->findings, "VERIFY_LESS"))
		return;
	kinds = search(sys, report->path, &eyes);
	if (kinds & 1U << GS_UNWRITTEN_GUIDES)
		return;
	for (size_t i = 0; i < report->findings.n; i++)
		if (!strcmp(report->findings.v[i].id, "VERIFY_LESS"))
			report->findings.v[i].severity = kinds & 1U << GS_UNWRITTEN_OPEN ? GS_NOTE
											 : GS_WARN;
}

/* Why the test did not come to its end is the cause; what it left there is to be removed after. */
static void soften_left(struct gs_findings *findings)
{
	bool fails = false;

	for (size_t i = 0; i < findings->n; i++)
		fails |= findings->v[i].severity == GS_FAIL &&
			 strcmp(findings->v[i].id, "PROBE_LEFT") != 0;
	for (size_t i = 0; fails && i < findings->n; i++)
		if (!strcmp(findings->v[i].id, "PROBE_LEFT"))
			findings->v[i].severity = GS_WARN;
}

void gs_look_uses(struct gs_sys *sys, enum gs_side side, const char *path, bool is_crowded,
		  struct gs_cases *cases, bool *ret_ro)
{
	const struct gs_verify_req req = { .path = path, .exports_file = "/etc/exports" };
	GS_AUTO(gs_access_report_done) struct gs_access_report report = { 0 };
	struct gs_err err = { 0 };
	bool is_hurried = is_crowded || sys->deadline_ns - sys->ops->clock->now_ns(sys) <
						HURRIED_MS * INT64_C(1000000);

	*ret_ro = false;
	if (gs_access_report(sys, &req, &report, &err) < 0) {
		gs_cases_add_error(cases, side, path, &err);
		return;
	}
	soften(sys, &report);
	for (size_t i = 0; i < report.findings.n && is_hurried; i++)
		if (!strcmp(report.findings.v[i].id, "VERIFY_TIMEOUT"))
			report.findings.v[i].severity = GS_WARN;
	soften_left(&report.findings);
	gs_cases_add_all(cases, side, path, &report.findings);
	for (size_t i = 0; i < report.n; i++)
		*ret_ro |= report.row[i].readonly;
}

/* ---- an export of somebody's own ----------------------------------------------------------- */

/* What is active, but for a share of gshare's: init and status judge its directories one by one. */
static int observe(struct gs_sys *sys, const char *path, struct gs_exports *ret, struct gs_err *err)
{
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	gs_autostr struct gs_str etab = { 0 };

	if (gs_observe_exports(sys, "/etc/exports", &files, err) < 0 ||
	    gs_docs_parse(&files, &docs, err) < 0)
		return err->code;
	for (size_t d = 0; d < docs.n; d++)
		for (size_t i = 0; i < docs.v[d].marks; i++)
			if (!strcmp(docs.v[d].mark[i].path, path))
				return 0;
	if (sys->ops->server->active_exports(sys, &etab, err) < 0)
		return err->code;
	return gs_exports_parse(gs_str_span(&etab), ret, err);
}

static int look(struct gs_sys *sys, const char *path, struct gs_findings *findings,
		struct gs_err *err)
{
	GS_AUTO(gs_exports_done) struct gs_exports etab = { 0 };
	GS_AUTO(gs_inode_done) struct gs_inode root = { 0 };
	struct gs_audit_eyes eyes = { 0 };
	struct gs_unwritten_fact fact = { .path = path, .root = &root, .eyes = &eyes };
	const struct gs_facts facts = { .unwritten = &fact };
	const struct gs_export *entry;
	unsigned kinds;
	size_t at = 0;

	if (observe(sys, path, &etab, err) < 0)
		return err->code;
	while ((entry = gs_exports_find(&etab, path, NULL, &at))) {
		if (gs_exportopts_access(&entry->opts) != GS_ACCESS_RW)
			continue;
		gs_audit_look(&entry->opts, &eyes);
		fact.host = fact.host ? fact.host : entry->host.text;
	}
	if (!fact.host)
		return 0;
	if (sys->ops->fs->look(sys, path, &root, err) < 0)
		return err->code;
	kinds = search(sys, path, &eyes);
	fact.is_guides = kinds & 1U << GS_UNWRITTEN_GUIDES;
	if (root.type == GS_INODE_DIR && !(kinds & 1U << GS_UNWRITTEN_OPEN))
		gs_checks_run(&facts, GS_FAIL, findings);
	return 0;
}

void gs_look_unwritten(struct gs_sys *sys, const char *path, struct gs_cases *cases)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	struct gs_err unseen = { 0 };

	/* What cannot be looked at is told by who looks at the share. */
	if (sys->ops->privs->enter(GS_PHASE_OBSERVE, &unseen) == 0)
		(void)gs_phase_end(sys, look(sys, path, &findings, &unseen), &unseen);
	gs_cases_add_all(cases, GS_SIDE_LEADER, path, &findings);
}
