/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/plan/model.h"

/*
 * The runs in the journal: command and state of each, and the run that an undo is for. Pure: the
 * engine reads and writes the records.
 */

enum gs_run_state {
	GS_RUN_UNFINISHED, /* its record has no end: killed, or still running */
	GS_RUN_DONE,
	GS_RUN_ROLLED_BACK, /* it failed, and all changes were rolled back */
	GS_RUN_LEFT,	    /* it failed, and some changes stayed */
};

/** struct gs_run - one record; owns all it points to; free with gs_run_done() */
struct gs_run {
	uint32_t id;
	char *time; /* UTC, ISO 8601 */
	char *by;
	struct gs_strs command; /* the words after "gshare" */
	struct gs_plan plan;	/* steps, exports active before, predictions without options */
	enum gs_run_state state;
	struct gs_strs left;
	size_t head_bytes;  /* of the record's first line, with its newline */
	uint32_t undone_by; /* gs_runs_judge(): the run that undid it; 0: none */
};

struct gs_runs {
	struct gs_run *v; /* by id */
	size_t n, room;
};

void gs_run_done(struct gs_run *run);
void gs_runs_done(struct gs_runs *runs);

/** gs_run_state_name - "DONE", as in the journal and JSON; @gs_run_state_find - the state of a
 * name, also of an older one; false where none has it */
const char *gs_run_state_name(enum gs_run_state state);
bool gs_run_state_find(const char *name, enum gs_run_state *ret);

/** gs_run_label - "7 (leader add, 2026-11-22T19:06:14Z)", safe for a terminal */
void gs_run_label(const struct gs_run *run, struct gs_str *out);

/** gs_run_add_command - the words quoted for a shell, safe for a terminal */
void gs_run_add_command(const struct gs_run *run, struct gs_str *out);

/**
 * gs_runs_judge - set undone_by
 * A run is undone as long as its undo is not undone itself.
 */
void gs_runs_judge(struct gs_runs *runs);

/**
 * gs_runs_pick - the run to be undone
 * @id: 0 for the last one that is done, is no undo itself and is not undone
 * Errors: -ENOENT RUN_UNKNOWN; -EINVAL RUN_NOT_DONE for one that failed. A run that is undone
 * already is no error: there is nothing to do.
 */
int gs_runs_pick(const struct gs_runs *runs, uint32_t id, const struct gs_run **ret,
		 struct gs_err *err);

/** gs_report_history - a table: id, when, who, state, what */
void gs_report_history(const struct gs_runs *runs, struct gs_str *out);
