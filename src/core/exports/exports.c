/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/exports.h"

#include <stdlib.h>
#include <string.h>

#include "base/strmap.h"
#include "core/exports/line.h"
#include "core/exports/script.h"

char *gs_exports_script_alone(const struct gs_exports *doc, const struct gs_export *entry)
{
	struct gs_span bytes = doc->text.line[entry->line].bytes;
	const char *end = memchr(bytes.ptr, '\n', bytes.len);
	gs_autofree char *host = gs_span_dup(gs_exports_host(doc, entry));

	if (!gs_exports_is_own_line(doc, entry->line, entry->path) || !entry->has_options ||
	    (end && end + 1 < bytes.ptr + bytes.len))
		return NULL;
	return gs_exports_script_drop(entry->number, host);
}

void gs_exports_find_blocks(struct gs_exports *doc)
{
	const char *path = NULL;
	size_t e = 0;

	for (size_t k = 0; k < doc->n; k++)
		doc->entry[k].is_managed = false;
	for (size_t i = 0, m = 0; i < doc->text.n; i++) {
		if (m < doc->marks && doc->mark[m].line == i) {
			path = doc->mark[m++].path;
			continue;
		}
		while (e < doc->n && doc->entry[e].line < i)
			e++;
		if (path && gs_exports_is_own_line(doc, i, path))
			doc->entry[e].is_managed = true;
		else if (!gs_exports_parse_name(doc->text.line[i].bytes).len)
			path = NULL;
	}
}

bool gs_exports_are_apart(struct gs_span a, struct gs_span b)
{
	return !gs_span_is(a, b) && (memchr(a.ptr, '/', a.len) || memchr(b.ptr, '/', b.len));
}

static void add_duplicate(struct gs_exports *doc, const struct gs_export *first,
			  const struct gs_export *second)
{
	bool apart = gs_exports_are_apart(gs_exports_host(doc, first),
					  gs_exports_host(doc, second));
	gs_autostr struct gs_str why = { 0 };

	gs_str_addc(&why, '\'');
	gs_str_add_safe(&why, gs_span_of(second->path));
	gs_str_adds(&why, "' is exported to '");
	gs_str_add_safe(&why, gs_span_of(second->host.text));
	gs_str_addf(&why, "' twice; the entry on line %zu comes first%s", first->number,
		    apart ? "" : ", and counts");
	gs_grow(&doc->flaw, doc->flaws, &doc->flaw_room, sizeof *doc->flaw);
	doc->flaw[doc->flaws++] = (struct gs_exports_flaw){
		.number = second->number,
		.id = "EXPORTS_DUPLICATE",
		.why = gs_strdup(why.ptr),
		.path = gs_strdup(second->path),
		.script = apart ? NULL : gs_exports_script_alone(doc, second),
	};
}

/* exportfs keeps the first of two entries with one path and client. */
static void find_duplicates(struct gs_exports *doc)
{
	GS_AUTO(gs_keymap_done) struct gs_keymap seen = { 0 };

	for (size_t e = 0; e < doc->n; e++) {
		const struct gs_export *entry = &doc->entry[e];
		size_t first = gs_keymap_put(&seen, entry->path, entry->host.text, e);

		if (first != e)
			add_duplicate(doc, &doc->entry[first], entry);
	}
}

int gs_exports_parse(struct gs_span text, struct gs_exports *doc, struct gs_err *err)
{
	struct gs_exports d = { 0 };
	bool going = true;

	if (gs_textdoc_parse(text, true, &d.text, err) < 0)
		return err->code;
	for (size_t i = 0; i < d.text.n && going; i++) {
		char *path = gs_exports_parse_mark(d.text.line[i].bytes);

		if (path) {
			gs_grow(&d.mark, d.marks, &d.mark_room, sizeof *d.mark);
			d.mark[d.marks++] = (struct gs_exports_mark){ .line = i, .path = path };
		}
		going = gs_exports_parse_line(&d, i);
	}
	gs_exports_find_blocks(&d);
	find_duplicates(&d);
	*doc = d;
	return 0;
}

struct gs_span gs_exports_name(const struct gs_exports *doc, const struct gs_export *entry)
{
	if (!entry->is_managed || !entry->line)
		return gs_span(NULL, 0);
	return gs_exports_parse_name(doc->text.line[entry->line - 1].bytes);
}
