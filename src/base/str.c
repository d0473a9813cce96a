/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/str.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void out_of_memory(void)
{
	static const char text[] = "gshare: out of memory\n";

	/* Plans are complete before the first effect, so dying here loses nothing. */
	if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
		abort();
	abort();
}

void *gs_alloc(size_t size)
{
	void *ptr = calloc(1, size ? size : 1);

	if (!ptr)
		out_of_memory();
	return ptr;
}

void *gs_realloc(void *ptr, size_t size)
{
	ptr = realloc(ptr, size ? size : 1);
	if (!ptr)
		out_of_memory();
	return ptr;
}

void *gs_dup(const void *ptr, size_t size)
{
	void *copy = gs_alloc(size);

	if (size)
		memcpy(copy, ptr, size);
	return copy;
}

char *gs_strdup(const char *text)
{
	return gs_dup(text, strlen(text) + 1);
}

char *gs_printf(const char *fmt, ...)
{
	char *text;
	va_list ap;

	va_start(ap, fmt);
	text = gs_vprintf(fmt, ap);
	va_end(ap);
	return text;
}

char *gs_vprintf(const char *fmt, va_list ap)
{
	char *text;

	if (vasprintf(&text, fmt, ap) < 0)
		out_of_memory();
	return text;
}

void gs_free_indirect(void *ptr_to_ptr)
{
	void *ptr;

	memcpy(&ptr, ptr_to_ptr, sizeof ptr);
	free(ptr);
}

void gs_grow(void *array, size_t n, size_t *room, size_t element_size)
{
	char *base;
	size_t more;

	if (n < *room)
		return;
	if (*room > SIZE_MAX / 2 / element_size)
		out_of_memory();
	more = *room ? *room * 2 : 4;
	memcpy(&base, array, sizeof base);
	base = gs_realloc(base, more * element_size);
	memset(base + *room * element_size, 0, (more - *room) * element_size);
	memcpy(array, &base, sizeof base);
	*room = more;
}

struct gs_span gs_span_of(const char *text)
{
	return gs_span(text, text ? strlen(text) : 0);
}

struct gs_span gs_str_span(const struct gs_str *str)
{
	return gs_span(str->ptr, str->len);
}

bool gs_span_is(struct gs_span a, struct gs_span b)
{
	return a.len == b.len && (!a.len || !memcmp(a.ptr, b.ptr, a.len));
}

bool gs_span_is_text(struct gs_span a, const char *text)
{
	return gs_span_is(a, gs_span_of(text));
}

bool gs_span_has_prefix(struct gs_span a, const char *prefix)
{
	size_t len = strlen(prefix);

	return a.len >= len && gs_span_is(gs_span(a.ptr, len), gs_span(prefix, len));
}

