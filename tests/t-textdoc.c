/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/textdoc.h"

#include <errno.h>
#include <string.h>

#include "table.h"

static const struct split {
	const char *name;
	bool continues;
	const char *text;
	size_t n;
	size_t number[4]; /* of each line */
} splits[] = {
	{ "nothing is no line", true, "", 0, { 0 } },
	{ "lines with and without an end", true, "a\nb", 2, { 1, 2 } },
	{ "a backslash joins", true, "a \\\n b\nc\n", 2, { 1, 3 } },
	{ "two backslashes join as well", true, "a \\\\\nb\nc\n", 2, { 1, 3 } },
	{ "where nothing continues it does not join", false, "a \\\n b\nc\n", 3, { 1, 2, 3 } },
	{ "a comment is not joined", true, "# a \\\nb\n", 2, { 1, 2 } },
	{ "a comment behind words is not joined", true, "a # b \\\nc\n", 2, { 1, 2 } },
	{ "a hash inside a word is no comment", true, "a#b \\\nc\n", 1, { 1 } },
	{ "a hash behind a continuation is a comment", true, "a \\\n# b \\\nc\n", 2, { 1, 3 } },
	{ "a quoted newline joins", true, "\"a\nb\" c\nd\n", 2, { 1, 3 } },
	{ "a quoted hash is no comment", true, "\"# a \\\nb\"\nc\n", 2, { 1, 3 } },
	{ "a quote in a comment opens nothing", true, "# \"\na\n", 2, { 1, 2 } },
	{ "an open quote takes the rest", true, "a\n\"b\nc\n", 2, { 1, 2 } },
	{ "CR belongs to the line", true, "a\r\n\r\nb", 3, { 1, 2, 3 } },
	{ "a backslash before CR joins nothing", true, "a \\\r\nb\n", 2, { 1, 2 } },
};

static void split(void **state)
{
	const struct split *row = *state;
	GS_AUTO(gs_textdoc_done) struct gs_textdoc doc = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_textdoc_parse(gs_span_of(row->text), row->continues, &doc, &err), 0);
	assert_int_equal(doc.n, row->n);
	for (size_t i = 0; i < row->n; i++)
		assert_int_equal(doc.line[i].number, row->number[i]);
	gs_textdoc_render(&doc, &out);
	assert_true(gs_span_is_text(gs_str_span(&out), row->text));
}

static const struct append {
	const char *name;
	bool continues;
	const char *text, *after; /* "new\n" put at the end */
} appends[] = {
	{ "to nothing", true, "", "new\n" },
	{ "to a whole line", true, "a\n", "a\nnew\n" },
	{ "to a line without an end", true, "a", "a\nnew\n" },
	{ "to a line that ends in a continuation", true, "a \\\n", "a \\\n\nnew\n" },
	{ "to a line that ends in a backslash", true, "a \\", "a \\\n\nnew\n" },
	{ "a comment's backslash needs nothing", true, "# a \\\n", "# a \\\nnew\n" },
	{ "nor where nothing continues", false, "a \\", "a \\\nnew\n" },
};

static void append(void **state)
{
	const struct append *row = *state;
	GS_AUTO(gs_textdoc_done) struct gs_textdoc doc = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_textdoc_parse(gs_span_of(row->text), row->continues, &doc, &err), 0);
	gs_textdoc_insert(&doc, doc.n, gs_span_of("new\n"));
	gs_textdoc_render(&doc, &out);
	assert_string_equal(out.ptr, row->after);
}

static void edits_touch_one_line(void **state)
{
	GS_AUTO(gs_textdoc_done) struct gs_textdoc doc = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_textdoc_parse(gs_span_of("a\nb\nc\n"), false, &doc, &err), 0);
	assert_true(gs_textdoc_is_editable(&doc));
	gs_textdoc_set(&doc, 1, gs_span_of("B\n"));
	gs_textdoc_set(&doc, 1, gs_span_of("BB\n"));
	gs_textdoc_insert(&doc, 0, gs_span_of("0\n"));
	gs_textdoc_remove(&doc, 3);
	gs_textdoc_render(&doc, &out);
	assert_string_equal(out.ptr, "0\na\nBB\n");
	assert_int_equal(doc.line[2].number, 2);
	assert_int_equal(doc.line[0].number, 0);
}

static void a_nul_byte_is_kept_and_not_edited(void **state)
{
	GS_AUTO(gs_textdoc_done) struct gs_textdoc doc = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_textdoc_parse(gs_span("a\0b\nc", 5), true, &doc, &err), 0);
	assert_false(gs_textdoc_is_editable(&doc));
	gs_textdoc_render(&doc, &out);
	assert_true(gs_span_is(gs_str_span(&out), gs_span("a\0b\nc", 5)));
}

static void a_text_over_the_limit_is_refused(void **state)
{
	struct gs_textdoc doc = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(
		gs_textdoc_parse(gs_span("", (size_t)GS_TEXTDOC_MAX_BYTES + 1), true, &doc, &err),
		-EFBIG);
	assert_null(doc.line);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, splits, split);
	TABLE_ADD(&table, appends, append);
	table_add(&table, "an edit touches one line", edits_touch_one_line, NULL);
	table_add(&table, "a NUL byte is kept and not edited", a_nul_byte_is_kept_and_not_edited,
		  NULL);
	table_add(&table, "a text over the limit is refused", a_text_over_the_limit_is_refused,
		  NULL);
	return table_run("textdoc", &table);
}
