/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/check/causes.h"
#include "core/check/fix.h"
#include "core/check/notes.h"
#include "core/check/tables.h"

/*
 * Every check as a row: is all of it there? "t-check --list" prints the ids with their meaning, a
 * line each, sorted: tests/run-docs.sh compares the manual page with it.
 */

/* Facts that only one of the nodes has; verify's are of either. */
enum {
	FOLLOWERS = GS_GIVEN(TARGET) | GS_GIVEN(SEEN_ID) | GS_GIVEN(MOUNT),
	LEADERS = ((GS_GIVEN(OVERLAP)) << 1) - 1,
};

static bool is_upper_snake(const char *id)
{
	return strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == strlen(id) && id[0] != '_';
}

static bool is_sentence(const char *text)
{
	size_t n = strlen(text);

	return n > 1 && n <= 80 && text[n - 1] == '.' && !strchr(text, '\n');
}

static const char *meaning_of(const char *id)
{
	for (const struct gs_check_table *t = gs_checks; t->checks; t++)
		for (const struct gs_check *check = t->checks; check->id; check++)
			if (!strcmp(check->id, id) && check->meaning)
				return check->meaning;
	return NULL;
}

static size_t meanings_of(const char *id)
{
	size_t n = 0;

	for (const struct gs_check_table *t = gs_checks; t->checks; t++)
		for (const struct gs_check *check = t->checks; check->id; check++)
			n += !strcmp(check->id, id) && check->meaning;
	return n;
}

static void test_check(void **state)
{
	const struct gs_check *check = *state;

	assert_true(is_upper_snake(check->id));
	assert_int_equal(meanings_of(check->id), 1);
	assert_true(is_sentence(meaning_of(check->id)));
	assert_true(check->facts && !((unsigned long long)check->facts >> GS_FACTS));
	assert_true(!(check->facts & LEADERS) || check->scope == GS_ON_LEADER);
	assert_true(!(check->facts & FOLLOWERS) || check->scope == GS_ON_FOLLOWER);
	assert_int_equal(!check->rule, !!check->names);
	assert_int_equal(!check->text, !!check->message);
	for (const struct gs_note *note = gs_notes; note->id; note++)
		assert_string_not_equal(note->id, check->id);
}

static void test_note(void **state)
{
	const struct gs_note *note = *state;

	assert_true(is_upper_snake(note->id));
	assert_true(is_sentence(note->meaning));
	if (note[1].id)
		assert_true(strcmp(note->id, note[1].id) < 0);
}

/* Commands in the order in which they are run, each with its node; advice where there is none. */
static void test_fixes(void **state)
{
	GS_AUTO(gs_fixes_done) struct gs_fixes fixes = { 0 };
	gs_autostr struct gs_str text = { 0 };

	(void)state;
	gs_fixes_print(&fixes, &text);
	assert_int_equal(text.len, 0);
	gs_str_adds(gs_fix_on(&fixes, "192.168.18.13"), "sudo exportfs -v");
	(void)gs_fix_on(&fixes, "10.0.0.1");
	gs_str_adds(gs_fix_here(&fixes, "then on this node: "), "sudo true");
	gs_fix_advise(&fixes, "%s", "look at it");
	gs_fixes_print(&fixes, &text);
	assert_string_equal(text.ptr,
			    "on 192.168.18.13 run: sudo exportfs -v; then on this node: sudo "
			    "true; look at it");
}

static void test_cause(void **state)
{
	const struct gs_cause_row *cause = *state;

	assert_true(is_upper_snake(cause->id));
	assert_true(is_sentence(cause->meaning));
	assert_null(meaning_of(cause->id));
	if (cause[1].id)
		assert_true(strcmp(cause->id, cause[1].id) < 0);
}

static int list(void)
{
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };

	gs_meanings(&ids);
	for (size_t i = 0; i < ids.n; i++)
		printf("%s\t%s\n", ids.v[i], gs_meaning(ids.v[i]));
	return 0;
}

int main(int argc, char **argv)
{
	static struct table table;

	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list();
	for (const struct gs_check_table *t = gs_checks; t->checks; t++)
		for (const struct gs_check *check = t->checks; check->id; check++)
			table_add(&table, check->id, test_check, check);
	for (const struct gs_note *note = gs_notes; note->id; note++)
		table_add(&table, note->id, test_note, note);
	for (const struct gs_cause_row *cause = gs_causes; cause->id; cause++)
		table_add(&table, cause->id, test_cause, cause);
	table_add(&table, "fixes as one text", test_fixes, NULL);
	return table_run("check", &table);
}
