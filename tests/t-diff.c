/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/diff.h"

#include <stdio.h>
#include <string.h>

#include "table.h"

/* Goldens: what GNU diff -u --label f --label f prints for the two texts. */
static const struct row {
	const char *name;
	const char *old; /* NULL: the file does not exist */
	const char *new;
	const char *hunks;
} rows[] = {
	{ "a line added at the end", "a\nb\n", "a\nb\nc\n",
	  "@@ -1,2 +1,3 @@\n"
	  " a\n"
	  " b\n"
	  "+c\n" },
	{ "a line added at the front", "a\nb\n", "c\na\nb\n",
	  "@@ -1,2 +1,3 @@\n"
	  "+c\n"
	  " a\n"
	  " b\n" },
	{ "a file made from none", NULL, "a\nb\n",
	  "@@ -0,0 +1,2 @@\n"
	  "+a\n"
	  "+b\n" },
	{ "an empty file filled", "", "a\n",
	  "@@ -0,0 +1 @@\n"
	  "+a\n" },
	{ "a file emptied", "a\nb\n", "",
	  "@@ -1,2 +0,0 @@\n"
	  "-a\n"
	  "-b\n" },
	{ "all replaced", "a\nb\n", "c\nd\n",
	  "@@ -1,2 +1,2 @@\n"
	  "-a\n"
	  "-b\n"
	  "+c\n"
	  "+d\n" },
	{ "three lines of context", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
	  "@@ -2,7 +2,7 @@\n"
	  " 2\n"
	  " 3\n"
	  " 4\n"
	  "-5\n"
	  "+x\n"
	  " 6\n"
	  " 7\n"
	  " 8\n" },
	{ "context ends with the file", "1\n2\n3\n4\n", "x\n2\n3\n4\n",
	  "@@ -1,4 +1,4 @@\n"
	  "-1\n"
	  "+x\n"
	  " 2\n"
	  " 3\n"
	  " 4\n" },
	{ "six lines between are one hunk", "a\n1\n2\n3\n4\n5\n6\nb\n", "x\n1\n2\n3\n4\n5\n6\ny\n",
	  "@@ -1,8 +1,8 @@\n"
	  "-a\n"
	  "+x\n"
	  " 1\n"
	  " 2\n"
	  " 3\n"
	  " 4\n"
	  " 5\n"
	  " 6\n"
	  "-b\n"
	  "+y\n" },
	{ "seven lines between are two hunks", "a\n1\n2\n3\n4\n5\n6\n7\nb\n",
	  "x\n1\n2\n3\n4\n5\n6\n7\ny\n",
	  "@@ -1,4 +1,4 @@\n"
	  "-a\n"
	  "+x\n"
	  " 1\n"
	  " 2\n"
	  " 3\n"
	  "@@ -6,4 +6,4 @@\n"
	  " 5\n"
	  " 6\n"
	  " 7\n"
	  "-b\n"
	  "+y\n" },
	{ "three changes",
	  "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n17\n18\n19\n20\n21\n22\n23\n24\n",
	  "1\n2\n4\n5\n6\n7\n8\n9\n10\n11\nx\n12\n13\n14\n15\n16\n17\n18\n19\ny\nz\n21\n22\n23\n24\n",
	  "@@ -1,6 +1,5 @@\n"
	  " 1\n"
	  " 2\n"
	  "-3\n"
	  " 4\n"
	  " 5\n"
	  " 6\n"
	  "@@ -9,6 +8,7 @@\n"
	  " 9\n"
	  " 10\n"
	  " 11\n"
	  "+x\n"
	  " 12\n"
	  " 13\n"
	  " 14\n"
	  "@@ -17,7 +17,8 @@\n"
	  " 17\n"
	  " 18\n"
	  " 19\n"
	  "-20\n"
	  "+y\n"
	  "+z\n"
	  " 21\n"
	  " 22\n"
	  " 23\n" },
	{ "the new text has no final newline", "a\nb\n", "a\nb",
	  "@@ -1,2 +1,2 @@\n"
	  " a\n"
	  "-b\n"
	  "+b\n"
	  "\\ No newline at end of file\n" },
	{ "the old text has no final newline", "a\nb", "a\nb\n",
	  "@@ -1,2 +1,2 @@\n"
	  " a\n"
	  "-b\n"
	  "\\ No newline at end of file\n"
	  "+b\n" },
	{ "neither has a final newline", "a\nb", "a\nc",
	  "@@ -1,2 +1,2 @@\n"
	  " a\n"
	  "-b\n"
	  "\\ No newline at end of file\n"
	  "+c\n"
	  "\\ No newline at end of file\n" },
	{ "a line added behind a missing newline", "a\nb", "a\nb\nc\n",
	  "@@ -1,2 +1,3 @@\n"
	  " a\n"
	  "-b\n"
	  "\\ No newline at end of file\n"
	  "+b\n"
	  "+c\n" },
	{ "context without a final newline", "a\nb", "x\nb",
	  "@@ -1,2 +1,2 @@\n"
	  "-a\n"
	  "+x\n"
	  " b\n"
	  "\\ No newline at end of file\n" },
	{ "a missing newline far from the change", "a\n1\n2\n3\n4\nz", "b\n1\n2\n3\n4\nz",
	  "@@ -1,4 +1,4 @@\n"
	  "-a\n"
	  "+b\n"
	  " 1\n"
	  " 2\n"
	  " 3\n" },
	{ "only a missing newline is added", "a", "a\n",
	  "@@ -1 +1 @@\n"
	  "-a\n"
	  "\\ No newline at end of file\n"
	  "+a\n" },
	{ "a block added among equal lines", "a\n\nb\n\nc\n", "a\n\nb\n\nb\n\nc\n",
	  "@@ -2,4 +2,6 @@\n"
	  " \n"
	  " b\n"
	  " \n"
	  "+b\n"
	  "+\n"
	  " c\n" },
	{ "a block removed among equal lines", "x\n}\nx\n}\nx\n}\n", "x\n}\nx\n}\n",
	  "@@ -2,5 +2,3 @@\n"
	  " }\n"
	  " x\n"
	  " }\n"
	  "-x\n"
	  "-}\n" },
	{ "a run of equal lines shortened", "a\na\na\na\na\nb\n", "a\na\na\nb\n",
	  "@@ -1,6 +1,4 @@\n"
	  " a\n"
	  " a\n"
	  " a\n"
	  "-a\n"
	  "-a\n"
	  " b\n" },
	{ "lines moved", "a\nb\nc\nd\ne\n", "d\na\nb\nc\ne\n",
	  "@@ -1,5 +1,5 @@\n"
	  "+d\n"
	  " a\n"
	  " b\n"
	  " c\n"
	  "-d\n"
	  " e\n" },
	{ "CR is a byte of the line", "a\r\nb\r\n", "a\nb\r\n",
	  "@@ -1,2 +1,2 @@\n"
	  "-a\r\n"
	  "+a\n"
	  " b\r\n" },
	{ "a block slides up to the next change", "1\na\nb\n9\n", "2\na\na\nc\nb\n8\n",
	  "@@ -1,4 +1,6 @@\n"
	  "-1\n"
	  "+2\n"
	  " a\n"
	  "+a\n"
	  "+c\n"
	  " b\n"
	  "-9\n"
	  "+8\n" },
	{ "a slide ends at the end", "1\na\n", "2\na\na\n",
	  "@@ -1,2 +1,3 @@\n"
	  "-1\n"
	  "+2\n"
	  "+a\n"
	  " a\n" },
	{ "an empty line", "\n\n", "\n",
	  "@@ -1,2 +1 @@\n"
	  " \n"
	  "-\n" },
};

