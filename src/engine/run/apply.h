/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/exports/nfsd_states.h"
#include "core/leader/repair.h"
#include "core/plan/model.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/**
 * gs_lock - take the lock before anything is observed, for a command that will change something
 * No other gshare can then change what was observed. Without the privileges to change anything it
 * returns 0 and takes no lock: there may be nothing to change; if there is, gs_apply() fails.
 * Errors: -GS_E_LOCKED.
 */
int gs_lock(struct gs_sys *sys, struct gs_err *err);

/**
 * gs_apply - carry out a plan, step by step
 * The first failure stops it, and what was done is rolled back, last step first: err says which
 * step failed and why. -GS_E_LEFT (cause LEFT) where something could not be rolled back; the
 * message lists it. Takes the lock and writes the journal before the first step. Success leaves
 * the run open: gs_finish() ends it, once it is verified. A run that is never ended counts as
 * killed, and the next one rolls it back.
 * @done: filled in either case; free with gs_done_done()
 */
int gs_apply(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
	     struct gs_err *err);

/** gs_forget_units - after a rollback that had to do with units: systemd reads its files again */
void gs_forget_units(struct gs_sys *sys, const struct gs_plan *plan);

/**
 * gs_roll_back - undo what was done of a plan, last step first
 * @err: holds the failure that is the reason; its code becomes -GS_E_LEFT where something stays
 */
int gs_roll_back(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		 struct gs_err *err);

/**
 * gs_finish - the run is done and verified: say so in the journal
 * Where that cannot be written, the run is rolled back like one that failed.
 */
int gs_finish(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
	      struct gs_err *err);
