/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/envcompose.h"

#include <stdbool.h>
#include <string.h>

struct reader {
	struct gs_span rest;
	size_t line;
	const char *why; /* it refuses the file; NULL: not so far */
};

/* The blanks within a line. */
static bool is_inner(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

static void skip_line(struct reader *r)
{
	while (r->rest.len && r->rest.ptr[0] != '\n')
		r->rest = gs_span_from(r->rest, 1);
}

static void skip_inner(struct reader *r)
{
	while (r->rest.len && is_inner(r->rest.ptr[0]))
		r->rest = gs_span_from(r->rest, 1);
}

static void skip_to_statement(struct reader *r)
{
	while (r->rest.len) {
		char c = r->rest.ptr[0];

		if (c == '#') {
			skip_line(r);
			continue;
		}
		if (!is_inner(c) && c != '\n')
			return;
		r->line += c == '\n';
		r->rest = gs_span_from(r->rest, 1);
	}
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (unsigned char)c >= 0x80 || strchr("_.-[]", c);
}

/* Returns the separator: '=', ':', or '\n' for a name without a value. */
static char take_name(struct reader *r, struct gs_span *ret)
{
	struct gs_span name = { 0 };
	char end = '=';
	size_t n = 0;

	if (gs_span_has_prefix(r->rest, "export") && r->rest.len > 6 && is_inner(r->rest.ptr[6])) {
		r->rest = gs_span_from(r->rest, 6);
		skip_inner(r);
	}
	while (n < r->rest.len && (is_inner(r->rest.ptr[n]) || is_of_name(r->rest.ptr[n])))
		n++;
	if (n < r->rest.len) {
		end = r->rest.ptr[n];
		name = gs_span_trim(gs_span(r->rest.ptr, n));
		r->rest = gs_span_from(r->rest, n + 1);
	}
	if (!strchr("=:\n", end) || !end)
		r->why = "a name has a character that is not allowed there";
	else if (name.len && memchr(name.ptr, ' ', name.len))
		r->why = "a name has a blank";
	*ret = name;
	return end;
}

static bool has_open_variable(struct gs_span value)
{
	const char *at = value.len ? memmem(value.ptr, value.len, "${", 2) : NULL;

	return at && !memchr(at, '}', (size_t)(value.ptr + value.len - at));
}

static struct gs_span take_quoted(struct reader *r, char quote)
{
	size_t lines = 0;
	bool escaped = false;

	for (size_t i = 1; i < r->rest.len; i++) {
		char c = r->rest.ptr[i];
		struct gs_span value = gs_span(r->rest.ptr + 1, i - 1);

		lines += c == '\n';
		if (c == quote && !escaped) {
			r->rest = gs_span_from(r->rest, i + 1);
			if (quote == '"' && has_open_variable(value))
				r->why = "a '${' has no end";
			r->line += r->why ? 0 : lines;
			return value;
		}
		escaped = c == '\\' && !escaped;
	}
	r->why = "a quote is never closed";
	return gs_span(NULL, 0);
}

static struct gs_span take_value(struct reader *r)
{
	struct gs_span value;
	const char *comment;

	if (r->rest.len && (r->rest.ptr[0] == '"' || r->rest.ptr[0] == '\''))
		return take_quoted(r, r->rest.ptr[0]);
	value = r->rest;
	skip_line(r);
	value.len -= r->rest.len;
	comment = value.len ? memmem(value.ptr, value.len, " #", 2) : NULL;
	if (comment)
		value.len = (size_t)(comment - value.ptr);
	while (value.len && is_inner(value.ptr[value.len - 1]))
		value.len--;
	if (has_open_variable(value))
		r->why = "a '${' has no end";
	return value;
}

size_t gs_envcompose_find(struct gs_span text, const char *key, struct gs_span *ret_value,
			  size_t *ret_line, const char **ret_why)
{
	struct reader r = { .rest = text, .line = 1 };
	struct gs_span found = { 0 }, name, value;
	size_t at = 0;

	if (gs_span_has_prefix(text, "\xef\xbb\xbf"))
		r.rest = gs_span_from(text, 3);
	for (skip_to_statement(&r); r.rest.len; skip_to_statement(&r)) {
		size_t line = r.line;
		char end = take_name(&r, &name);

		if (!r.why && end == '\n') {
			r.line++;
			continue;
		}
		if (!r.why) {
			skip_inner(&r);
			value = take_value(&r);
		}
		if (r.why) {
			*ret_why = r.why;
			return line;
		}
		if (gs_span_is_text(name, key)) {
			found = value;
			at = line;
		}
	}
	*ret_value = found;
	*ret_line = at;
	return 0;
}
