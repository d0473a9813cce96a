/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* Words of exports(5), as exportfs' xskip() and xgettok() split them. */

enum {
	GS_EXPORTS_WORD_MAX = 511,  /* bytes of client(options); getexportent() exp[512] */
	GS_EXPORTS_PATH_MAX = 1024, /* NFS_MAXPATHLEN */
};

enum gs_word {
	GS_WORD_OK,
	GS_WORD_END,   /* end of the line, or a comment to its end */
	GS_WORD_EMPTY, /* "" or a control character that separates */
	GS_WORD_LONG,
	GS_WORD_OPEN, /* a quote that is not closed */
};

/** struct gs_exports_word - @at, @len: raw bytes in the line; @text: quotes and escapes undone */
struct gs_exports_word {
	size_t at, len;
	struct gs_str text;
	bool is_plain; /* raw and text are the same */
};

/**
 * gs_exports_next_word - the next word of a logical line at *at, as xskip() and xgettok() split it
 * @max: longest text; *at moves past the word and the separator that ends it, never past the end
 * of the line. On GS_WORD_END word->at is the begin of a comment, or the end.
 */
enum gs_word gs_exports_next_word(struct gs_span line, size_t *at, size_t max,
				  struct gs_exports_word *word);
void gs_exports_word_done(struct gs_exports_word *word);

/** gs_exports_reads_twice - has it a backslash before three octal digits? nfsd decodes it again */
bool gs_exports_reads_twice(struct gs_span text);

/** gs_exports_clean_path - a path as exportfs's realpath() would spell it, "..", links aside; owned
 */
char *gs_exports_clean_path(const char *path);

/** gs_exports_escape - a path or word as it has to be written */
void gs_exports_escape(struct gs_span text, struct gs_str *out);
