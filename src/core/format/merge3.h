/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/** struct gs_undo_conflict - where others changed the lines that a run had changed */
struct gs_undo_conflict {
	size_t number;	      /* first line concerned, in the text as it is now, from 1 */
	struct gs_span found; /* that line; empty where it is gone; borrowed from now */
	struct gs_span want;  /* as the run left it; borrowed from new */
};

/**
 * gs_undo_text - take a run's change out of a text that others may have changed since
 * @old, @new: before and after the run; @now: as it is
 * Where now is new this gives old, byte for byte. Else the lines that the run changed must stand
 * in now as it left them; all other lines stay as they are. A line that is as before the run
 * already is left so. A last line whose only change is the end that it lacked stands as it was
 * left.
 * @ret: the text is added; untouched on a conflict
 * Returns false on a conflict.
 */
bool gs_undo_text(struct gs_span old, struct gs_span new, struct gs_span now, struct gs_str *ret,
		  struct gs_undo_conflict *ret_conflict);