bool gs_span_has_nul(struct gs_span a)
{
	return a.len && memchr(a.ptr, '\0', a.len);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct gs_span gs_span_trim(struct gs_span a)
{
	while (a.len && is_blank(a.ptr[0])) {
		a.ptr++;
		a.len--;
	}
	while (a.len && is_blank(a.ptr[a.len - 1]))
		a.len--;
	return a;
}

struct gs_span gs_span_from(struct gs_span a, size_t at)
{
	/* NULL plus nothing is undefined in C. */
	return a.ptr ? gs_span(a.ptr + at, a.len - at) : gs_span("", 0);
}

char *gs_span_dup(struct gs_span a)
{
	char *text = gs_alloc(a.len + 1);

	if (a.len)
		memcpy(text, a.ptr, a.len);
	return text;
}

bool gs_span_cut(struct gs_span *rest, char separator, struct gs_span *ret_part)
{
	const char *end;

	if (!rest->ptr)
		return false;
	end = rest->len ? memchr(rest->ptr, separator, rest->len) : NULL;
	if (!end) {
		*ret_part = *rest;
		*rest = gs_span(NULL, 0);
		return true;
	}
	*ret_part = gs_span(rest->ptr, (size_t)(end - rest->ptr));
	*rest = gs_span_from(*rest, ret_part->len + 1);
	return true;
}

bool gs_span_number(struct gs_span a, uint64_t max, uint64_t *ret_value)
{
	uint64_t value = 0;

	if (!a.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		uint64_t digit = (uint64_t)(a.ptr[i] - '0');

		if (a.ptr[i] < '0' || a.ptr[i] > '9' || digit > max || value > (max - digit) / 10)
			return false;
		value = value * 10 + digit;
	}
	*ret_value = value;
	return true;
}

void gs_str_done(struct gs_str *str)
{
	free(str->ptr);
	*str = (struct gs_str){ 0 };
}

static void make_room(struct gs_str *str, size_t more)
{
	size_t need;

	if (more > SIZE_MAX / 4 - str->len)
		out_of_memory();
	need = str->len + more + 1;
	if (str->ptr && need <= str->room)
		return;
	str->room = need + need / 2 + 16;
	str->ptr = gs_realloc(str->ptr, str->room);
}

void gs_str_add(struct gs_str *str, struct gs_span bytes)
{
	make_room(str, bytes.len);
	if (bytes.len)
		memcpy(str->ptr + str->len, bytes.ptr, bytes.len);
	str->len += bytes.len;
	str->ptr[str->len] = '\0';
}

void gs_str_adds(struct gs_str *str, const char *text)
{
	gs_str_add(str, gs_span_of(text));
}

void gs_str_addc(struct gs_str *str, char c)
{
	gs_str_add(str, gs_span(&c, 1));
}

void gs_str_addf(struct gs_str *str, const char *fmt, ...)
{
	gs_autofree char *text = NULL;
	va_list ap;

	va_start(ap, fmt);
	text = gs_vprintf(fmt, ap);
	va_end(ap);
	gs_str_adds(str, text);
}

/* The length of the well-formed UTF-8 character at s (RFC 3629 section 4), 0 if there is none. */
static size_t utf8_length(const unsigned char *s, size_t len, uint32_t *ret_code)
{
	static const struct {
		unsigned char first, last;
		unsigned char low, high; /* bounds of the second byte */
		size_t length;
	} form[] = {
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 }, { 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};

	for (size_t i = 0; i < GS_COUNT(form); i++) {
		if (s[0] < form[i].first || s[0] > form[i].last)
			continue;
		if (len < form[i].length || s[1] < form[i].low || s[1] > form[i].high)
			return 0;
		*ret_code = s[0] & (0x7fU >> form[i].length);
		for (size_t k = 1; k < form[i].length; k++) {
			if ((s[k] & 0xc0) != 0x80)
				return 0;
			*ret_code = *ret_code << 6 | (s[k] & 0x3f);
		}
		return form[i].length;
	}
	return 0;
}

bool gs_span_is_utf8(struct gs_span a)
{
	uint32_t code;

	for (size_t i = 0, n; i < a.len; i += n) {
		n = 1;
		if ((unsigned char)a.ptr[i] >= 0x80)
			n = utf8_length((const unsigned char *)a.ptr + i, a.len - i, &code);
		if (!n)
			return false;
	}
	return true;
}

/*
 * Characters that are invisible or move others: general categories Cc, Cf, Zl and Zp,
 * and Default_Ignorable_Code_Point (variation selectors, fillers, tags).
 * Source: Unicode 15.1, DerivedGeneralCategory.txt and DerivedCoreProperties.txt; UTR #36.
 */
static bool is_quiet(uint32_t code)
{
	static const struct {
		uint32_t first, last;
	} loud[] = {
		{ 0x0000, 0x001f },   { 0x007f, 0x009f },   { 0x00ad, 0x00ad },
		{ 0x034f, 0x034f },   { 0x0600, 0x0605 },   { 0x061c, 0x061c },
		{ 0x06dd, 0x06dd },   { 0x070f, 0x070f },   { 0x0890, 0x0891 },
		{ 0x08e2, 0x08e2 },   { 0x115f, 0x1160 },   { 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f },   { 0x200b, 0x200f },   { 0x2028, 0x202e },
		{ 0x2060, 0x206f },   { 0x3164, 0x3164 },   { 0xfe00, 0xfe0f },
		{ 0xfeff, 0xfeff },   { 0xffa0, 0xffa0 },   { 0xfff0, 0xfffb },
		{ 0x110bd, 0x110bd }, { 0x110cd, 0x110cd }, { 0x13430, 0x1343f },
		{ 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0xe0fff },
	};

	for (size_t i = 0; i < GS_COUNT(loud); i++)
		if (code >= loud[i].first && code <= loud[i].last)
			return false;
	return true;
}

static bool is_plain(unsigned char c, bool in_message)
{
	if (c == '\\' || c == '\t')
		return in_message;
	return c >= 0x20 && c < 0x7f;
}

static void add_escaped(struct gs_str *str, struct gs_span bytes, bool in_message)
{
	const unsigned char *s = (const unsigned char *)bytes.ptr;

	for (size_t i = 0; i < bytes.len;) {
		uint32_t code = 0;
		size_t n = utf8_length(s + i, bytes.len - i, &code);

		if (is_plain(s[i], in_message)) {
			gs_str_addc(str, bytes.ptr[i++]);
		} else if (n && is_quiet(code)) {
			gs_str_add(str, gs_span(bytes.ptr + i, n));
			i += n;
		} else {
			gs_str_addf(str, "\\%03o", s[i++]);
		}
	}
}

void gs_str_add_safe(struct gs_str *str, struct gs_span bytes)
{
	add_escaped(str, bytes, false);
}

void gs_str_add_message(struct gs_str *str, struct gs_span bytes)
{
	add_escaped(str, bytes, true);
}

/* Single quotes would leave the bytes raw for the terminal; a pasted tab starts completion. */
static bool is_shown_as_it_is(const char *word)
{
	gs_autostr struct gs_str shown = { 0 };

	gs_str_add_message(&shown, gs_span_of(word));
	return gs_span_is_text(gs_str_span(&shown), word) && !strchr(word, '\t');
}

/* @quote: how a single quote is written; @add: adds the text between two of them */
static void add_quoted(struct gs_str *str, const char *word, const char *quote,
		       void (*add)(struct gs_str *str, struct gs_span bytes))
{
	gs_str_addc(str, '\'');
	while (*word) {
		size_t run = strcspn(word, "'");

		add(str, gs_span(word, run));
		word += run;
		if (*word) {
			gs_str_adds(str, quote);
			word++;
		}
	}
	gs_str_addc(str, '\'');
}

void gs_str_add_word(struct gs_str *str, const char *word)
{
	/* No brackets: a shell matches them with file names; zsh expands '=' at the begin. */
	static const char plain[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
		"@%+=:,./_-";

	if (word[0] && word[0] != '=' && !word[strspn(word, plain)]) {
		gs_str_adds(str, word);
	} else if (is_shown_as_it_is(word)) {
		add_quoted(str, word, "'\\''", gs_str_add);
	} else {
		/* A quote as \047, so that a shell without $'' ends the word at the same place.
		 */
		gs_str_addc(str, '$');
		add_quoted(str, word, "\\047", gs_str_add_safe);
	}
}

void gs_strs_done(struct gs_strs *list)
{
	for (size_t i = 0; i < list->n; i++)
		free(list->v[i]);
	free(list->v);
	*list = (struct gs_strs){ 0 };
}

void gs_strs_add(struct gs_strs *list, const char *text)
{
	gs_grow(&list->v, list->n, &list->room, sizeof *list->v);
	list->v[list->n++] = gs_strdup(text);
}

bool gs_strs_has(const struct gs_strs *list, const char *text)
{
	for (size_t i = 0; i < list->n; i++)
		if (!strcmp(list->v[i], text))
			return true;
	return false;
}

/* The part of the path after dir, with its slash; NULL: path is not within dir. */
static const char *path_after(const char *path, const char *dir)
{
	size_t n = strlen(dir);

	while (n && dir[n - 1] == '/')
		n--;
	return !strncmp(path, dir, n) && (!path[n] || path[n] == '/') ? path + n : NULL;
}

bool gs_path_is_within(const char *path, const char *dir)
{
	return path_after(path, dir);
}

bool gs_path_is_below(const char *path, const char *dir)
{
	const char *after = path_after(path, dir);

	return after && after[strspn(after, "/")];
}

bool gs_is_near(const char *s, const char *t)
{
	size_t n, m;

	while (*s && *s == *t) {
		s++;
		t++;
	}
	for (n = strlen(s), m = strlen(t); n && m && s[n - 1] == t[m - 1]; n--)
		m--;
	if (n == 2 && m == 2)
		return s[0] == t[1] && s[1] == t[0];
	return (n || m) && n <= 1 && m <= 1;
}
