/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "base/command.h"
#include "core/exports/docs.h"
#include "core/exports/word.h"
#include "core/plan/finding.h"
#include "core/server/knfsd_parts.h"

/* What the lines of others forbid or make doubtful. */

enum { FLAWS_SHOWN_MAX = 8 }; /* more of them is a list that nobody reads */

const char *gs_line_mend(const char *id)
{
	static const struct {
		const char *id, *mend;
	} table[] = {
		{ "EXPORTS_OPTION_UNKNOWN",
		  "remove or correct the option: exports(5) has the list" },
		{ "EXPORTS_OPTION_BAD", "correct the option's value" },
		{ "EXPORTS_OPTION_BLANK", "write the options without blanks: HOST(rw,sync)" },
		{ "EXPORTS_LIST_BAD",
		  "write client and options as one word without blanks: HOST(rw,sync)" },
		{ "EXPORTS_WORD_LONG",
		  "shorten the options, or move them to -OPTIONS before the client" },
		{ "EXPORTS_PATH_LONG", "name a shorter path" },
		{ "EXPORTS_PATH_EMPTY", "remove that line, or its carriage return" },
		{ "EXPORTS_QUOTE_OPEN", "close the quote" },
		{ "EXPORTS_WORLD", "write the client and its options as one word: HOST(rw)" },
		{ "EXPORTS_DUPLICATE", "remove one of the two" },
		{ "EXPORTS_HOST_ODD", "write the host or network that is meant" },
		{ "EXPORTS_NUMBER_WRAPS", "write a number of at most 4294967294" },
		{ "EXPORTS_FSID_TWICE", "keep one fsid=" },
		{ "EXPORTS_PATH_RELATIVE", "write the whole path, from / on" },
		{ "EXPORTS_PATH_ODD", "rename the directory" },
		{ "EXPORTS_BACKSLASH_END", "remove the backslash" },
		{ "EXPORTS_NAME_UNKNOWN", "write the address, or make the name resolve" },
	};

	for (size_t i = 0; i < GS_COUNT(table); i++)
		if (!strcmp(table[i].id, id))
			return table[i].mend;
	return "mend that line";
}

/* Where findings about lines go, and how many there were. */
struct tally {
	struct gs_draft *draft;
	size_t n;
};

static void warn_line(struct tally *tally, size_t d, size_t number, const char *id, const char *why)
{
	const char *file = tally->draft->facts->exports.v[d].path;

	if (tally->n++ < FLAWS_SHOWN_MAX)
		gs_findings_add(&tally->draft->plan.findings, GS_WARN, id, gs_line_mend(id),
				"%s:%zu: %s", file, number, why);
}

/* exportfs leaves such an export out and says 0. */
static void warn_names(struct tally *tally, size_t d)
{
	const struct gs_exports *doc = &tally->draft->docs.v[d];

	if (tally->draft->facts->names.silent)
		return;
	for (size_t i = 0; i < doc->n; i++) {
		const struct gs_hostspec *host = &doc->entry[i].host;
		const struct gs_strs *addrs = gs_draft_addrs(tally->draft, host->text);
		gs_autofree char *why = NULL;

		if (host->kind != GS_HOST_NAME || (addrs && addrs->n))
			continue;
		why = gs_printf("'%s' does not resolve: exportfs leaves this export out",
				host->text);
		warn_line(tally, d, doc->entry[i].number, "EXPORTS_NAME_UNKNOWN", why);
	}
}

/* Two files: /etc/exports is read before exports.d, and the first of two entries wins. */
static void warn_twins(struct tally *tally, size_t d, struct gs_keymap *seen)
{
	const struct gs_docs *docs = &tally->draft->docs;

	for (size_t i = 0; i < docs->v[d].n; i++) {
		const struct gs_export *entry = &docs->v[d].entry[i], *first;
		size_t k = gs_keymap_put(seen, entry->path, entry->host.text, d), at = 0;
		gs_autofree char *why = NULL;

		if (k == d)
			continue;
		/* It is looked for only where it will be shown. */
		first = tally->n < FLAWS_SHOWN_MAX
				? gs_exports_find(&docs->v[k], entry->path, &entry->host, &at)
				: NULL;
		why = gs_printf("'%s' is exported to '%s' by %s:%zu too", entry->path,
				entry->host.text, tally->draft->facts->exports.v[k].path,
				first ? first->number : 0);
		warn_line(tally, d, entry->number, "EXPORTS_DUPLICATE", why);
	}
}

void gs_draft_warn_lines(struct gs_draft *draft)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };
	struct tally tally = { .draft = draft };

	for (size_t d = 0; d < draft->docs.n; d++) {
		const struct gs_exports *doc = &draft->docs.v[d];

		for (size_t i = 0; i < doc->flaws; i++)
			warn_line(&tally, d, doc->flaw[i].number, doc->flaw[i].id,
				  doc->flaw[i].why);
		if (!draft->facts->offline)
			warn_names(&tally, d);
		warn_twins(&tally, d, &seen);
	}
	if (tally.n > FLAWS_SHOWN_MAX)
		gs_findings_add(&draft->plan.findings, GS_WARN, "EXPORTS_MORE", NULL,
				"%zu more lines of the exports files are not what they look like",
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
	return gs_strdup("the files of exports");
}

int gs_draft_check_silence(struct gs_draft *draft, struct gs_err *err)
{
	static const char mend[] = "write the address there, or make the name server answer";
	const char *name = draft->facts->names.silent;
	gs_autofree char *place = name ? place_of(draft, name) : NULL;
	bool applies = false;

	for (size_t i = 0; i < draft->plan.n; i++)
		applies |= draft->plan.v[i].kind == GS_STEP_APPLY_EXPORTS;
	if (!name)
		return 0;
	if (!applies) {
		gs_findings_add(&draft->plan.findings, GS_WARN, "NAME_SERVER_SILENT", mend,
				"%s: the name server does not answer for '%s'", place, name);
		return 0;
	}
	gs_err_set(err, ETIMEDOUT,
		   "%s: the name server does not answer for '%s': exportfs would wait for it, and "
		   "leave that export out",
		   place, name);
	gs_err_cause(err, "NAME_SERVER_SILENT");
	return gs_err_mend(err, "%s; then run this again", mend);
}
