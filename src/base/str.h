/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Bytes: gs_span borrows, gs_str owns. Neither needs a final NUL, both may hold NUL bytes;
 * gs_str keeps one byte more than its length and sets it to NUL, so .ptr of a text without
 * NUL bytes is also a C string. Out of memory ends the program here, with a message.
 */

#define GS_AUTO(done)	__attribute__((cleanup(done)))
#define gs_autostr	GS_AUTO(gs_str_done)
#define gs_autofree	GS_AUTO(gs_free_indirect)

#define GS_COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct gs_span {
	const char *ptr;
	size_t len;
};

struct gs_str {
	char *ptr; /* NULL while empty and never added to */
	size_t len;
	size_t room;
};

/** struct gs_strs - a list of owned C strings; all-zero is the empty list */
struct gs_strs {
	char **v;
	size_t n;
	size_t room;
};

/* Memory: never NULL; size 0 gives a unique pointer. */
void *gs_alloc(size_t size); /* zeroed */
void *gs_realloc(void *ptr, size_t size);
void *gs_dup(const void *ptr, size_t size);
char *gs_strdup(const char *text);
char *gs_printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
char *gs_vprintf(const char *fmt, va_list ap) __attribute__((format(printf, 1, 0)));
void gs_free_indirect(void *ptr_to_ptr); /* for gs_autofree */

/**
 * gs_grow - make room for one more element of an array
 * @array: pointer to the array pointer; @n: elements used; @room: elements allocated
 * The new elements are zeroed.
 */
void gs_grow(void *array, size_t n, size_t *room, size_t element_size);

static inline struct gs_span gs_span(const char *ptr, size_t len)
{
	return (struct gs_span){ ptr, len };
}

struct gs_span gs_span_of(const char *text); /* NULL gives the empty span */
struct gs_span gs_str_span(const struct gs_str *str);
bool gs_span_is(struct gs_span a, struct gs_span b); /* same bytes */
bool gs_span_is_text(struct gs_span a, const char *text);
bool gs_span_has_prefix(struct gs_span a, const char *prefix);
bool gs_span_has_nul(struct gs_span a);
bool gs_span_is_utf8(struct gs_span a);			  /* well-formed, by RFC 3629 */
struct gs_span gs_span_trim(struct gs_span a);		  /* spaces, tabs, CR, LF at both ends */
struct gs_span gs_span_from(struct gs_span a, size_t at); /* the bytes from at; at may equal len */
char *gs_span_dup(struct gs_span a);			  /* owned C string */

/**
 * gs_span_cut - take the text up to a separator off the front
 * Returns false when rest is used up (rest->ptr == NULL). "a,b" at ',' gives "a", "b"; "" gives "".
 */
bool gs_span_cut(struct gs_span *rest, char separator, struct gs_span *ret_part);

/** gs_span_number - checked decimal: only digits, at least one, at most max */
bool gs_span_number(struct gs_span a, uint64_t max, uint64_t *ret_value);

void gs_str_done(struct gs_str *str);
void gs_str_add(struct gs_str *str, struct gs_span bytes);
void gs_str_adds(struct gs_str *str, const char *text);
void gs_str_addc(struct gs_str *str, char c);
void gs_str_addf(struct gs_str *str, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/**
 * gs_str_add_safe - add untrusted text so that a terminal shows it and executes nothing
 * Control bytes, DEL, the backslash and bytes that are not valid UTF-8 become \ooo; so do
 * U+0080..U+009F and all Unicode characters that reorder or hide the text around them.
 */
void gs_str_add_safe(struct gs_str *str, struct gs_span bytes);

/**
 * gs_str_add_message - the same for a text that may hold parts made safe before
 * Backslashes stay, so that escaping twice shows the same as once; tabs stay too.
 */
void gs_str_add_message(struct gs_str *str, struct gs_span bytes);

/**
 * gs_str_add_word - a word that a shell reads back byte for byte: quoted where it needs to be
 * Bytes that must not reach a terminal are written as $'\ooo' (POSIX.1-2024 2.2.4; bash, zsh, ksh
 * and busybox know it; a dash that does not still reads one word).
 */
void gs_str_add_word(struct gs_str *str, const char *word);

void gs_strs_done(struct gs_strs *list);
void gs_strs_add(struct gs_strs *list, const char *text); /* copies */
bool gs_strs_has(const struct gs_strs *list, const char *text);

/**
 * gs_path_is_within - is an absolute path the directory dir, or something below it?
 * Compares the text alone; slashes at the end of dir are ignored; every path is within "/".
 */
bool gs_path_is_within(const char *path, const char *dir);

/** gs_path_is_below - the same, but not dir itself */
bool gs_path_is_below(const char *path, const char *dir);

/** gs_is_near - do they differ by a character more, less, other, or two swapped? Same: false */
bool gs_is_near(const char *s, const char *t);
