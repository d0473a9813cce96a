/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/str.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"

#include "table.h"

static const struct number {
	const char *name;
	const char *text;
	uint64_t max;
	bool good;
	uint64_t value;
} numbers[] = {
	{ "zero", "0", 10, true, 0 },
	{ "leading zeroes are decimal", "010", 10, true, 10 },
	{ "the maximum", "65535", 65535, true, 65535 },
	{ "one over the maximum", "65536", 65535, false, 0 },
	{ "the largest of all", "18446744073709551615", UINT64_MAX, true, UINT64_MAX },
	{ "one over the largest of all", "18446744073709551616", UINT64_MAX, false, 0 },
	{ "a digit over a small maximum", "5", 3, false, 0 },
	{ "nothing is no number", "", 10, false, 0 },
	{ "a sign is no digit", "-1", 10, false, 0 },
	{ "a blank is no digit", "1 ", 10, false, 0 },
	{ "a letter is no digit", "0x1", 10, false, 0 },
};

static void number_row(void **state)
{
	const struct number *row = *state;
	uint64_t value = 0;

	assert_int_equal(gs_span_number(gs_span_of(row->text), row->max, &value), row->good);
	assert_true(value == row->value);
}

static const struct safe {
	const char *name;
	const char *text;
	const char *want;
} safes[] = {
	{ "printable text stays", "a ~\"'", "a ~\"'" },
	{ "the backslash is escaped", "a\\b", "a\\134b" },
	{ "controls are escaped", "\n\t\r\033[0m\x7f", "\\012\\011\\015\\033[0m\\177" },
	{ "two, three and four byte characters stay", "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80",
	  "\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80" },
	{ "C1 controls are escaped", "\xc2\x9b", "\\302\\233" },
	{ "the first quiet character after C1", "\xc2\xa0", "\xc2\xa0" },
	{ "bidirectional controls are escaped", "\xe2\x80\xae\xe2\x81\xa6",
	  "\\342\\200\\256\\342\\201\\246" },
	{ "direction marks are escaped", "\xe2\x80\x8e\xe2\x80\x8f",
	  "\\342\\200\\216\\342\\200\\217" },
	{ "line and paragraph separators are escaped", "\xe2\x80\xa8\xe2\x80\xa9",
	  "\\342\\200\\250\\342\\200\\251" },
	{ "the Arabic letter mark is escaped", "\xd8\x9c", "\\330\\234" },
	{ "spaces and joiners of no width are escaped", "\xe2\x80\x8b\xe2\x80\x8d\xe2\x81\xa0",
	  "\\342\\200\\213\\342\\200\\215\\342\\201\\240" },
	{ "the byte order mark is escaped", "\xef\xbb\xbf", "\\357\\273\\277" },
	{ "the soft hyphen is escaped", "\xc2\xad", "\\302\\255" },
	{ "fillers and variation selectors are escaped", "\xe3\x85\xa4\xef\xb8\x8f",
	  "\\343\\205\\244\\357\\270\\217" },
	{ "tags are escaped", "\xf3\xa0\x81\x81", "\\363\\240\\201\\201" },
	{ "the neighbours of what is escaped stay",
	  "\xd8\x9b\xd8\x9d\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf",
	  "\xd8\x9b\xd8\x9d\xe2\x80\x90\xe2\x80\xa7\xe2\x80\xaf" },
	{ "a lone continuation byte is escaped", "\x80", "\\200" },
	{ "a character cut short is escaped", "\xe2\x82", "\\342\\202" },
	{ "a character broken off is escaped", "\xe2\x82x", "\\342\\202x" },
	{ "overlong forms are escaped", "\xc0\xaf\xe0\x80\xaf", "\\300\\257\\340\\200\\257" },
	{ "surrogates are escaped", "\xed\xa0\x80", "\\355\\240\\200" },
	{ "beyond Unicode is escaped", "\xf4\x90\x80\x80", "\\364\\220\\200\\200" },
};

