/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/exports/exports.h"
#include "core/exports/line.h"

/* Changes to lines of an exports document, together with the entries parsed from them. */

static const size_t ONE_UP = SIZE_MAX;

/* @by: how many lines down; ONE_UP is one up */
static void shift(struct gs_exports *doc, size_t from, size_t by)
{
	for (size_t e = gs_exports_first_of_line(doc, from); e < doc->n; e++)
		doc->entry[e].line += by;
	for (size_t m = 0; m < doc->marks; m++)
		if (doc->mark[m].line >= from)
			doc->mark[m].line += by;
}

void gs_exports_insert_line(struct gs_exports *doc, size_t i, struct gs_span bytes)
{
	shift(doc, i, 1);
	gs_textdoc_insert(&doc->text, i, bytes);
}

void gs_exports_drop_entries(struct gs_exports *doc, size_t i)
{
	size_t first = gs_exports_first_of_line(doc, i), end = gs_exports_first_of_line(doc, i + 1);

	for (size_t e = first; e < end; e++)
		gs_export_done(&doc->entry[e]);
	if (end > first) {
		memmove(doc->entry + first, doc->entry + end, (doc->n - end) * sizeof *doc->entry);
		memset(doc->entry + doc->n - (end - first), 0, (end - first) * sizeof *doc->entry);
	}
	doc->n -= end - first;
}

void gs_exports_remove_line(struct gs_exports *doc, size_t i)
{
	gs_exports_drop_entries(doc, i);
	for (size_t m = 0; m < doc->marks; m++)
		if (doc->mark[m].line == i) {
			free(doc->mark[m].path);
			memmove(doc->mark + m, doc->mark + m + 1,
				(doc->marks - m - 1) * sizeof *doc->mark);
			doc->marks--;
			break;
		}
	shift(doc, i + 1, ONE_UP);
	gs_textdoc_remove(&doc->text, i);
}

bool gs_exports_read_alone(struct gs_span bytes, struct gs_exports *ret_doc)
{
	struct gs_err err = { 0 };

	return gs_exports_parse(bytes, ret_doc, &err) == 0 && ret_doc->text.n <= 1 &&
	       !gs_exports_fatal(ret_doc);
}

/* Makes room for n entries at an index; the entries from there on move back. */
static void make_room(struct gs_exports *doc, size_t at, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		gs_grow(&doc->entry, doc->n, &doc->room, sizeof *doc->entry);
		doc->n++;
	}
	memmove(doc->entry + at + n, doc->entry + at, (doc->n - n - at) * sizeof *doc->entry);
}

/* Where the number of entries stays the same, no other entry is moved. */
void gs_exports_adopt_entries(struct gs_exports *doc, size_t i, struct gs_exports *line)
{
	size_t first = gs_exports_first_of_line(doc, i), end = gs_exports_first_of_line(doc, i + 1);
	size_t number = doc->text.line[i].number;

	if (end - first != line->n) {
		gs_exports_drop_entries(doc, i);
		make_room(doc, first, line->n);
		end = first;
	}
	for (size_t e = 0; e < line->n; e++) {
		struct gs_export entry = line->entry[e];

		entry.line = i;
		entry.number = number ? number + entry.number - 1 : 0;
		line->entry[e] = (struct gs_export){ 0 };
		if (end > first)
			gs_export_done(&doc->entry[first + e]);
		doc->entry[first + e] = entry;
	}
}

void gs_exports_insert_own(struct gs_exports *doc, size_t i, struct gs_exports *lines)
{
	size_t first = gs_exports_first_of_line(doc, i);

	shift(doc, i, lines->text.n);
	gs_textdoc_insert_all(&doc->text, i, &lines->text);
	make_room(doc, first, lines->n);
	for (size_t e = 0; e < lines->n; e++) {
		struct gs_export *entry = &doc->entry[first + e];

		*entry = lines->entry[e];
		lines->entry[e] = (struct gs_export){ 0 };
		entry->line += i;
		entry->number = 0;
		entry->is_managed = true;
	}
}

static bool is_same_entry(const struct gs_export *a, const struct gs_export *b)
{
	return !strcmp(a->path, b->path) && gs_hostspec_is_same(&a->host, &b->host) &&
	       gs_exportopts_is_same(&a->opts, &b->opts);
}

/*
 * Through order, -defaults and quoting of a hand-written line an edit can change another entry of
 * it: such a line is not edited.
 */
int gs_exports_replace_line(struct gs_exports *doc, size_t entry, bool gone, struct gs_span bytes,
			    struct gs_err *err)
{
	GS_AUTO(gs_exports_done) struct gs_exports line = { 0 };
	size_t i = doc->entry[entry].line;
	size_t first = gs_exports_first_of_line(doc, i), end = gs_exports_first_of_line(doc, i + 1);
	bool alone, managed,
		good = gs_exports_read_alone(bytes, &line) && line.n + gone == end - first;

	for (size_t e = first, k = 0; good && e < end; e++) {
		if (e == entry && gone)
			continue;
		if (e == entry)
			good = gs_hostspec_is_same(&doc->entry[e].host, &line.entry[k].host);
		else
			good = is_same_entry(&doc->entry[e], &line.entry[k]);
		k++;
	}
	if (!good)
		return gs_err_set(err, ENOTSUP,
				  "line %zu cannot be edited without touching its other entries",
				  gs_exports_line_number(doc, &doc->entry[entry]));
	/* A line with one client and other options stays in its block. */
	alone = !gone && end - first == 1 && doc->entry[entry].word_len;
	managed = doc->entry[entry].is_managed;
	gs_textdoc_set(&doc->text, i, bytes);
	gs_exports_adopt_entries(doc, i, &line);
	if (alone)
		doc->entry[entry].is_managed = managed;
	else
		gs_exports_find_blocks(doc);
	return 0;
}