/* Of several shortest differences GNU diff may show another one: ours are as late as can be. */
static const struct row late_rows[] = {
	{ "a line added among equal ones, between changes", "1\na\na\nb\n9\n", "2\na\na\na\nb\n8\n",
	  "@@ -1,5 +1,6 @@\n-1\n+2\n a\n a\n+a\n b\n-9\n+8\n" },
	{ "equal lines removed, between changes", "1\na\na\na\na\nb\n9\n", "2\na\na\nb\n8\n",
	  "@@ -1,7 +1,5 @@\n-1\n+2\n a\n a\n-a\n-a\n b\n-9\n+8\n" },
};

static void golden_row(void **state)
{
	const struct row *row = *state;
	gs_autostr struct gs_str out = { 0 };
	gs_autofree char *want = gs_printf("--- %s\n+++ f\n%s", row->old ? "f" : "/dev/null",
					   row->hunks);

	gs_diff_unified("f", gs_span_of(row->old), row->old, gs_span_of(row->new), &out);
	assert_string_equal(out.ptr, want);
}

static const struct same {
	const char *name;
	const char *text;
	bool exists;
} sames[] = {
	{ "equal texts differ in nothing", "a\nb", true },
	{ "empty texts differ in nothing", "", true },
	{ "an empty file made from none is no difference", "", false },
};

