/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/undo/plan_undo.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/**
 * gs_observe_undo - pick the run, and observe everything that it changed
 * @facts: filled on success, untouched on failure
 * Errors: those of gs_runs_pick(); -GS_E_PRIVILEGE, since only root may read the journal.
 */
int gs_observe_undo(struct gs_sys *sys, const struct gs_undo_req *req, struct gs_undo_facts *facts,
		    struct gs_err *err);
void gs_undo_facts_done(struct gs_undo_facts *facts);

/**
 * gs_verify_undo - after an undo: is everything as the plan made it?
 * A second plan cannot tell: once the run's lines are gone from a file that others changed too,
 * nothing shows that they were there. The active exports were compared when they were applied.
 */
int gs_verify_undo(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		   struct gs_err *err);
