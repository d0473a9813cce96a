/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/exports/doc.h"
#include "core/exports/word.h"

/* Lines of exports(5); for this folder only. */

#define GS_EXPORTS_MANAGED "# gshare "
#define GS_EXPORTS_MARK	   GS_EXPORTS_MANAGED "share "
#define GS_EXPORTS_NAME	   GS_EXPORTS_MANAGED "name "

/** gs_exports_parse_line - add the entries and flaws of line i; false after a fatal flaw */
bool gs_exports_parse_line(struct gs_exports *doc, size_t i);

/** gs_exports_parse_mark - the path of a marker line, owned, or NULL */
char *gs_exports_parse_mark(struct gs_span line);

/** gs_exports_parse_name - the name of a name line; empty if it is none */
struct gs_span gs_exports_parse_name(struct gs_span line);

/** gs_exports_insert_line - insert a line without entries before line i */
void gs_exports_insert_line(struct gs_exports *doc, size_t i, struct gs_span bytes);

/**
 * gs_exports_insert_own - insert lines with managed entries before line i, in a block
 * @lines: a document of its own, without marks; loses its entries
 */
void gs_exports_insert_own(struct gs_exports *doc, size_t i, struct gs_exports *lines);

/** gs_exports_drop_entries - forget the entries of line i; its bytes stay */
void gs_exports_drop_entries(struct gs_exports *doc, size_t i);

/** gs_exports_remove_line - remove line i with its entries and its mark */
void gs_exports_remove_line(struct gs_exports *doc, size_t i);

/** gs_exports_read_alone - parse one line; false if it has a fatal flaw, or is several lines */
bool gs_exports_read_alone(struct gs_span bytes, struct gs_exports *ret_doc);

/** gs_exports_adopt_entries - replace the entries of line i by those of @line, parsed alone */
void gs_exports_adopt_entries(struct gs_exports *doc, size_t i, struct gs_exports *line);

/**
 * gs_exports_replace_line - replace the bytes of an entry's line
 * The new line is parsed first, and must hold the same entries, except that this one is removed or
 * has other options. Errors: -ENOTSUP, and nothing has changed.
 */
int gs_exports_replace_line(struct gs_exports *doc, size_t entry, bool gone, struct gs_span bytes,
			    struct gs_err *err);

/**
 * gs_exports_find_blocks - set is_managed of every entry
 * A block is a marker, then entries of its path and name comments, up to any other line.
 */
void gs_exports_find_blocks(struct gs_exports *doc);
