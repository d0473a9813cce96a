/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/*
 * Limits of the search for a short difference. Beyond one of them everything between the first and
 * the last changed line is shown as replaced: longer, but correct, and patch(1) applies it. Equal
 * text before and after costs one pass and no memory.
 */
enum {
	GS_DIFF_MAX_LINES = 1 << 17, /* per side, between the first and the last change */
	GS_DIFF_MAX_EDITS = 1024,    /* lines removed and added; 2 MiB of search state */
};

/**
 * gs_diff_unified - add the difference of two texts, as diff -u prints it, to out
 * @path: named in both headers, quoted as GNU diff does where it holds '"', '\' or a control
 * @old_exists: false shows the file as made from /dev/null; old must be empty then
 * Three lines of context; nothing at all where the texts are the same. The bytes are shown
 * raw, NUL included: what goes to a terminal must pass through gs_str_add_safe().
 * Source: POSIX diff "Diff -u Output Format"; Myers, An O(ND) Difference Algorithm, 1986.
 */
void gs_diff_unified(const char *path, struct gs_span old, bool old_exists, struct gs_span new,
		     struct gs_str *out);

/** struct gs_diff_change - lines a.. of the old text became lines b.. of the new; from 0 */
struct gs_diff_change {
	size_t a, a_lines;
	size_t b, b_lines;
};

struct gs_diff_changes {
	struct gs_diff_change *v; /* in order, apart by at least one line; free() it */
	size_t n, room;
};

/** gs_diff_compare - the changes of gs_diff_unified() as data; beyond a limit one change */
void gs_diff_compare(struct gs_span old, struct gs_span new, struct gs_diff_changes *ret);

/** gs_diff_take_line - cut the first line off rest, with its newline */
struct gs_span gs_diff_take_line(struct gs_span *rest);
