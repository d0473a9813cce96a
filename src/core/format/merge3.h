/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/** struct gs_undo_conflict - where others changed the lines that a run had changed */
struct gs_undo_conflict {
	size_t number;	      /* first line of their change, in the text as it is now, from 1 */
	struct gs_span found; /* that line; empty where it is gone; borrowed from now */
	struct gs_span want;  /* the line as the run wrote it; borrowed from new */
};

/**
 * gs_undo_text - undo a run's change in a text that others may have changed since
 * @old, @new: the text before and after the run; @now: the present text
 * Where now equals new the result is old, byte for byte. Else the lines that the run changed must
 * be in now as the run wrote them; all other lines are kept. A line that is as before the run
 * already is no conflict, nor is a last line that differs only by a newline added to it.
 * @ret: the text is appended; untouched on a conflict
 * Returns false on a conflict.
 */
bool gs_undo_text(struct gs_span old, struct gs_span new, struct gs_span now, struct gs_str *ret,
		  struct gs_undo_conflict *ret_conflict);
