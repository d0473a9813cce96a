/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/request.h"
#include "core/undo/plan_undo.h"

/* The plan of an undo in the making: private to plan_undo.c and undoexports.c. */

/** struct gs_undo_file - a file of the run, and what it shall hold */
struct gs_undo_file {
	const struct gs_step *step;
	const struct gs_file *file; /* as it is now */
	struct gs_str text;
	bool exists, changes;
};

struct gs_undo {
	const struct gs_undo_req *req;
	const struct gs_undo_facts *facts;
	struct gs_undo_file *file;
	size_t n;
	struct gs_strs kept; /* directories that stay */
	struct gs_plan plan;
};

void gs_undo_done(struct gs_undo *undo);

/** gs_undo_plan_file - the step for a file, where it changes anything */
void gs_undo_plan_file(struct gs_undo *undo, const struct gs_undo_file *file);

/**
 * gs_undo_remove_files - the files that go, but for those that exportfs reads
 * While the share they lie in is still exported: a follower may hold a delegation, and could not
 * give it back later. Not before the drain: a share that is used all the while keeps its id.
 */
void gs_undo_remove_files(struct gs_undo *undo);

/** gs_undo_is_exports - is this one of the files that exportfs reads? */
bool gs_undo_is_exports(const struct gs_undo_facts *facts, const char *path);

/** gs_undo_exports - check, drain, files, server, apply: as far as anything is to be done */
int gs_undo_exports(struct gs_undo *undo, struct gs_err *err);
