/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/undo/history.h"

/* A journal of four runs: what each is, and which one an undo means. */

static const struct row {
	const char *name;
	struct {
		enum gs_run_state state;
		uint32_t undoes, undone_by; /* the latter as it must be judged */
	} run[4];
	uint32_t asked, picked; /* picked 0: refused */
	const char *error;
} rows[] = {
	{ "the last one", { { GS_RUN_DONE, 0, 0 }, { GS_RUN_DONE, 0, 0 } }, 0, 2, NULL },
	{ "not one that failed",
	  { { GS_RUN_DONE, 0, 0 }, { GS_RUN_ROLLED_BACK, 0, 0 }, { GS_RUN_LEFT, 0, 0 } },
	  0,
	  1,
	  NULL },
	{ "not one that is undone, nor its undo",
	  { { GS_RUN_DONE, 0, 0 }, { GS_RUN_DONE, 0, 3 }, { GS_RUN_DONE, 2, 0 } },
	  0,
	  1,
	  NULL },
	{ "an undo by its number", { { GS_RUN_DONE, 0, 2 }, { GS_RUN_DONE, 1, 0 } }, 2, 2, NULL },
	{ "an undo that was undone counts no more",
	  { { GS_RUN_DONE, 0, 0 }, { GS_RUN_DONE, 1, 3 }, { GS_RUN_DONE, 2, 0 } },
	  0,
	  1,
	  NULL },
	{ "a failed undo undoes nothing",
	  { { GS_RUN_DONE, 0, 0 }, { GS_RUN_ROLLED_BACK, 1, 0 } },
	  0,
	  1,
	  NULL },
	{ "undone already: there is nothing to do",
	  { { GS_RUN_DONE, 0, 2 }, { GS_RUN_DONE, 1, 0 } },
	  1,
	  1,
	  NULL },
	{ "taken back already",
	  { { GS_RUN_DONE, 0, 0 }, { GS_RUN_ROLLED_BACK, 0, 0 } },
	  2,
	  0,
	  "RUN_NOT_DONE" },
	{ "no such run", { { GS_RUN_DONE, 0, 0 } }, 9, 0, "RUN_UNKNOWN" },
	{ "nothing to undo", { { GS_RUN_ROLLED_BACK, 0, 0 } }, 0, 0, "RUN_UNKNOWN" },
	{ "a run that undoes itself or a later one",
	  { { GS_RUN_DONE, 1, 0 }, { GS_RUN_DONE, 3, 0 }, { GS_RUN_DONE, 0, 0 } },
	  0,
	  3,
	  NULL },
};

static void make_runs(const struct row *row, struct gs_runs *runs)
{
	for (uint32_t i = 0; i < 4 && row->run[i].state; i++) {
		gs_grow(&runs->v, runs->n, &runs->room, sizeof *runs->v);
		runs->v[runs->n] = (struct gs_run){ .id = i + 1, .state = row->run[i].state };
		runs->v[runs->n].time = gs_strdup("2026-11-22T19:06:14Z");
		runs->v[runs->n].by = gs_strdup("a\033[31m");
		gs_strs_add(&runs->v[runs->n].command, "leader");
		gs_strs_add(&runs->v[runs->n].command, "add");
		gs_strs_add(&runs->v[runs->n].command, "a b\n");
		runs->v[runs->n++].plan.undoes = row->run[i].undoes;
	}
}

static void test_pick(void **state)
{
	const struct row *row = *state;
	GS_AUTO(gs_runs_done) struct gs_runs runs = { 0 };
	const struct gs_run *picked = NULL;
	struct gs_err err = { 0 };
	int r;

	make_runs(row, &runs);
	gs_runs_judge(&runs);
	for (size_t i = 0; i < runs.n; i++)
		assert_int_equal(runs.v[i].undone_by, row->run[i].undone_by);
	r = gs_runs_pick(&runs, row->asked, &picked, &err);
	if (row->error) {
		assert_true(r < 0);
		assert_string_equal(err.id, row->error);
		assert_null(picked);
		return;
	}
	assert_int_equal(r, 0);
	assert_int_equal(picked->id, row->picked);
}

static void test_table_is_safe(void **state)
{
	GS_AUTO(gs_runs_done) struct gs_runs runs = { 0 };
	gs_autostr struct gs_str text = { 0 }, label = { 0 };

	(void)state;
	make_runs(&rows[2], &runs);
	gs_runs_judge(&runs);
	gs_report_history(&runs, &text);
	assert_null(strchr(text.ptr, '\033'));
	assert_non_null(strstr(text.ptr, "undone by 3"));
	assert_non_null(strstr(text.ptr, "leader add $'a b\\012'"));
	gs_run_label(&runs.v[0], &label);
	assert_string_equal(label.ptr, "1 (leader add, 2026-11-22T19:06:14Z)");
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_pick);
	table_add(&table, "the table is one line for each run", test_table_is_safe, NULL);
	return table_run("history", &table);
}
