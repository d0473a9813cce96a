/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strmap.h"
#include "core/exports/host.h"
#include "core/exports/option.h"
#include "core/format/textdoc.h"

/*
 * exports(5) as exportfs reads it, with every byte kept. The table that exportfs writes,
 * /var/lib/nfs/etab, is the same grammar and is read with the same function.
 *
 * Measured with exportfs of nfs-utils 2.6.2, where exports(5) is silent:
 * - '#' is a comment only where a word would begin; inside a word or quotes it is a letter.
 *   A comment ends with its physical line: a backslash at its end joins nothing.
 * - Three octal digits after a backslash are undone wherever they come to stand, also when the
 *   backslash itself came from \134: "\134040" is a space. Etab is written with \134 and read
 *   the same way, so a path with a backslash before three octal digits cannot be exported.
 * - Space, control bytes, '"', '#' and the backslash of a path come out of etab as octal, other
 *   bytes (UTF-8, parentheses, quotes ') as they are.
 * - An empty word, and a carriage return, vertical tab or form feed where a path would begin
 *   (a blank line of a CRLF file), end the file silently, with status 0; so does a path over
 *   1,024 bytes.
 */

enum {
	GS_EXPORTS_WORD_MAX = 511,  /* bytes of client(options); getexportent() exp[512] */
	GS_EXPORTS_PATH_MAX = 1024, /* NFS_MAXPATHLEN */
};

/**
 * struct gs_export - one client of one path
 * @line:     index in the document's lines; changes when lines are added or removed
 * @number:   physical line of the client in the file as parsed, from 1; 0 when added since
 * @path:     quotes and escapes undone; "//", "/." and slashes at the end dropped
 * @word_at…: where client and options stand in the line's bytes; opts_len of the bytes between
 *            the parentheses. An anonymous entry (a path alone) has no word, and
 *            word_at is where one would go.
 * @defaults: -options words before it on the line, each ended by a newline; NULL if none
 * @opts:     what is in force, defaults applied; those of the line where is_readable is false
 * @is_ours:  stands in a marked block
 */
struct gs_export {
	size_t line, number;
	char *path;
	struct gs_hostspec host;
	struct gs_exportopts opts;
	char *defaults;
	size_t word_at, word_len, host_len, opts_at, opts_len;
	bool has_options, is_ours, is_readable;
};

/** struct gs_exports_mark - a line "# gshare share PATH" */
struct gs_exports_mark {
	size_t line;
	char *path;
};

/**
 * struct gs_exports_flaw - what exportfs would stop at or take for something else
 * @is_fatal: exportfs drops this and the rest of the file. Nothing after it was read here either.
 *            Otherwise it goes on, and the line means something else than it looks like.
 * @id: cause, static: EXPORTS_OPTION_UNKNOWN, _OPTION_BAD, _OPTION_BLANK, _NUMBER_WRAPS,
 * _FSID_TWICE, _LIST_BAD, _WORD_LONG, _PATH_LONG, _PATH_EMPTY, _PATH_RELATIVE, _PATH_ODD,
 * _QUOTE_OPEN, _WORLD, _DUPLICATE, _HOST_ODD, _BACKSLASH_END
 */
struct gs_exports_flaw {
	size_t number;
	const char *id;
	char *why;
	bool is_fatal;
};

struct gs_exports {
	struct gs_textdoc text;
	struct gs_export *entry; /* in the order of the file */
	size_t n, room;
	struct gs_exports_mark *mark;
	size_t marks, mark_room;
	struct gs_exports_flaw *flaw; /* of the text as parsed; edits do not bring it up to date */
	size_t flaws, flaw_room;
};

/**
 * gs_exports_parse - read a file of exports(5), or etab
 * @doc: filled on success, untouched on error; free with gs_exports_done()
 * Broken text is no error: see @doc->flaw. Errors: -EFBIG over GS_TEXTDOC_MAX_BYTES.
 */
int gs_exports_parse(struct gs_span text, struct gs_exports *doc, struct gs_err *err);
void gs_exports_done(struct gs_exports *doc);

/** gs_exports_render - add the text to out; of an unedited document exactly what was read */
void gs_exports_render(const struct gs_exports *doc, struct gs_str *out);

/** gs_exports_fatal - the flaw that makes exportfs drop the rest of the file, or NULL */
const struct gs_exports_flaw *gs_exports_fatal(const struct gs_exports *doc);

