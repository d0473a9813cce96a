/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <regex.h>
#include <string.h>

#include "core/check/by_hand.h"
#include "core/check/causes.h"

/*
 * How each id is seen by hand, as a row. "t-by-hand --list" prints ID, command and references, a
 * line each, for tests/run-by-hand.sh, which looks at the commands.
 */

#define MANUAL "[A-Za-z0-9_.-]+\\([1-8]\\)"
#define RFC    "RFC [0-9]+( section [0-9]+(\\.[0-9]+)*)?"
#define SOURCE "[a-z0-9_-]+(/[a-z0-9_-]+)+\\.[ch]"
#define CVE    "CVE-[0-9]{4}-[0-9]+"
#define REF    "(" MANUAL "|" RFC "|" SOURCE "|" CVE ")"
#define REFS   "^" REF "(, " REF "){0,2}$"

static bool are_refs(const char *refs)
{
	regex_t wanted;
	bool match;

	assert_int_equal(regcomp(&wanted, REFS, REG_EXTENDED | REG_NOSUB), 0);
	match = !regexec(&wanted, refs, 0, NULL, 0);
	regfree(&wanted);
	return match;
}

static void test_refs(void **state)
{
	(void)state;
	assert_true(are_refs("exports(5), RFC 8881 section 2.6.3.1, fs/nfsd/export.c"));
	assert_true(are_refs("CVE-2025-12801"));
	assert_false(are_refs(""));
	assert_false(are_refs("exports"));
	assert_false(are_refs("exports(5),nfs(5)"));
	assert_false(are_refs("a(1), b(1), c(1), d(1)"));
}

/* Each id has one row, and each row an id; only what is gshare's own matter has nothing to see. */
static void test_by_hand(void **state)
{
	const struct gs_by_hand *row = *state;

	assert_non_null(gs_meaning(row->id));
	assert_ptr_equal(gs_by_hand_find(row->id), row);
	assert_true(are_refs(row->refs));
	if (!row->look)
		assert_string_equal(row->refs, "gshare(8)");
	else
		assert_true(*row->look && strlen(row->look) <= 100 && !strpbrk(row->look, "\t\n"));
	if (row[1].id)
		assert_true(strcmp(row->id, row[1].id) < 0);
}

static void test_all_by_hand(void **state)
{
	GS_AUTO(gs_strs_done) struct gs_strs ids = { 0 };

	(void)state;
	gs_meanings(&ids);
	for (size_t i = 0; i < ids.n; i++)
		if (!gs_by_hand_find(ids.v[i]))
			fail_msg("%s has no row in core/check/by_hand_*.c", ids.v[i]);
	assert_null(gs_by_hand_find("NO_SUCH_ID"));
}

static int list(void)
{
	for (size_t i = 0; gs_by_hands[i]; i++)
		for (const struct gs_by_hand *row = gs_by_hands[i]; row->id; row++)
			printf("%s\t%s\t%s\n", row->id, row->look ? row->look : "-", row->refs);
	return 0;
}

int main(int argc, char **argv)
{
	static struct table table;

	if (argc == 2 && !strcmp(argv[1], "--list"))
		return list();
	for (size_t i = 0; gs_by_hands[i]; i++)
		for (const struct gs_by_hand *row = gs_by_hands[i]; row->id; row++)
			table_add(&table, row->id, test_by_hand, row);
	table_add(&table, "every id by hand", test_all_by_hand, NULL);
	table_add(&table, "what a reference looks like", test_refs, NULL);
	return table_run("by-hand", &table);
}
