/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/undo/history.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan/plan.h"

enum { STATE_BYTES = 32 }; /* "undone by 4294967295" */

/* In the journal and in JSON; for people; and in older journals, which stay readable. */
static const char *const state_names[][3] = {
	[GS_RUN_UNFINISHED] = { "UNFINISHED", "unfinished" },
	[GS_RUN_DONE] = { "DONE", "done" },
	[GS_RUN_ROLLED_BACK] = { "ROLLED_BACK", "rolled back", "TAKEN_BACK" },
	[GS_RUN_LEFT] = { "LEFT", "partly rolled back" },
};

void gs_run_done(struct gs_run *run)
{
	free(run->time);
	free(run->by);
	gs_strs_done(&run->command);
	gs_plan_done(&run->plan);
	gs_strs_done(&run->left);
	*run = (struct gs_run){ 0 };
}

void gs_runs_done(struct gs_runs *runs)
{
	for (size_t i = 0; i < runs->n; i++)
		gs_run_done(&runs->v[i]);
	free(runs->v);
	*runs = (struct gs_runs){ 0 };
}

const char *gs_run_state_name(enum gs_run_state state)
{
	return state_names[state][0];
}

bool gs_run_state_find(const char *name, enum gs_run_state *ret)
{
	for (size_t i = 0; i < GS_COUNT(state_names); i++) {
		const char *was = state_names[i][2];

		if (strcmp(name, state_names[i][0]) != 0 && (!was || strcmp(name, was) != 0))
			continue;
		*ret = (enum gs_run_state)i;
		return true;
	}
	return false;
}

void gs_run_add_command(const struct gs_run *run, struct gs_str *out)
{
	for (size_t i = 0; i < run->command.n; i++) {
		if (i)
			gs_str_addc(out, ' ');
		gs_str_add_word(out, run->command.v[i]);
	}
}

/* Adds the verb: up to two words, before the first argument. */
static void add_verb(const struct gs_run *run, struct gs_str *out)
{
	static const char *const sides[] = { "leader", "follower", "env" };
	size_t words = 1;

	for (size_t i = 0; run->command.n > 1 && i < GS_COUNT(sides); i++)
		if (!strcmp(run->command.v[0], sides[i]))
			words = 2;
	for (size_t i = 0; i < words && i < run->command.n; i++) {
		gs_str_adds(out, i ? " " : "");
		gs_str_add_safe(out, gs_span_of(run->command.v[i]));
	}
}

void gs_run_label(const struct gs_run *run, struct gs_str *out)
{
	gs_str_addf(out, "%u (", run->id);
	add_verb(run, out);
	gs_str_adds(out, ", ");
	gs_str_add_safe(out, gs_span_of(run->time));
	gs_str_addc(out, ')');
}

static struct gs_run *find(const struct gs_runs *runs, uint32_t id)
{
	for (size_t i = 0; i < runs->n; i++)
		if (runs->v[i].id == id)
			return &runs->v[i];
	return NULL;
}

/* From the last run to the first: all later runs, which could have undone it, are known then. */
void gs_runs_judge(struct gs_runs *runs)
{
	for (size_t i = runs->n; i-- > 0;) {
		const struct gs_run *undo = &runs->v[i];
		struct gs_run *undone = undo->plan.undoes ? find(runs, undo->plan.undoes) : NULL;

		if (undone && undone < undo && undo->state == GS_RUN_DONE && !undo->undone_by)
			undone->undone_by = undo->id;
	}
}

static int refuse(const struct gs_run *run, struct gs_err *err)
{
	gs_err_set(err, EINVAL, "run %u is not done: %s", run->id, state_names[run->state][1]);
	gs_err_cause(err, "RUN_NOT_DONE");
	return gs_err_advise(err, "sudo gshare history");
}

int gs_runs_pick(const struct gs_runs *runs, uint32_t id, const struct gs_run **ret,
		 struct gs_err *err)
{
	for (size_t i = runs->n; i-- > 0;) {
		const struct gs_run *run = &runs->v[i];
		bool is_done = run->state == GS_RUN_DONE;

		if (id ? run->id != id : !is_done || run->undone_by || run->plan.undoes)
			continue;
		if (!is_done)
			return refuse(run, err);
		*ret = run;
		return 0;
	}
	if (id)
		gs_err_set(err, ENOENT, "the journal has no run %u", id);
	else
		gs_err_set(err, ENOENT, "the journal has no run to undo");
	gs_err_cause(err, "RUN_UNKNOWN");
	return gs_err_advise(err, "sudo gshare history");
}

void gs_report_history(const struct gs_runs *runs, struct gs_str *out)
{
	gs_str_addf(out, "%5s  %-20s  %-10s  %-14s  %s\n", "run", "when", "who", "state", "what");
	for (size_t i = 0; i < runs->n; i++) {
		const struct gs_run *run = &runs->v[i];
		gs_autostr struct gs_str when = { 0 }, who = { 0 }, what = { 0 };
		char state[STATE_BYTES];

		gs_str_add_safe(&when, gs_span_of(run->time));
		gs_str_add_safe(&who, gs_span_of(run->by));
		gs_run_add_command(run, &what);
		if (run->undone_by)
			snprintf(state, sizeof state, "undone by %u", run->undone_by);
		else
			snprintf(state, sizeof state, "%s", state_names[run->state][1]);
		gs_str_addf(out, "%5u  %-20s  %-10s  %-14s  %s\n", run->id,
			    when.ptr ? when.ptr : "", who.ptr ? who.ptr : "", state,
			    what.ptr ? what.ptr : "");
	}
	if (!runs->n)
		gs_str_adds(out, "no runs recorded\n");
}