/* The client and the options as they are written; valid until the document is edited. */
struct gs_span gs_exports_host(const struct gs_exports *doc, const struct gs_export *entry);
struct gs_span gs_exports_options(const struct gs_exports *doc, const struct gs_export *entry);

/** gs_exports_line_number - physical line of an entry in the text as it would be rendered now */
size_t gs_exports_line_number(const struct gs_exports *doc, const struct gs_export *entry);

/** gs_exports_line_numbers - the same of every entry, in one walk; owned, by free() */
size_t *gs_exports_line_numbers(const struct gs_exports *doc);

/** gs_exports_name - the name that was resolved, from the comment above our entry; empty if none */
struct gs_span gs_exports_name(const struct gs_exports *doc, const struct gs_export *entry);

/** gs_exports_find - next entry of a path, from index *at on, of the same host if one is given */
const struct gs_export *gs_exports_find(const struct gs_exports *doc, const char *path,
					const struct gs_hostspec *host, size_t *at);
bool gs_exports_is_marked(const struct gs_exports *doc, const char *path);

/** gs_exports_clean_path - a path as exportfs's realpath() would spell it, "..", links aside; owned
 */
char *gs_exports_clean_path(const char *path);

/** gs_exports_escape - a path or word as it has to be written */
void gs_exports_escape(struct gs_span text, struct gs_str *out);

/*
 * Editing. All of these: @ret_changed says whether a byte changed; twice is once. Errors:
 * -EILSEQ for a text with NUL bytes; -EBADMSG where exportfs drops the rest of the file
 * (gs_exports_fatal()); -EINVAL for a path or client that cannot be written so that exportfs
 * reads it; -ENOTSUP where a hand-written line cannot be edited without touching another's
 * entry. After an error the document may hold a part of the edit: discard it.
 */

/**
 * gs_exports_set - make the entry of path and host as wished
 * Entries that stand there, ours or not, are edited where they stand: those exactly as we write
 * them are written anew, others by gs_exportopts_edit(). Otherwise a line is added at the end of
 * the share's block, which is begun at the end of the file where there is none.
 * @name: the name that @host was resolved from, kept in a comment above an entry of ours;
 *        NULL leaves what is there
 */
int gs_exports_set(struct gs_exports *doc, const char *path, const struct gs_hostspec *host,
		   const char *name, const struct gs_exportwish *wish, bool *ret_changed,
		   struct gs_err *err);

/**
 * gs_exports_set_entry - as gs_exports_set(), for the entry with this index
 * The indices of all entries stay as they are: a walk over them can edit many in linear time.
 */
int gs_exports_set_entry(struct gs_exports *doc, size_t e, const char *name,
			 const struct gs_exportwish *wish, bool *ret_changed, struct gs_err *err);

/** struct gs_exports_new - an entry to add: as the arguments of gs_exports_set(); borrowed */
struct gs_exports_new {
	const struct gs_hostspec *host;
	const char *name;
	struct gs_exportwish wish;
};

/** gs_exports_add - as gs_exports_set(), for many hosts of which none has an entry of the path */
int gs_exports_add(struct gs_exports *doc, const char *path, const struct gs_exports_new *list,
		   size_t n, struct gs_err *err);

/** gs_exports_mark - begin the share's block where there is none */
int gs_exports_mark(struct gs_exports *doc, const char *path, bool *ret_changed,
		    struct gs_err *err);

/**
 * gs_exports_remove - take a client off a path: its word, or the line where it was the only one
 * @host: NULL for every client of the path
 * The marker and foreign comments stay. Without such an entry nothing changes.
 */
int gs_exports_remove(struct gs_exports *doc, const char *path, const struct gs_hostspec *host,
		      bool *ret_changed, struct gs_err *err);

/**
 * gs_exports_remove_hosts - the same for many clients, in one walk over the entries
 * @hosts: by their texts, values are indices of @gone; NULL for every client, index 0
 * @gone: set to true for each that had an entry; others are left as they are
 */
int gs_exports_remove_hosts(struct gs_exports *doc, const char *path, const struct gs_keymap *hosts,
			    bool *gone, struct gs_err *err);

/** gs_exports_unmark - remove the share's markers and names; entries left become hand-written */
int gs_exports_unmark(struct gs_exports *doc, const char *path, bool *ret_changed,
		      struct gs_err *err);
