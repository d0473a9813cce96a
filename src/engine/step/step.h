/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>
#include <stdbool.h>

#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/step/step.h"
#include "core/step/step_state.h"
#include "core/undo/history.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/** struct gs_step_run - a run at work, as its steps see it; borrowed but for checked */
struct gs_step_run {
	struct gs_sys *sys;
	const struct gs_plan *plan;
	struct gs_done *done;
	struct gs_str checked; /* the etab that CHECK_EXPORTS made, which was as predicted */
	bool leaves;	       /* a later step could not be rolled back: what it made stays */
};

/** struct gs_recovery - a killed run that is being rolled back, last step first */
struct gs_recovery {
	struct gs_sys *sys;
	const struct gs_run *run;
	struct gs_done done;
	struct gs_findings *findings;
	struct gs_strs left;
	bool back;     /* an exports file was put back */
	bool conflict; /* a file that somebody else changed stays */
};

/**
 * struct gs_step_ops - one kind of step, as far as it touches a machine or the journal
 * @run:  carry it out
 * @back: roll it back, while the steps before it are still done
 * @half_counts: rolled back also where the step itself failed
 * @look: after a crash: does the machine show that it was done? NULL: nothing to roll back
 * @back_after_crash: NULL: as @back
 * @clear: remove the temporaries beside a file that it writes, after a failed or killed run; NULL:
 *        it leaves none that matters. What cannot be removed stays.
 * @must: only this machine can restore it: where recovery fails, the next command tries again
 * @put, @get: its members in the journal beside path and why; NULL: none. get() returns false for
 *        what no gshare wrote.
 */
struct gs_step_ops {
	int (*run)(struct gs_step_run *, const struct gs_step *, struct gs_err *);
	int (*back)(struct gs_step_run *, const struct gs_step *, struct gs_err *);
	int (*look)(struct gs_recovery *, const struct gs_step *, enum gs_step_state *,
		    struct gs_err *);
	int (*back_after_crash)(struct gs_recovery *, const struct gs_step *, struct gs_err *);
	void (*clear)(struct gs_recovery *, const struct gs_step *);
	void (*put)(json_t *, const struct gs_step *);
	bool (*get)(const json_t *, struct gs_plan *, struct gs_step *);
	bool half_counts;
	bool must;
};

/** gs_step_nothing - the @back of a step that leaves nothing to roll back */
int gs_step_nothing(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err);

/* The rows, each in the file of its noun. */
extern const struct gs_step_ops gs_step_install, gs_step_add_account;
extern const struct gs_step_ops gs_step_make_dir, gs_step_remove_dir, gs_step_set_dir;
extern const struct gs_step_ops gs_step_write_file;
extern const struct gs_step_ops gs_step_check_exports, gs_step_apply_exports;
extern const struct gs_step_ops gs_step_start_server, gs_step_stop_server;
extern const struct gs_step_ops gs_step_drain;
extern const struct gs_step_ops gs_step_stage, gs_step_mount, gs_step_umount, gs_step_remount,
	gs_step_renew;
extern const struct gs_step_ops gs_step_guard, gs_step_read_ahead;
extern const struct gs_step_ops gs_step_verify;
extern const struct gs_step_ops gs_step_repair;
extern const struct gs_step_ops gs_step_open_port, gs_step_close_port;
extern const struct gs_step_ops gs_step_start_unit, gs_step_stop_unit;
