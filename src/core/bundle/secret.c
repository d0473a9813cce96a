/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/bundle/secret.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

enum { URL_BYTES = 1024 }; /* as far as the user of a URL is looked for */

/* A name whose value is left out, without regard to case. */
static const struct {
	const char *word;
	bool anywhere; /* in a name: PGPASSWORD, SECRET_ID; else a word of its own, at its end */
} names[] = {
	{ "password", true },  { "passwd", true },	  { "passphrase", true },
	{ "bindpw", true },    { "credential", true },	  { "secret", true },
	{ "token", true },     { "authorization", true }, { "apikey", true },
	{ "pass", false },     { "pwd", false },	  { "user", false },
	{ "username", false }, { "cred", false },	  { "key", false },
};

/* A text that is read; all positions are at most len. */
struct reader {
	const char *text;
	size_t len, at;
	bool is_fresh;	 /* the line has had nothing but blanks, a comment's sign, "export" */
	bool in_comment; /* or behind another '#' */
	enum gs_secret_in in;
	struct gs_str *out;
};

static bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_of_name(char c)
{
	return is_letter(c) || c == '_' || c == '-' || c == '.';
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_end(char c)
{
	return is_blank(c) || c == '\n' || c == '\r' || c == '\0';
}

static bool has_at(const struct reader *r, size_t at, const char *word)
{
	size_t n = strlen(word);

	return r->len - at >= n && !memcmp(r->text + at, word, n);
}

/* Reads on to a position; what lies before it is kept. */
static void keep_to(struct reader *r, size_t at)
{
	gs_str_add(r->out, gs_span(r->text + r->at, at - r->at));
	r->at = at;
}

/* The same, and it is left out; nothing stands for nothing. */
static void leave_to(struct reader *r, size_t at)
{
	if (at > r->at)
		gs_str_adds(r->out, GS_SECRET_LEFT_OUT);
	r->at = at;
}

/* ---- where a value ends ---------------------------------------------------------------------- */

/* A backslash takes the next byte with it. */
static size_t after(const struct reader *r, size_t at, size_t end)
{
	return at + (r->text[at] == '\\' && end - at > 1 ? 2 : 1);
}

static size_t end_of_line(const struct reader *r, size_t at)
{
	while (at < r->len && r->text[at] != '\n')
		at = after(r, at, r->len);
	return at;
}

/* The quote that closes, or the end of the line where none does. */
static size_t end_of_quoted(const struct reader *r, size_t at, char quote)
{
	size_t end = end_of_line(r, at);

	while (at < end && r->text[at] != quote)
		at = after(r, at, end);
	return at;
}

static size_t end_of_word(const struct reader *r, size_t at)
{
	while (at < r->len && !is_end(r->text[at])) {
		char c = r->text[at];

		if (r->in == GS_SECRET_IN_OPTIONS && (c == ',' || c == ')'))
			return at;
		if (c == '"' || c == '\'')
			at = end_of_quoted(r, at + 1, c);
		/* A quote that nothing closes ends with its line. */
		if (at < r->len && r->text[at] != '\n')
			at = after(r, at, r->len);
	}
	return at;
}

/* Of the string of JSON that the position lies in. */
static size_t end_of_string(const struct reader *r, size_t at)
{
	while (at < r->len && r->text[at] != '"')
		at = after(r, at, r->len);
	return at;
}

/* @colon: the rest of the line, as in YAML; @name: where the name of the value begins */
static size_t end_of_value(const struct reader *r, size_t name, size_t at, bool colon)
{
	char before = '\0';

	if (r->in == GS_SECRET_IN_JSON)
		return end_of_string(r, at);
	if (name)
		before = r->text[name - 1];
	if (before == '"' || before == '\'')
		return end_of_quoted(r, at, before);
	return colon || r->is_fresh || r->in_comment ? end_of_line(r, at) : end_of_word(r, at);
}

/* ---- the rules: each reads on and says so, or does nothing ----------------------------------- */

static bool has_word(struct gs_span name, const char *word, bool anywhere)
{
	size_t n = strlen(word);

	for (size_t i = anywhere || name.len < n ? 0 : name.len - n; i + n <= name.len; i++)
		if (!strncasecmp(name.ptr + i, word, n) &&
		    (anywhere || !i || !is_letter(name.ptr[i - 1])))
			return true;
	return false;
}

static bool is_secret(struct gs_span name)
{
	for (size_t i = 0; i < GS_COUNT(names); i++)
		if (has_word(name, names[i].word, names[i].anywhere))
			return true;
	return false;
}

/* Where the value of a name begins; 0: it has none. */
static size_t find_value(const struct reader *r, size_t name, size_t end, bool *ret_colon)
{
	bool has_dashes = end - name > 2 && r->text[name] == '-' && r->text[name + 1] == '-';
	size_t at = end;

	*ret_colon = false;
	while (at < r->len && is_blank(r->text[at]))
		at++;
	if (at < r->len && r->text[at] == '=')
		at++;
	else if (at == end && r->len - at > 1 && r->text[at] == ':' && is_blank(r->text[at + 1]))
		*ret_colon = ++at;
	else if (!has_dashes || at == end)
		return 0;
	while (at < r->len && is_blank(r->text[at]))
		at++;
	return at;
}

static bool take_name(struct reader *r)
{
	size_t name = r->at, end = r->at, value = 0;
	bool colon = false;

	while (end < r->len && is_of_name(r->text[end]))
		end++;
	if (end == name)
		return false;
	if (is_secret(gs_span(r->text + name, end - name)))
		value = find_value(r, name, end, &colon);
	keep_to(r, value ? value : end);
	if (value)
		leave_to(r, end_of_value(r, name, value, colon));
	r->is_fresh &= gs_span_is_text(gs_span(r->text + name, end - name), "export");
	return true;
}

/* A port is no password: host:2049/a@b has no user. */
static bool is_host(struct gs_span part)
{
	struct gs_span host = { 0 };
	uint64_t port;

	gs_span_cut(&part, ':', &host);
	return !part.ptr || gs_span_number(part, UINT16_MAX, &port);
}

/* Up to the last '@': a password that is not escaped may have one, and a slash. */
static bool take_url(struct reader *r)
{
	static const char mark[] = "://";
	size_t begin = r->at + sizeof mark - 1, slash = 0, user = 0;
	bool colon = false, has_password = false;

	if (!has_at(r, r->at, mark))
		return false;
	for (size_t at = begin; at < r->len && at - begin < URL_BYTES; at++) {
		char c = r->text[at];

		if (is_end(c) || c == '"' || c == '\'')
			break;
		if (c == '/' && !slash)
			slash = at;
		colon |= c == ':';
		if (c == '@') {
			user = at;
			has_password = colon;
		}
	}
	keep_to(r, begin);
	if (slash && slash < user && is_host(gs_span(r->text + begin, slash - begin)))
		has_password = false;
	if (has_password)
		leave_to(r, user);
	return true;
}

/* A block without an end is left out as far as the text, or its string, goes. */
static bool take_pem(struct reader *r)
{
	static const char begins[] = "-----BEGIN ", ends[] = "-----END ";
	size_t at = r->at + sizeof begins - 1, end;

	if (!has_at(r, r->at, begins))
		return false;
	while (at < r->len && (is_letter(r->text[at]) || r->text[at] == ' '))
		at++;
	while (at < r->len && r->text[at] == '-')
		at++;
	keep_to(r, at);
	end = r->in == GS_SECRET_IN_JSON ? end_of_string(r, at) : r->len;
	while (at < end && !has_at(r, at, ends))
		at++;
	leave_to(r, at);
	/* Else its "-----END" were read as the name of an option. */
	keep_to(r, at < end ? at + sizeof ends - 1 : at);
	r->is_fresh = false;
	return true;
}

static void take_byte(struct reader *r)
{
	char c = r->text[r->at];

	keep_to(r, r->at + 1);
	r->in_comment |= c == '#';
	r->is_fresh &= is_blank(c) || c == '#' || c == ';';
	if (c != '\n')
		return;
	r->is_fresh = true;
	r->in_comment = false;
}

void gs_secrets_leave_out(struct gs_span text, enum gs_secret_in in, struct gs_str *out)
{
	static bool (*const rule[])(struct reader *) = { take_pem, take_url, take_name };
	struct reader r = {
		.text = text.ptr, .len = text.len, .is_fresh = true, .in = in, .out = out
	};

	while (r.at < r.len) {
		bool is_taken = false;

		for (size_t i = 0; i < GS_COUNT(rule) && !is_taken; i++)
			is_taken = rule[i](&r);
		if (!is_taken)
			take_byte(&r);
	}
}
