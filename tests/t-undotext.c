/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdio.h>
#include <string.h>

#include "core/format/merge3.h"

/* Lines are letters here, and '|' is a newline. */

static const struct row {
	const char *name;
	const char *old, *new, *now;
	const char *want; /* NULL: a conflict */
	size_t number;
} rows[] = {
	{ "nobody was there", "a|b|", "a|X|b|", "a|X|b|", "a|b|", 0 },
	{ "no newline at the end comes back", "a|b", "a|b|X|", "a|b|X|", "a|b", 0 },
	{ "an added line goes", "a|", "a|X|", "a|X|m|", "a|m|", 0 },
	{ "above a line of others", "a|", "a|X|", "m|a|X|", "m|a|", 0 },
	{ "a removed line comes back", "a|X|b|", "a|b|", "m|a|b|n|", "m|a|X|b|n|", 0 },
	{ "at the end, though others wrote there", "a|X|", "a|", "a|m|", "a|X|m|", 0 },
	{ "a changed line becomes what it was", "a|x|b|", "a|X|b|", "a|X|b|m|", "a|x|b|m|", 0 },
	{ "two places", "a|x|b|y|c|", "a|X|b|Y|c|", "a|X|m|b|Y|c|", "a|x|m|b|y|c|", 0 },
	{ "a file that the run made, and others use", "", "X|", "X|m|", "m|", 0 },
	{ "done by hand already", "a|x|b|", "a|X|b|", "m|a|x|b|", "m|a|x|b|", 0 },
	{ "done by hand, byte for byte", "a|x|b|", "a|X|b|", "a|x|b|", "a|x|b|", 0 },
	{ "half of it done by hand", "a|x|b|y|", "a|X|b|Y|", "a|x|b|Y|", "a|x|b|y|", 0 },
	{ "the end it lacked comes back, and others wrote behind it", "a|b", "a|b|s|X|",
	  "a|b|s|X||m|", "a|b||m|", 0 },
	{ "the same, and a change above", "x|b", "X|b|s|Y|", "X|b|s|Y||m|", "x|b||m|", 0 },
	{ "what a backslash continued is not continued anew", "a\\", "a\\||X|", "a\\||X|m|",
	  "a\\||m|", 0 },
	{ "a change above, lines added below, and others behind them", "s|u|v|g|d|",
	  "s|u|V|g|d|M|H|", "s|u|V|g|d|M|H||m|", "s|u|v|g|d||m|", 0 },
	{ "its last line had no end, and others wrote behind it", "a|x", "a|X", "a|X|m|", "a|x|m|",
	  0 },
	{ "the same, where the end came with the run's line", "a|x|", "a|X", "a|X|m|", "a|x|m|",
	  0 },
	{ "the end came with the run's line, and others changed the one before", "a", "a|X|",
	  "b|X|", "b|", 0 },
	{ "the same with a backslash, which goes on", "a\\", "a\\||X|", "b\\||X|", NULL, 1 },
	{ "what stands behind its backslash belongs to it", "a|x", "a|X\\", "a|X\\|m|", NULL, 2 },
	{ "its line was changed", "a|", "a|X|", "a|Z|", NULL, 2 },
	{ "its line was removed", "a|x|b|", "a|X|b|", "a|b|", NULL, 2 },
	{ "something was put in between its lines", "a|", "a|X|Y|", "a|X|m|Y|", NULL, 3 },
	{ "the place where its line was is gone", "a|X|b|", "a|b|", "m|", NULL, 1 },
};

static void lines(const char *text, struct gs_str *out)
{
	for (; *text; text++)
		gs_str_addc(out, *text == '|' ? '\n' : *text);
}

static void test_row(void **state)
{
	const struct row *row = *state;
	gs_autostr struct gs_str old = { 0 }, new = { 0 }, now = { 0 }, want = { 0 }, is = { 0 };
	struct gs_undo_conflict where = { 0 };
	bool done;

	lines(row->old, &old);
	lines(row->new, &new);
	lines(row->now, &now);
	done = gs_undo_text(gs_str_span(&old), gs_str_span(&new), gs_str_span(&now), &is, &where);
	if (!row->want) {
		assert_false(done);
		assert_int_equal(is.len, 0);
		assert_int_equal(where.number, row->number);
		return;
	}
	if (!done)
		fail_msg("a conflict at line %zu", where.number);
	lines(row->want, &want);
	if (!gs_span_is(gs_str_span(&is), gs_str_span(&want)))
		fail_msg("'%s', not '%s'", is.ptr, want.ptr);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_row);
	return table_run("undotext", &table);
}
