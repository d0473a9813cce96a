/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "base/str.h"

/*
 * A text as lines that keep their bytes: an unedited line is rendered as it was read.
 * Base of the formats exports(5), fstab(5) and cluster.env.
 */

enum { GS_TEXTDOC_MAX_BYTES = 64 << 20 }; /* far above any real file; bounds the memory */

/**
 * struct gs_textline - one logical line
 * @bytes:  with its end ("\n", "\r\n" or none on the last line) and inner continuations
 * @number: first physical line in the file, from 1; 0 for a line that was added
 */
struct gs_textline {
	struct gs_span bytes;
	size_t number;
	bool owned; /* free bytes with the line; else they point into the source */
};

struct gs_textdoc {
	struct gs_str source;
	struct gs_textline *line;
	size_t n, room;
	bool continues; /* lines are joined as exports(5) joins them */
	bool has_nul;	/* of the source */
};

/**
 * gs_textdoc_parse - split text into lines
 * @continues: true for exports(5): a backslash before a newline joins the next line, but not in
 *             a comment; a quoted newline joins too. False: every newline ends a line.
 * @doc: filled on success, untouched on failure; free with gs_textdoc_done()
 * Errors: -EFBIG over GS_TEXTDOC_MAX_BYTES. NUL bytes are kept; see gs_textdoc_is_editable().
 * Source: nfs-utils support/nfs/xio.c xgetc(), xskip(), xgettok(); checked with 2.6.2.
 */
int gs_textdoc_parse(struct gs_span text, bool continues, struct gs_textdoc *doc,
		     struct gs_err *err);
void gs_textdoc_done(struct gs_textdoc *doc);

/** gs_textdoc_is_editable - false where the text has a NUL byte, so is no text file */
bool gs_textdoc_is_editable(const struct gs_textdoc *doc);

/** gs_textdoc_set - replace line i; the bytes are copied and must include their newline */
void gs_textdoc_set(struct gs_textdoc *doc, size_t i, struct gs_span bytes);

/**
 * gs_textdoc_insert - put a line before line i (i == n appends); the bytes are copied
 * The line before gets the newline it lacks, two if it ends in a continuation, so that the new
 * line never joins another.
 */
void gs_textdoc_insert(struct gs_textdoc *doc, size_t i, struct gs_span bytes);

/** gs_textdoc_insert_all - the same for many lines, each with its newline, moving the rest once */
void gs_textdoc_insert_all(struct gs_textdoc *doc, size_t i, const struct gs_textdoc *lines);

void gs_textdoc_remove(struct gs_textdoc *doc, size_t i);

/** gs_textdoc_render - add all lines to out; an unedited document gives exactly what was read */
void gs_textdoc_render(const struct gs_textdoc *doc, struct gs_str *out);
