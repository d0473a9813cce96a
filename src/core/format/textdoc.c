/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/textdoc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The position of a byte in a line of exports(5). */
enum place { BETWEEN, IN_WORD, IN_QUOTES, IN_COMMENT };

/*
 * The position after a byte, as exportfs reads it (measured with nfs-utils 2.6.2): '#' opens
 * a comment only where a word would begin, and a comment always ends with its physical line; a
 * quoted newline belongs to the word.
 */
static enum place step(enum place place, char c)
{
	switch (place) {
	case BETWEEN:
		if (c == '#')
			return IN_COMMENT;
		if (c == ' ' || (c >= '\t' && c <= '\r') || !c)
			return BETWEEN;
		return c == '"' ? IN_QUOTES : IN_WORD;
	case IN_WORD:
		if (c == ' ' || (c >= '\t' && c <= '\r'))
			return BETWEEN;
		return c == '"' ? IN_QUOTES : IN_WORD;
	case IN_QUOTES:
		return c == '"' ? IN_WORD : IN_QUOTES;
	case IN_COMMENT:
		return IN_COMMENT;
	}
	__builtin_unreachable();
}

/*
 * The length of the first logical line of exports(5). A newline is joined when the byte before it
 * is a backslash; two backslashes do not cancel out: xgetc() looks at one character at a time.
 */
static size_t exports_line(struct gs_span text, enum place *ret_place)
{
	enum place place = BETWEEN;
	size_t i = 0;

	while (i < text.len) {
		if (text.ptr[i] == '\\' && i + 1 < text.len && text.ptr[i + 1] == '\n' &&
		    place != IN_COMMENT) {
			place = place == IN_QUOTES ? IN_QUOTES : BETWEEN;
			i += 2;
			continue;
		}
		if (text.ptr[i] == '\n' && place != IN_QUOTES) {
			i++;
			break;
		}
		place = step(place, text.ptr[i++]);
	}
	*ret_place = place;
	return i;
}

static size_t count_newlines(struct gs_span text)
{
	size_t n = 0;

	for (const char *at = text.ptr; text.len && (at = memchr(at, '\n', text.len)); at++) {
		text = gs_span_from(text, (size_t)(at - text.ptr) + 1);
		n++;
	}
	return n;
}

/* The first line of rest. */
static struct gs_span take_line(struct gs_span rest, bool continues)
{
	const char *end = memchr(rest.ptr, '\n', rest.len);
	struct gs_span line = end ? gs_span(rest.ptr, (size_t)(end - rest.ptr) + 1) : rest;
	enum place place;

	/* Only a backslash or a quote joins the next line to this one. */
	if (!continues || !(memchr(line.ptr, '\\', line.len) || memchr(line.ptr, '"', line.len)))
		return line;
	return gs_span(rest.ptr, exports_line(rest, &place));
}

int gs_textdoc_parse(struct gs_span text, bool continues, struct gs_textdoc *doc,
		     struct gs_err *err)
{
	struct gs_textdoc d = { .continues = continues };
	struct gs_span rest;
	size_t number = 1;

	if (text.len > GS_TEXTDOC_MAX_BYTES)
		return gs_err_set(err, EFBIG, "its %zu bytes exceed the limit of %d", text.len,
				  GS_TEXTDOC_MAX_BYTES);
	gs_str_add(&d.source, text);
	d.has_nul = gs_span_has_nul(text);
	rest = gs_str_span(&d.source);
	while (rest.len) {
		struct gs_span bytes = take_line(rest, continues);

		gs_grow(&d.line, d.n, &d.room, sizeof *d.line);
		d.line[d.n++] = (struct gs_textline){ .bytes = bytes, .number = number };
		number += count_newlines(bytes);
		rest = gs_span_from(rest, bytes.len);
	}
	*doc = d;
	return 0;
}

static void line_done(struct gs_textline *line)
{
	if (line->owned)
		free((void *)(uintptr_t)line->bytes.ptr);
	*line = (struct gs_textline){ 0 };
}

void gs_textdoc_done(struct gs_textdoc *doc)
{
	for (size_t i = 0; i < doc->n; i++)
		line_done(&doc->line[i]);
	free(doc->line);
	gs_str_done(&doc->source);
	*doc = (struct gs_textdoc){ 0 };
}

bool gs_textdoc_is_editable(const struct gs_textdoc *doc)
{
	return !doc->has_nul;
}

void gs_textdoc_set(struct gs_textdoc *doc, size_t i, struct gs_span bytes)
{
	struct gs_textline line = {
		.bytes = gs_span(gs_span_dup(bytes), bytes.len),
		.number = doc->line[i].number,
		.owned = true,
	};

	line_done(&doc->line[i]);
	doc->line[i] = line;
}

/* Adds the newline that line i lacks, and a second one where the first would be joined. */
static void close_line(struct gs_textdoc *doc, size_t i)
{
	struct gs_span bytes = doc->line[i].bytes;
	gs_autostr struct gs_str closed = { 0 };
	bool ended = bytes.len && bytes.ptr[bytes.len - 1] == '\n';
	size_t text = bytes.len - ended;
	enum place place = IN_COMMENT;

	if (doc->continues)
		exports_line(gs_span(bytes.ptr, text), &place);
	gs_str_add(&closed, bytes);
	if (!ended)
		gs_str_addc(&closed, '\n');
	if (place != IN_COMMENT && text && bytes.ptr[text - 1] == '\\')
		gs_str_addc(&closed, '\n');
	if (closed.len != bytes.len)
		gs_textdoc_set(doc, i, gs_str_span(&closed));
}

/* Makes room for n lines before line i, without bytes yet. */
static void make_room(struct gs_textdoc *doc, size_t i, size_t n)
{
	if (i > 0)
		close_line(doc, i - 1);
	for (size_t k = 0; k < n; k++)
		gs_grow(&doc->line, doc->n + k, &doc->room, sizeof *doc->line);
	memmove(doc->line + i + n, doc->line + i, (doc->n - i) * sizeof *doc->line);
	doc->n += n;
}

static void put_line(struct gs_textdoc *doc, size_t i, struct gs_span bytes)
{
	doc->line[i] = (struct gs_textline){
		.bytes = gs_span(gs_span_dup(bytes), bytes.len),
		.owned = true,
	};
}

void gs_textdoc_insert(struct gs_textdoc *doc, size_t i, struct gs_span bytes)
{
	make_room(doc, i, 1);
	put_line(doc, i, bytes);
}

void gs_textdoc_insert_all(struct gs_textdoc *doc, size_t i, const struct gs_textdoc *lines)
{
	make_room(doc, i, lines->n);
	for (size_t k = 0; k < lines->n; k++)
		put_line(doc, i + k, lines->line[k].bytes);
}

void gs_textdoc_remove(struct gs_textdoc *doc, size_t i)
{
	line_done(&doc->line[i]);
	doc->n--;
	memmove(doc->line + i, doc->line + i + 1, (doc->n - i) * sizeof *doc->line);
}

void gs_textdoc_render(const struct gs_textdoc *doc, struct gs_str *out)
{
	for (size_t i = 0; i < doc->n; i++)
		gs_str_add(out, doc->line[i].bytes);
}
