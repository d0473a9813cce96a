/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/word.h"

#include <string.h>

/* isspace() of the C locale. */
static bool is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_octal(char c)
{
	return c >= '0' && c <= '7';
}

/* The value of the escape \ooo at s; -1 if there is none. */
static int octal_at(const char *s)
{
	int value;

	if (s[0] != '\\' || !is_octal(s[1]) || !is_octal(s[2]) || !is_octal(s[3]))
		return -1;
	value = (s[1] - '0') << 6 | (s[2] - '0') << 3 | (s[3] - '0');
	return value < 256 ? value : -1;
}

bool gs_exports_reads_twice(struct gs_span text)
{
	for (size_t i = 0; i + 4 <= text.len; i++)
		if (octal_at(text.ptr + i) >= 0)
			return true;
	return false;
}

static bool is_joint(struct gs_span line, size_t at)
{
	return line.ptr[at] == '\\' && at + 1 < line.len && line.ptr[at + 1] == '\n';
}

/* xgetc() gives one space for a continuation and the blanks that follow it. */
static size_t skip_joint(struct gs_span line, size_t at)
{
	at += 2;
	while (at < line.len && (line.ptr[at] == ' ' || line.ptr[at] == '\t'))
		at++;
	return at;
}

/* xskip(" \t"): its strchr() matches NUL too. A lone backslash at the file's end is skipped. */
static size_t skip_blanks(struct gs_span line, size_t at)
{
	while (at < line.len) {
		char c = line.ptr[at];

		if (is_joint(line, at))
			at = skip_joint(line, at);
		else if (c == ' ' || c == '\t' || !c || (c == '\\' && at + 1 == line.len))
			at++;
		else
			break;
	}
	return at;
}

static void add_byte(struct gs_exports_word *word, char c)
{
	struct gs_str *text = &word->text;
	int value;

	gs_str_addc(text, c);
	value = text->len >= 4 ? octal_at(text->ptr + text->len - 4) : -1;
	if (value < 0)
		return;
	text->len -= 4;
	gs_str_addc(text, (char)value);
}

/* xgettok() of a word that has quotes or backslashes. */
static enum gs_word take_odd_word(struct gs_span line, size_t *at, size_t max,
				  struct gs_exports_word *word)
{
	bool quoted = false;
	size_t i = word->at;

	while (i < line.len && word->text.len <= max) {
		char c = line.ptr[i];

		if (!quoted && (is_space(c) || is_joint(line, i)))
			break;
		if (is_joint(line, i)) {
			i = skip_joint(line, i);
			add_byte(word, ' ');
			continue;
		}
		i++;
		if (c == '"')
			quoted = !quoted;
		else
			add_byte(word, c);
	}
	word->len = i - word->at;
	word->is_plain = false;
	*at = i;
	if (word->text.len > max)
		return GS_WORD_LONG;
	if (quoted)
		return GS_WORD_OPEN;
	return word->text.len ? GS_WORD_OK : GS_WORD_EMPTY;
}

enum gs_word gs_exports_next_word(struct gs_span line, size_t *at, size_t max,
				  struct gs_exports_word *word)
{
	size_t i = skip_blanks(line, *at);
	enum gs_word found = GS_WORD_OK;

	word->at = i;
	word->text.len = 0;
	word->len = 0;
	word->is_plain = true;
	while (i < line.len && !is_space(line.ptr[i]) && line.ptr[i] != '"' &&
	       line.ptr[i] != '\\' && !(i == word->at && line.ptr[i] == '#') && i - word->at <= max)
		i++;
	if (i == word->at && (i == line.len || line.ptr[i] == '\n' || line.ptr[i] == '#')) {
		*at = line.len;
		return GS_WORD_END;
	}
	if (i < line.len && (line.ptr[i] == '"' || line.ptr[i] == '\\')) {
		found = take_odd_word(line, at, max, word);
		i = *at;
	} else {
		word->len = i - word->at;
		gs_str_add(&word->text, gs_span(line.ptr + word->at, word->len));
		if (word->len > max)
			found = GS_WORD_LONG;
		else if (!word->len)
			found = GS_WORD_EMPTY;
	}
	if (i < line.len && found != GS_WORD_LONG && is_joint(line, i))
		i = skip_joint(line, i);
	else if (i < line.len && line.ptr[i] != '\n' && is_space(line.ptr[i]))
		i++;
	*at = i;
	return found;
}

void gs_exports_word_done(struct gs_exports_word *word)
{
	gs_str_done(&word->text);
	*word = (struct gs_exports_word){ 0 };
}

void gs_exports_escape(struct gs_span text, struct gs_str *out)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.ptr[i];

		if (c <= ' ' || c == 0x7f || c == '"' || c == '#' || c == '\\')
			gs_str_addf(out, "\\%03o", c);
		else
			gs_str_addc(out, text.ptr[i]);
	}
}

char *gs_exports_clean_path(const char *path)
{
	char *clean = gs_strdup(path);
	size_t len = 0;

	if (path[0] != '/')
		return clean;
	for (size_t i = 0; path[i];) {
		bool slash = path[i] == '/';

		clean[len++] = path[i++];
		while (slash &&
		       (path[i] == '/' || (path[i] == '.' && (path[i + 1] == '/' || !path[i + 1]))))
			i++;
	}
	while (len > 1 && clean[len - 1] == '/')
		len--;
	clean[len] = '\0';
	return clean;
}
