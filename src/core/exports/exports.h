/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/strmap.h"
#include "core/exports/doc.h"

/*
 * exports(5) as exportfs reads it, with every byte kept. The table that exportfs writes,
 * /var/lib/nfs/etab, is the same grammar and is read with the same function.
 *
 * Measured with exportfs of nfs-utils 2.6.2, where exports(5) is silent:
 * - '#' is a comment only where a word would begin; inside a word or quotes it is a letter.
 *   A comment ends with its physical line: a backslash at its end joins nothing.
 * - Three octal digits after a backslash are decoded wherever they are, also when the
 *   backslash itself came from \134: "\134040" is a space. Etab is written with \134 and read
 *   the same way, so a path with a backslash before three octal digits cannot be exported.
 * - Space, control bytes, '"', '#' and the backslash of a path come out of etab as octal, other
 *   bytes (UTF-8, parentheses, quotes ') as they are.
 * - An empty word, and a carriage return, vertical tab or form feed where a path would begin
 *   (a blank line of a CRLF file), end the file silently, with status 0; so does a path over
 *   1,024 bytes.
 */

/**
 * gs_exports_parse - read a file of exports(5), or etab
 * @doc: filled on success, untouched on error; free with gs_exports_done()
 * Broken text is no error: see @doc->flaw. Errors: -EFBIG over GS_TEXTDOC_MAX_BYTES.
 */
int gs_exports_parse(struct gs_span text, struct gs_exports *doc, struct gs_err *err);

/**
 * gs_exports_are_apart - does exportfs take two spellings of one client for two clients?
 * It normalizes addresses and names, but keeps a network as it is written, and applies both.
 */
bool gs_exports_are_apart(struct gs_span a, struct gs_span b);

/**
 * gs_exports_script_alone - the script of sed(1) that removes the line of an entry; owned
 * NULL where the line holds more than that entry, or its end.
 */
char *gs_exports_script_alone(const struct gs_exports *doc, const struct gs_export *entry);

/** gs_exports_name - the name from the comment above a managed entry; empty if none */
struct gs_span gs_exports_name(const struct gs_exports *doc, const struct gs_export *entry);

/*
 * Editing. For all of these: @ret_changed says whether a byte changed; all are idempotent. Errors:
 * -EILSEQ for a text with NUL bytes; -EBADMSG where exportfs drops the rest of the file
 * (gs_exports_fatal()); -EINVAL for a path or client that cannot be written so that exportfs
 * reads it; -ENOTSUP where a hand-written line cannot be edited without changing another entry.
 * After an error the document may hold a part of the edit: discard it.
 */

/**
 * gs_exports_set - make the entry of path and host as specified
 * Existing entries, managed or not, are edited in place: a list exactly as gshare writes it is
 * written anew, others by gs_exportopts_edit(). Otherwise a line is added at the end of the
 * share's block, which is begun at the end of the file where there is none.
 * @name: the name that @host was resolved from, kept in a comment above a managed entry;
 *        NULL leaves that comment unchanged
 */
int gs_exports_set(struct gs_exports *doc, const char *path, const struct gs_hostspec *host,
		   const char *name, const struct gs_exportspec *spec, bool *ret_changed,
		   struct gs_err *err);

/**
 * gs_exports_set_entry - as gs_exports_set(), for the entry with this index
 * The indices of all entries stay the same: a loop over them can edit many in linear time.
 */
int gs_exports_set_entry(struct gs_exports *doc, size_t e, const char *name,
			 const struct gs_exportspec *spec, bool *ret_changed, struct gs_err *err);

/** struct gs_exports_new - an entry to add: as the arguments of gs_exports_set(); borrowed */
struct gs_exports_new {
	const struct gs_hostspec *host;
	const char *name;
	struct gs_exportspec spec;
	const char *more; /* further options, "insecure,sec=krb5"; NULL: none */
};

/** gs_exports_add - as gs_exports_set(), for many hosts, none of which has an entry of the path */
int gs_exports_add(struct gs_exports *doc, const char *path, const struct gs_exports_new *list,
		   size_t n, struct gs_err *err);

/** gs_exports_mark - begin the share's block where there is none */
int gs_exports_mark(struct gs_exports *doc, const char *path, bool *ret_changed,
		    struct gs_err *err);

/**
 * gs_exports_remove - remove a client of a path: its word, or the line if it was the only one
 * @host: NULL for every client of the path
 * The marker and comments of others stay. Without such an entry nothing changes.
 */
int gs_exports_remove(struct gs_exports *doc, const char *path, const struct gs_hostspec *host,
		      bool *ret_changed, struct gs_err *err);

/**
 * gs_exports_remove_hosts - the same for many clients, in one pass over the entries
 * @hosts: keys are the hosts' texts, values indices of @gone; NULL: every client, index 0
 * @gone: set to true for each that had an entry; others are left as they are
 */
int gs_exports_remove_hosts(struct gs_exports *doc, const char *path, const struct gs_keymap *hosts,
			    bool *gone, struct gs_err *err);

/** gs_exports_unmark - remove the share's markers and names; entries left become hand-written */
int gs_exports_unmark(struct gs_exports *doc, const char *path, bool *ret_changed,
		      struct gs_err *err);