static void safe_row(void **state)
{
	const struct safe *row = *state;
	gs_autostr struct gs_str out = { 0 };

	gs_str_add_safe(&out, gs_span_of(row->text));
	assert_string_equal(out.ptr, row->want);
}

static const struct cut {
	const char *name;
	const char *text;
	const char *parts; /* joined by '|' */
} cuts[] = {
	{ "one part", "a", "a|" },
	{ "two parts", "a,b", "a|b|" },
	{ "empty text is one empty part", "", "|" },
	{ "separators at the ends make empty parts", ",a,", "|a||" },
};

static void cut_row(void **state)
{
	const struct cut *row = *state;
	struct gs_span rest = gs_span_of(row->text), part;
	gs_autostr struct gs_str out = { 0 };

	while (gs_span_cut(&rest, ',', &part)) {
		gs_str_add(&out, part);
		gs_str_addc(&out, '|');
	}
	assert_string_equal(out.ptr, row->parts);
}

static void trim_takes_blanks_at_both_ends(void **state)
{
	(void)state;
	assert_true(gs_span_is_text(gs_span_trim(gs_span_of(" \t\r\na b \n")), "a b"));
	assert_int_equal(gs_span_trim(gs_span_of(" \t")).len, 0);
	assert_int_equal(gs_span_trim(gs_span(NULL, 0)).len, 0);
}

static void spans_compare_by_bytes(void **state)
{
	(void)state;
	assert_true(gs_span_is(gs_span(NULL, 0), gs_span("", 0)));
	assert_true(gs_span_is(gs_span("a\0b", 3), gs_span("a\0b", 3)));
	assert_false(gs_span_is(gs_span("a\0b", 3), gs_span("a\0c", 3)));
	assert_true(gs_span_is_text(gs_span(NULL, 0), NULL));
	assert_true(gs_span_has_prefix(gs_span_of("abc"), "ab"));
	assert_false(gs_span_has_prefix(gs_span_of("a"), "ab"));
	assert_true(gs_span_has_nul(gs_span("a\0", 2)));
	assert_false(gs_span_has_nul(gs_span("a\0", 1)));
	assert_false(gs_span_has_nul(gs_span(NULL, 0)));
}

static void text_grows_and_ends_in_nul(void **state)
{
	gs_autostr struct gs_str out = { 0 };
	gs_autofree char *copy = NULL;

	(void)state;
	for (int i = 0; i < 1000; i++)
		gs_str_addf(&out, "%d,", i % 10);
	gs_str_add(&out, gs_span("\0x", 2));
	assert_int_equal(out.len, 2002);
	assert_int_equal(out.ptr[out.len], '\0');
	copy = gs_span_dup(gs_span(out.ptr, 4));
	assert_string_equal(copy, "0,1,");
	assert_true(gs_span_is(gs_str_span(&out), gs_span(out.ptr, 2002)));
	gs_str_done(&out);
	assert_null(out.ptr);
	gs_str_adds(&out, "");
	assert_string_equal(out.ptr, "");
}

static void list_copies_its_texts(void **state)
{
	GS_AUTO(gs_strs_done) struct gs_strs list = { 0 };
	char text[] = "a0";

	(void)state;
	for (int i = 0; i < 10; i++) {
		text[1] = (char)('0' + i);
		gs_strs_add(&list, text);
	}
	assert_int_equal(list.n, 10);
	assert_true(gs_strs_has(&list, "a0"));
	assert_true(gs_strs_has(&list, "a9"));
	assert_false(gs_strs_has(&list, "a"));
}

static void memory_is_zeroed_and_copied(void **state)
{
	gs_autofree char *zeroed = gs_alloc(3);
	gs_autofree char *none = gs_alloc(0);
	gs_autofree char *copy = gs_dup("a\0b", 3);
	gs_autofree char *text = gs_printf("%s-%d", "a", 7);

	(void)state;
	assert_memory_equal(zeroed, "\0\0\0", 3);
	assert_non_null(none);
	assert_memory_equal(copy, "a\0b", 3);
	assert_string_equal(text, "a-7");
}

