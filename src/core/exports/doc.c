/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/doc.h"

#include <stdlib.h>
#include <string.h>

void gs_export_done(struct gs_export *entry)
{
	free(entry->path);
	free(entry->defaults);
	gs_hostspec_done(&entry->host);
	gs_exportopts_done(&entry->opts);
	*entry = (struct gs_export){ 0 };
}

void gs_exports_flaw_done(struct gs_exports_flaw *flaw)
{
	free(flaw->why);
	free(flaw->path);
	free(flaw->host);
	free(flaw->script);
	free(flaw->like);
	free(flaw->like_script);
	*flaw = (struct gs_exports_flaw){ 0 };
}

void gs_exports_done(struct gs_exports *doc)
{
	for (size_t i = 0; i < doc->n; i++)
		gs_export_done(&doc->entry[i]);
	for (size_t i = 0; i < doc->marks; i++)
		free(doc->mark[i].path);
	for (size_t i = 0; i < doc->flaws; i++)
		gs_exports_flaw_done(&doc->flaw[i]);
	free(doc->entry);
	free(doc->mark);
	free(doc->flaw);
	gs_textdoc_done(&doc->text);
	*doc = (struct gs_exports){ 0 };
}

size_t gs_exports_first_of_line(const struct gs_exports *doc, size_t i)
{
	size_t low = 0, high = doc->n;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (doc->entry[middle].line < i)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool gs_exports_is_own_line(const struct gs_exports *doc, size_t i, const char *path)
{
	size_t e = gs_exports_first_of_line(doc, i);

	return e < doc->n && doc->entry[e].line == i && doc->entry[e].word_len &&
	       !doc->entry[e].defaults && !strcmp(doc->entry[e].path, path) &&
	       (e + 1 == doc->n || doc->entry[e + 1].line != i);
}

void gs_exports_render(const struct gs_exports *doc, struct gs_str *out)
{
	gs_textdoc_render(&doc->text, out);
}

const struct gs_exports_flaw *gs_exports_fatal(const struct gs_exports *doc)
{
	for (size_t i = 0; i < doc->flaws; i++)
		if (doc->flaw[i].is_fatal)
			return &doc->flaw[i];
	return NULL;
}

const struct gs_exports_flaw *gs_exports_blank(const struct gs_exports *doc, const char *path)
{
	for (size_t i = 0; i < doc->flaws; i++)
		if (!strcmp(doc->flaw[i].id, "EXPORTS_CLIENT_BLANK") &&
		    !strcmp(doc->flaw[i].path, path))
			return &doc->flaw[i];
	return NULL;
}

struct gs_span gs_exports_host(const struct gs_exports *doc, const struct gs_export *entry)
{
	return gs_span(doc->text.line[entry->line].bytes.ptr + entry->word_at, entry->host_len);
}

struct gs_span gs_exports_options(const struct gs_exports *doc, const struct gs_export *entry)
{
	return gs_span(doc->text.line[entry->line].bytes.ptr + entry->opts_at, entry->opts_len);
}

static size_t count_newlines(struct gs_span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.len; i++)
		n += text.ptr[i] == '\n';
	return n;
}

size_t gs_exports_line_number(const struct gs_exports *doc, const struct gs_export *entry)
{
	size_t number = 1;

	for (size_t i = 0; i < entry->line; i++)
		number += count_newlines(doc->text.line[i].bytes);
	return number +
	       count_newlines(gs_span(doc->text.line[entry->line].bytes.ptr, entry->word_at));
}

size_t *gs_exports_line_numbers(const struct gs_exports *doc)
{
	size_t *number = gs_alloc(doc->n * sizeof *number);
	size_t line = 0, first = 1;

	for (size_t e = 0; e < doc->n; e++) {
		const struct gs_export *entry = &doc->entry[e];

		for (; line < entry->line; line++)
			first += count_newlines(doc->text.line[line].bytes);
		number[e] = first +
			    count_newlines(gs_span(doc->text.line[line].bytes.ptr, entry->word_at));
	}
	return number;
}

const struct gs_export *gs_exports_find(const struct gs_exports *doc, const char *path,
					const struct gs_hostspec *host, size_t *at)
{
	for (; *at < doc->n; ++*at) {
		const struct gs_export *entry = &doc->entry[*at];

		if ((!host || gs_hostspec_is_same(&entry->host, host)) &&
		    !strcmp(entry->path, path)) {
			++*at;
			return entry;
		}
	}
	return NULL;
}

bool gs_exports_is_marked(const struct gs_exports *doc, const char *path)
{
	for (size_t i = 0; i < doc->marks; i++)
		if (!strcmp(doc->mark[i].path, path))
			return true;
	return false;
}
