/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/host.h"
#include "core/exports/option.h"
#include "core/format/textdoc.h"

/* A file of exports(5) as it was read: its lines with every byte, and the entries in them. */

/**
 * struct gs_export - one client of one path
 * @line:     index in the document's lines; changes when lines are added or removed
 * @number:   physical line of the client in the file as parsed, from 1; 0 when added since
 * @path:     quotes and escapes undone; "//", "/." and slashes at the end dropped
 * @word_at…: offsets of client and options in the line's bytes; opts_len counts the bytes between
 *            the parentheses. An anonymous entry (a path alone) has no word, and
 *            word_at is where one would be inserted.
 * @defaults: -options words before it on the line, each ended by a newline; NULL if none
 * @opts:     effective options, defaults applied; if is_readable is false the -defaults alone
 * @is_managed:  the entry is in a marked block
 */
struct gs_export {
	size_t line, number;
	char *path;
	struct gs_hostspec host;
	struct gs_exportopts opts;
	char *defaults;
	size_t word_at, word_len, host_len, opts_at, opts_len;
	bool has_options, is_managed, is_readable;
};

/** struct gs_exports_mark - a line "# gshare share PATH" */
struct gs_exports_mark {
	size_t line;
	char *path;
};

/**
 * struct gs_exports_flaw - a text that exportfs rejects or reads differently than it looks
 * @is_fatal: exportfs drops this and the rest of the file. gshare read nothing after it either.
 *            Otherwise exportfs goes on, and the line means something else than it looks like.
 * @id: cause, static: EXPORTS_OPTION_UNKNOWN, _OPTION_BAD, _OPTION_BLANK, _NUMBER_WRAPS,
 * _FSID_TWICE, _LIST_BAD, _WORD_LONG, _PATH_LONG, _PATH_EMPTY, _PATH_RELATIVE, _PATH_ODD,
 * _PATH_BLANK, _QUOTE_OPEN, _WORLD, _CLIENT_BLANK, _DUPLICATE, _HOST_ODD, _BACKSLASH_END
 * @path: of its entry, of PATH_BLANK without the blank; NULL: of none, or not looked for
 * @host: of CLIENT_BLANK the client that was meant; NULL: none
 * @script: for sed(1): the edit of the file that mends it, and nothing else; NULL: none is known
 * @like: the option that may be meant instead; @like_script: the edit that writes it; NULL: none
 */
struct gs_exports_flaw {
	size_t number;
	const char *id;
	char *why;
	bool is_fatal;
	char *path, *host, *script, *like, *like_script; /* owned */
};

struct gs_exports {
	struct gs_textdoc text;
	struct gs_export *entry; /* in the order of the file */
	size_t n, room;
	struct gs_exports_mark *mark;
	size_t marks, mark_room;
	struct gs_exports_flaw *flaw; /* of the text as parsed; edits do not update it */
	size_t flaws, flaw_room;
};

void gs_exports_flaw_done(struct gs_exports_flaw *flaw);
void gs_exports_done(struct gs_exports *doc);

/** gs_exports_render - add the text to out; an unedited document gives exactly what was read */
void gs_exports_render(const struct gs_exports *doc, struct gs_str *out);

/** gs_exports_fatal - the flaw that makes exportfs drop the rest of the file, or NULL */
const struct gs_exports_flaw *gs_exports_fatal(const struct gs_exports *doc);

/** gs_exports_blank - the EXPORTS_CLIENT_BLANK of a path's entry, or NULL */
const struct gs_exports_flaw *gs_exports_blank(const struct gs_exports *doc, const char *path);

/* The client and the options as they are written; valid until the document is edited. */
struct gs_span gs_exports_host(const struct gs_exports *doc, const struct gs_export *entry);
struct gs_span gs_exports_options(const struct gs_exports *doc, const struct gs_export *entry);

/** gs_exports_line_number - physical line of an entry in the text as it would be rendered now */
size_t gs_exports_line_number(const struct gs_exports *doc, const struct gs_export *entry);

/** gs_exports_line_numbers - the same for every entry, in one pass; the caller frees the array */
size_t *gs_exports_line_numbers(const struct gs_exports *doc);

/** gs_exports_find - next entry of a path, from index *at on; only of host, if it is not NULL */
const struct gs_export *gs_exports_find(const struct gs_exports *doc, const char *path,
					const struct gs_hostspec *host, size_t *at);
bool gs_exports_is_marked(const struct gs_exports *doc, const char *path);

void gs_export_done(struct gs_export *entry);

/** gs_exports_first_of_line - index of the first entry on line i or later */
size_t gs_exports_first_of_line(const struct gs_exports *doc, size_t i);

/** gs_exports_is_own_line - line i holds one entry, of this path, and no -defaults */
bool gs_exports_is_own_line(const struct gs_exports *doc, size_t i, const char *path);
