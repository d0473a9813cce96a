/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/step/step.h"
#include "core/undo/undo_draft.h"

/* The part of an undo that is about files. */

/**
 * gs_undo_is_new_id - a step that wrote a .gshare-id where there was none
 * Undone it goes, unless something else is there by now: finding ID_BROKEN, and it stays.
 */
bool gs_undo_is_new_id(const struct gs_step *step);

/** gs_undo_files - what each file of the run shall hold; errors of gs_undo_refuse() */
int gs_undo_files(struct gs_undo *undo, struct gs_err *err);

/**
 * gs_undo_remove_files - the files that go, but for those that exportfs reads
 * While the share they lie in is still exported: a follower may hold a delegation, and could not
 * give it back later. Not before the drain: a share that is used all the while keeps its id.
 */
void gs_undo_remove_files(struct gs_undo *undo);
