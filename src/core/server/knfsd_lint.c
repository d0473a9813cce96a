/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/check/check.h"
#include "core/check/lines.h"
#include "core/exports/docs.h"
#include "core/exports/word.h"
#include "core/plan/finding.h"
#include "core/server/knfsd_parts.h"

/* Errors and warnings about lines of the exports files that gshare did not write. */

enum { FLAWS_SHOWN_MAX = 8 }; /* a longer list would not be read */

/* Findings about lines, and their number. */
struct tally {
	struct gs_draft *draft;
	size_t n;
};

static void warn_flaw(struct tally *tally, size_t d, const struct gs_exports_flaw *flaw)
{
	struct gs_line_fact line;
	const struct gs_facts facts = { .line = &line };

	gs_line_of(&tally->draft->facts->exports.v[d], flaw, &line);
	line.tree = tally->draft->facts->tree;
	if (tally->n++ < FLAWS_SHOWN_MAX)
		gs_checks_run(&facts, GS_WARN, &tally->draft->plan.findings);
}

static void warn_name(struct tally *tally, size_t d, const struct gs_export *entry)
{
	gs_autofree char *script = gs_exports_script_alone(&tally->draft->docs.v[d], entry);
	gs_autofree char *why = gs_printf("'%s' does not resolve: exportfs leaves this export out",
					  entry->host.text);
	const struct gs_exports_flaw flaw = { .number = entry->number,
					      .id = "EXPORTS_NAME_UNKNOWN",
					      .why = why,
					      .path = entry->path,
					      .host = entry->host.text,
					      .script = script };

	warn_flaw(tally, d, &flaw);
}

/* Of an entry that the run removes nothing has to be mended. */
static bool is_leaving(const struct gs_draft *draft, const struct gs_export *entry)
{
	const struct gs_leader_req *req = draft->req;
	bool named = req->verb == GS_LEADER_DESTROY;

	for (size_t i = 0; req->verb == GS_LEADER_REMOVE && i < req->n_specs; i++)
		named |= !strcmp(req->spec[i].host.text, entry->host.text);
	return named && !strcmp(entry->path, draft->facts->path);
}

/* exportfs omits an export whose name does not resolve, and exits with 0. */
static void warn_names(struct tally *tally, size_t d)
{
	const struct gs_exports *doc = &tally->draft->docs.v[d];

	if (tally->draft->facts->names.silent)
		return;
	for (size_t i = 0; i < doc->n; i++) {
		const struct gs_hostspec *host = &doc->entry[i].host;
		const struct gs_strs *addrs = gs_draft_addrs(tally->draft, host->text);

		if (host->kind != GS_HOST_NAME || (addrs && addrs->n) ||
		    is_leaving(tally->draft, &doc->entry[i]))
			continue;
		warn_name(tally, d, &doc->entry[i]);
	}
}

static bool warn_twin(void *arg, size_t d, const struct gs_exports_flaw *flaw)
{
	warn_flaw(arg, d, flaw);
	return true;
}

void gs_draft_warn_lines(struct gs_draft *draft)
{
	const struct gs_docs *docs = &draft->docs;
	struct tally tally = { .draft = draft };

	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_exports *doc = &draft->docs.v[d];
		/* Of the share's own path the run refuses that one, or removes it. */
		const struct gs_exports_flaw *own = gs_exports_blank(doc, draft->facts->path);

		for (size_t i = 0; i < doc->flaws; i++)
			if (&doc->flaw[i] != own)
				warn_flaw(&tally, d, &doc->flaw[i]);
		if (!draft->facts->offline)
			warn_names(&tally, d);
	}
	gs_lines_twins(&draft->facts->exports, docs, NULL, warn_twin, &tally);
	if (tally.n > FLAWS_SHOWN_MAX)
		gs_findings_add(&draft->plan.findings, GS_WARN, "EXPORTS_MORE", NULL,
				"%zu more lines of the exports files are doubtful",
				tally.n - FLAWS_SHOWN_MAX);
}

/* "FILE:LINE" of the first entry for a host of that name */
static char *place_of(const struct gs_draft *draft, const char *name)
{
	for (size_t d = 0; d < draft->docs.n; d++)
		for (size_t i = 0; i < draft->docs.v[d].n; i++)
			if (!strcmp(draft->docs.v[d].entry[i].host.text, name))
				return gs_printf("%s:%zu", draft->facts->exports.v[d].path,
						 draft->docs.v[d].entry[i].number);
	return gs_strdup("the exports files");
}

int gs_draft_check_silence(struct gs_draft *draft, struct gs_err *err)
{
	const char *silent = draft->facts->names.silent;
	gs_autofree char *place = silent ? place_of(draft, silent) : NULL;
	const struct gs_name_fact name = { .name = silent, .place = place };
	const struct gs_facts facts = { .name = &name };
	bool applies = false;

	for (size_t i = 0; i < draft->plan.n; i++)
		applies |= draft->plan.v[i].kind == GS_STEP_APPLY_EXPORTS;
	if (!silent)
		return 0;
	if (!applies) {
		gs_checks_run(&facts, GS_WARN, &draft->plan.findings);
		return 0;
	}
	gs_err_set(
		err, ETIMEDOUT,
		"%s: the name server is not responding for '%s': exportfs would wait for it, and "
		"leave this export out",
		place, silent);
	gs_err_cause(err, "NAME_SERVER_TIMEOUT");
	return gs_err_advise(
		err,
		"write the address instead of the name, or restore the name server; then run the "
		"command again");
}
