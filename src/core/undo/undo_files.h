/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/step/step.h"
#include "core/undo/undo_draft.h"

/* The file part of an undo. */

/**
 * gs_undo_is_new_id - did the step write a .gshare-id where there was none?
 * The undo removes the file, unless it was replaced since: then it stays, finding ID_BROKEN.
 */
bool gs_undo_is_new_id(const struct gs_step *step);

/** gs_undo_files - the text that each file of the run shall have; errors of gs_undo_refuse() */
int gs_undo_files(struct gs_undo *undo, struct gs_err *err);

/**
 * gs_undo_remove_files - add steps that remove files, except those that exportfs reads
 * They run while the share is still exported: a follower may hold a delegation, which it could not
 * return later. They run after the drain: if that fails, the share in use keeps its id.
 */
void gs_undo_remove_files(struct gs_undo *undo);