static void failing_is_one_line(void **state)
{
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_err_set(&err, ENOENT, "cannot open '%s'", "/x"), -ENOENT);
	assert_int_equal(err.code, -ENOENT);
	assert_int_equal(gs_err_cause(&err, "NO_FILE"), -ENOENT);
	assert_int_equal(gs_err_advise(&err, "touch %s", "/x"), -ENOENT);
	assert_int_equal(gs_err_prefix(&err, "step %d of %d", 2, 3), -ENOENT);
	assert_string_equal(err.msg, "step 2 of 3: cannot open '/x'");
	assert_string_equal(err.id, "NO_FILE");
	assert_string_equal(err.fix, "touch /x");
}

static void a_new_failure_forgets_the_old_one(void **state)
{
	struct gs_err err = { .id = "OLD", .fix = "old" };

	(void)state;
	assert_int_equal(gs_err_set(&err, -GS_E_LOCKED, "new"), -GS_E_LOCKED);
	assert_null(err.id);
	assert_string_equal(err.fix, "");
	assert_string_equal(err.msg, "new");
}

static void a_long_message_is_cut(void **state)
{
	char text[3 * GS_ERR_MSG_BYTES];
	struct gs_err err = { 0 };

	(void)state;
	memset(text, 'x', sizeof text - 1);
	text[sizeof text - 1] = '\0';
	gs_err_set(&err, EIO, "%s", text);
	assert_int_equal(strlen(err.msg), GS_ERR_MSG_BYTES - 1);
	gs_err_prefix(&err, "place");
	assert_int_equal(strlen(err.msg), GS_ERR_MSG_BYTES - 1);
	assert_memory_equal(err.msg, "place: xxx", 10);
	gs_err_prefix(&err, "%s", text);
	assert_true(strlen(err.msg) < GS_ERR_MSG_BYTES);
	assert_memory_equal(err.msg, "xxx", 3);
}

static const struct path_case {
	const char *name, *path, *dir;
	bool within, below;
} paths[] = {
	{ "the directory itself", "/a/b", "/a/b", true, false },
	{ "with a slash at its end", "/a/b/", "/a/b", true, false },
	{ "below it", "/a/b/c", "/a/b", true, true },
	{ "deep below it", "/a/b/c/d", "/a/b", true, true },
	{ "below a directory with a slash at its end", "/a/b/c", "/a/b/", true, true },
	{ "that directory itself", "/a/b", "/a/b/", true, false },
	{ "beside it, by a longer name", "/a/bc", "/a/b", false, false },
	{ "around it", "/a", "/a/b", false, false },
	{ "elsewhere", "/c", "/a/b", false, false },
	{ "anything is in the root", "/a", "/", true, true },
	{ "the root is not below itself", "/", "/", true, false },
	{ "the root is in nothing else", "/", "/a", false, false },
};

static void path_row(void **state)
{
	const struct path_case *row = *state;

	assert_int_equal(gs_path_is_within(row->path, row->dir), row->within);
	assert_int_equal(gs_path_is_below(row->path, row->dir), row->below);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, numbers, number_row);
	TABLE_ADD(&table, safes, safe_row);
	TABLE_ADD(&table, cuts, cut_row);
	TABLE_ADD(&table, paths, path_row);
	table_add(&table, "trim takes blanks at both ends", trim_takes_blanks_at_both_ends, NULL);
	table_add(&table, "spans compare by bytes", spans_compare_by_bytes, NULL);
	table_add(&table, "text grows and ends in NUL", text_grows_and_ends_in_nul, NULL);
	table_add(&table, "a list copies its texts", list_copies_its_texts, NULL);
	table_add(&table, "memory is zeroed and copied", memory_is_zeroed_and_copied, NULL);
	table_add(&table, "failing is one line", failing_is_one_line, NULL);
	table_add(&table, "a new failure forgets the old one", a_new_failure_forgets_the_old_one,
		  NULL);
	table_add(&table, "a long message is cut", a_long_message_is_cut, NULL);
	return table_run("str", &table);
}
