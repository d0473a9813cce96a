/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/undo/history.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/*
 * The journal of runs: written before the first change and synced, ended after the last. The next
 * command that changes something finds a run that was killed, and rolls it back.
 */

enum {
	GS_RUNS_KEPT = 200,	       /* newest records; older ones go when a run begins */
	GS_RUNS_KEPT_BYTES = 64 << 20, /* of all but the newest */
};

/**
 * gs_journal_begin - record a plan that is about to be carried out; the lock is held
 * Without gs_sys.who, offline, and for a plan that changes nothing, there is no record.
 * @done: its run gets the number. Errors: -ESTALE where a run was killed since gs_recover() looked.
 */
int gs_journal_begin(struct gs_sys *sys, const struct gs_plan *plan, struct gs_done *done,
		     struct gs_err *err);

/** gs_journal_end - record how the run ended; @left: paths not rolled back, may be NULL */
int gs_journal_end(struct gs_sys *sys, struct gs_done *done, enum gs_run_state state,
		   const struct gs_strs *left, struct gs_err *err);

/**
 * gs_journal_read - every record, judged; for history and undo
 * @findings: a record that cannot be read is named, RUN_UNREADABLE, and left out
 */
int gs_journal_read(struct gs_sys *sys, struct gs_runs *ret, struct gs_findings *findings,
		    struct gs_err *err);

/**
 * gs_journal_newest - the last record that can be read
 * Runs come one after another, and none begins after an unfinished one: only the newest run can be
 * unfinished.
 * @ret: of a run that is over and left nothing, id and state alone
 * @ret_found: false where there is none
 */
int gs_journal_newest(struct gs_sys *sys, struct gs_run *ret, bool *ret_found,
		      struct gs_findings *findings, struct gs_err *err);

/**
 * gs_recover - deal with a run that was killed
 * @act: roll it back, under the lock: findings RUN_ROLLED_BACK, RUN_CONFLICT; else only report it:
 *	RUN_UNFINISHED, but not while the run still holds the lock
 * Call it before anything is observed. Errors: -GS_E_LOCKED; -GS_E_LEFT where files or directories
 * could not be restored: the record stays, and the next command tries again.
 */
int gs_recover(struct gs_sys *sys, bool act, struct gs_findings *findings, struct gs_err *err);
