/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/lines.h"

#include <errno.h>
#include <string.h>

#include "base/strmap.h"
#include "core/check/check.h"

/* A client that lost its options to everyone is a failure; what else is odd only looks wrong. */
static enum gs_severity most_of(const struct gs_exports_flaw *flaw)
{
	return strcmp(flaw->id, "EXPORTS_CLIENT_BLANK") ? GS_WARN : GS_FAIL;
}

/* An entry, and the file that it is in. */
struct stand {
	const struct gs_export *entry;
	size_t d;
};

static struct stand *list_entries(const struct gs_files *files, const struct gs_docs *docs,
				  size_t *ret_n)
{
	struct stand *list;
	size_t room = 0, n = 0;

	for (size_t d = 0; d < docs->n; d++)
		room += docs->v[d].n;
	list = gs_alloc((room + 1) * sizeof *list);
	for (size_t k = 0; k < docs->n; k++) {
		size_t d = gs_docs_at(files, k);

		for (size_t i = 0; i < docs->v[d].n; i++)
			list[n++] = (struct stand){ &docs->v[d].entry[i], d };
	}
	*ret_n = n;
	return list;
}

void gs_lines_twins(const struct gs_files *files, const struct gs_docs *docs, const char *path,
		    bool (*each)(void *, size_t, const struct gs_exports_flaw *), void *arg)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };
	bool going = true;
	size_t n;
	gs_autofree struct stand *list = list_entries(files, docs, &n);

	for (size_t i = 0; i < n && going; i++) {
		const struct gs_export *entry = list[i].entry;
		GS_AUTO(gs_exports_flaw_done) struct gs_exports_flaw flaw = { 0 };
		const struct stand *first;
		bool apart;

		if (path && strcmp(entry->path, path) != 0)
			continue;
		first = &list[gs_keymap_put(&seen, entry->path, entry->host.text, i)];
		if (first->d == list[i].d)
			continue;
		apart = gs_exports_are_apart(gs_exports_host(&docs->v[first->d], first->entry),
					     gs_exports_host(&docs->v[list[i].d], entry));
		flaw = (struct gs_exports_flaw){
			.number = entry->number,
			.id = "EXPORTS_DUPLICATE",
			.why = gs_printf("'%s' is exported to '%s' by %s:%zu too%s", entry->path,
					 entry->host.text, files->v[first->d].path,
					 first->entry->number, apart ? "" : ", which counts"),
			.script = apart ? NULL
					: gs_exports_script_alone(&docs->v[list[i].d], entry),
		};
		going = each(arg, list[i].d, &flaw);
	}
}

struct judging {
	const struct gs_files *files;
	struct gs_findings *findings;
	size_t failures;
};

static bool judge(void *arg, size_t d, const struct gs_exports_flaw *flaw)
{
	struct judging *judging = arg;
	struct gs_line_fact line;
	const struct gs_facts facts = { .line = &line };

	gs_line_of(&judging->files->v[d], flaw, &line);
	judging->failures += gs_checks_run(&facts, most_of(flaw), judging->findings);
	return true;
}

size_t gs_lines_judge(const struct gs_files *files, const struct gs_docs *docs, const char *path,
		      struct gs_findings *findings)
{
	struct judging judging = { files, findings, 0 };

	for (size_t d = 0; d < docs->n; d++)
		for (size_t i = 0; i < docs->v[d].flaws; i++) {
			const struct gs_exports_flaw *flaw = &docs->v[d].flaw[i];

			if (!flaw->is_fatal && flaw->path && !strcmp(flaw->path, path))
				judge(&judging, d, flaw);
		}
	gs_lines_twins(files, docs, path, judge, &judging);
	return judging.failures;
}

int gs_lines_refuse(const struct gs_files *files, const struct gs_docs *docs, const char *tree,
		    struct gs_err *err)
{
	for (size_t d = 0; d < docs->n; d++) {
		const struct gs_exports_flaw *flaw = gs_exports_fatal(&docs->v[d]);
		GS_AUTO(gs_findings_done) struct gs_findings none = { 0 };
		struct gs_line_fact line;
		const struct gs_facts facts = { .line = &line };

		if (!flaw)
			continue;
		gs_line_of(&files->v[d], flaw, &line);
		line.tree = tree;
		gs_checks_refuse(&facts, &none, err);
		return err->code = -EBADMSG;
	}
	return 0;
}