static void same_row(void **state)
{
	const struct same *row = *state;
	gs_autostr struct gs_str out = { 0 };

	gs_diff_unified("f", gs_span_of(row->text), row->exists, gs_span_of(row->text), &out);
	assert_int_equal(out.len, 0);
}

static const struct header {
	const char *name;
	const char *path;
	const char *want;
} headers[] = {
	{ "a plain path", "/etc/exports", "--- /etc/exports\n+++ /etc/exports\n" },
	{ "a blank is followed by a tab", "/a b", "--- /a b\t\n+++ /a b\t\n" },
	{ "a quote and a backslash are quoted", "/a \"\\",
	  "--- \"/a \\\"\\\\\"\n+++ \"/a \\\"\\\\\"\n" },
	{ "controls are quoted", "/a\n\x7f", "--- \"/a\\012\\177\"\n+++ \"/a\\012\\177\"\n" },
	{ "bytes beyond ASCII stay", "/\xc3\xa4", "--- /\xc3\xa4\n+++ /\xc3\xa4\n" },
};

static void header_row(void **state)
{
	const struct header *row = *state;
	gs_autostr struct gs_str out = { 0 };
	gs_autofree char *want = gs_printf("%s@@ -1 +1 @@\n-a\n+b\n", row->want);

	gs_diff_unified(row->path, gs_span_of("a\n"), true, gs_span_of("b\n"), &out);
	assert_string_equal(out.ptr, want);
}

static void nul_bytes_are_shown_raw(void **state)
{
	static const char want[] = "--- f\n+++ f\n@@ -1 +1 @@\n-a\0b\n+a\0c\n";
	gs_autostr struct gs_str out = { 0 };

	(void)state;
	gs_diff_unified("f", gs_span("a\0b\n", 4), true, gs_span("a\0c\n", 4), &out);
	assert_int_equal(out.len, sizeof want - 1);
	assert_memory_equal(out.ptr, want, out.len);
}

/* Lines "0\n1\n…"; every step-th is "x\n" instead (step 0: none). */
static void add_numbers(struct gs_str *text, size_t n, size_t step)
{
	for (size_t i = 0; i < n; i++) {
		if (step && i % step == 0)
			gs_str_adds(text, "x\n");
		else
			gs_str_addf(text, "%zu\n", i);
	}
}

static size_t count(struct gs_span text, char first)
{
	struct gs_span line;
	size_t n = 0;

	while (gs_span_cut(&text, '\n', &line))
		n += line.len && line.ptr[0] == first;
	return n;
}

static const struct large {
	const char *name;
	size_t lines, step;
	size_t removed; /* lines, with one for the header */
	size_t hunks;
} larges[] = {
	{ "512 changed lines are found one by one", 51200, 100, 513, 512 },
	{ "more edits than the limit replace all between", 52000, 100, 51902, 1 },
	{ "more lines than the limit replace all between", 300000, 140000, 280002, 1 },
};

static void large_row(void **state)
{
	const struct large *row = *state;
	gs_autostr struct gs_str old = { 0 };
	gs_autostr struct gs_str new = { 0 };
	gs_autostr struct gs_str out = { 0 };

	add_numbers(&old, row->lines, 0);
	add_numbers(&new, row->lines, row->step);
	gs_diff_unified("f", gs_str_span(&old), true, gs_str_span(&new), &out);
	assert_int_equal(count(gs_str_span(&out), '-'), row->removed);
	assert_int_equal(count(gs_str_span(&out), '+'), row->removed);
	assert_int_equal(count(gs_str_span(&out), '@'), row->hunks);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, golden_row);
	TABLE_ADD(&table, late_rows, golden_row);
	TABLE_ADD(&table, sames, same_row);
	TABLE_ADD(&table, headers, header_row);
	TABLE_ADD(&table, larges, large_row);
	table_add(&table, "NUL bytes are shown raw", nul_bytes_are_shown_raw, NULL);
	return table_run("diff", &table);
}
