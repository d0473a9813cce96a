/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/check.h"
#include "core/check/fstab_line.h"
#include "core/format/fstab.h"
#include "core/format/unit.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

#define SRC   "192.168.18.13:/mnt/data/shared"
#define AT    "/mnt/data/shared"
#define OPT   "vers=4.2,hard,x-gshare.id=7c1e52d0"
#define MARK  "# gshare mount " AT "\n"
#define ENTRY SRC " " AT " nfs4 " OPT " 0 0\n"
#define ROOT  "UUID=0a-1b /\text4  errors=remount-ro\t0 1\n"

static const struct gs_fstab_spec usual = { SRC, AT, "nfs4", OPT };
static const struct gs_fstab_spec plain = { SRC, AT, "nfs4", "ro" };
static const struct gs_fstab_spec slashes = { SRC, "//mnt//data/shared/", "nfs4", OPT };
static const struct gs_fstab_spec odd = { "[fd00::1]:/a b", "/m\tn\\o\np", "nfs", "x=\"a b\",rw" };
static const struct gs_fstab_spec relative = { SRC, "mnt", "nfs4", OPT };
static const struct gs_fstab_spec hash = { "#srv:/x", AT, "nfs4", OPT };
static const struct gs_fstab_spec no_source = { "", AT, "nfs4", OPT };
static const struct gs_fstab_spec no_type = { SRC, AT, "", OPT };
static const struct gs_fstab_spec no_options = { SRC, AT, "nfs4", "" };

/* Without a wish the row removes AT. */
static const struct edit {
	const char *name;
	struct text before;
	const struct gs_fstab_spec *spec;
	int code;
	bool changed;
	struct text after;
	const char *message;
} edits[] = {
	{ "marker and entry are added to an empty file", T(""), &usual, 0, true, T(MARK ENTRY),
	  NULL },
	{ "added behind other lines, which keep their bytes", T("# hi\n\n" ROOT), &usual, 0, true,
	  T("# hi\n\n" ROOT MARK ENTRY), NULL },
	{ "a missing final newline is supplied", T("proc /proc proc"), &usual, 0, true,
	  T("proc /proc proc\n" MARK ENTRY), NULL },
	{ "a final backslash does not join lines", T("# a\\\n"), &usual, 0, true,
	  T("# a\\\n" MARK ENTRY), NULL },
	{ "lines ending in CR stay as they are", T("# a\r\n" ROOT), &usual, 0, true,
	  T("# a\r\n" ROOT MARK ENTRY), NULL },
	{ "the same entry is no change", T(MARK ENTRY ROOT), &usual, 0, false, T(MARK ENTRY ROOT),
	  NULL },
	{ "slashes too many in the wish are no change", T(MARK ENTRY), &slashes, 0, false,
	  T(MARK ENTRY), NULL },
	{ "the same with other spacing is no change",
	  T("  " SRC "\t" AT "/\tnfs4\t" OPT "   1 2 \r\n"), &usual, 0, false,
	  T("  " SRC "\t" AT "/\tnfs4\t" OPT "   1 2 \r\n"), NULL },
	{ "only the field that differs changes, the tail stays",
	  T("a\n" MARK "10.0.0.1:/x\t " AT "/   nfs4 " OPT "\t1  2 # x\r\n" ROOT), &usual, 0, true,
	  T("a\n" MARK SRC "\t " AT "/   nfs4 " OPT "\t1  2 # x\r\n" ROOT), NULL },
	{ "a missing options field is added", T(MARK SRC " " AT " nfs4 \r\n"), &usual, 0, true,
	  T(MARK SRC " " AT " nfs4 " OPT " 0 0 \r\n"), NULL },
	{ "an entry known by its id alone gets its marker", T(ENTRY), &plain, 0, true,
	  T(MARK SRC " " AT " nfs4 ro 0 0\n"), NULL },
	{ "a second entry of ours is dropped", T(MARK ENTRY ROOT ENTRY MARK ENTRY "# z\n"), &usual,
	  0, true, T(MARK ENTRY ROOT "# z\n"), NULL },
	{ "an entry of ours elsewhere is left alone", T("a:/ /b nfs4 x-gshare.id=1 0 0\n"), &usual,
	  0, true, T("a:/ /b nfs4 x-gshare.id=1 0 0\n" MARK ENTRY), NULL },
	{ "somebody else's entry is refused with its line", T(ROOT "\na:/b " AT "/ nfs rw\n"),
	  &usual, -EEXIST, false, T(ROOT "\na:/b " AT "/ nfs rw\n"), "line 3 " },
	{ "somebody else's entry is seen behind ours", T(MARK ENTRY "a:/b " AT " nfs rw\n"), &usual,
	  -EEXIST, false, T(MARK ENTRY "a:/b " AT " nfs rw\n"), "line 3 " },
	{ "somebody else's entry under our marker is his",
	  T("# gshare mount /other\na:/b " AT " nfs rw\n"), &usual, -EEXIST, false,
	  T("# gshare mount /other\na:/b " AT " nfs rw\n"), "line 2 " },
	{ "a marker two lines above proves nothing", T(MARK "\na:/b " AT " nfs rw\n"), &usual,
	  -EEXIST, false, T(MARK "\na:/b " AT " nfs rw\n"), "line 3 " },
	{ "a commented entry does not stand in the way", T("#" ENTRY), &usual, 0, true,
	  T("#" ENTRY MARK ENTRY), NULL },
	{ "a broken line does not stand in the way", T(SRC " " AT "\n"), &usual, 0, true,
	  T(SRC " " AT "\n" MARK ENTRY), NULL },
	{ "blanks, backslashes and newlines are escaped", T(""), &odd, 0, true,
	  T("# gshare mount /m\\011n\\134o\\012p\n"
	    "[fd00::1]:/a\\040b /m\\011n\\134o\\012p nfs x=\"a\\040b\",rw 0 0\n"),
	  NULL },
	{ "a relative mount point is refused", T(""), &relative, -EINVAL, false, T(""),
	  "not absolute" },
	{ "a source that reads as a comment is refused", T(""), &hash, -EINVAL, false, T(""),
	  "comment" },
	{ "an empty source is refused", T(""), &no_source, -EINVAL, false, T(""), "empty" },
	{ "an empty type is refused", T(""), &no_type, -EINVAL, false, T(""), "empty" },
	{ "empty options are refused", T(""), &no_options, -EINVAL, false, T(""), "empty" },
	{ "blanks behind the marker are allowed", T("# gshare mount " AT "  \r\na " AT " nfs rw\n"),
	  &usual, 0, true, T("# gshare mount " AT "  \r\n" SRC " " AT " nfs4 " OPT "\n"), NULL },
	{ "a comment that only begins like a marker proves nothing",
	  T("# gshare mount " AT " x\na " AT " nfs rw\n"), &usual, -EEXIST, false,
	  T("# gshare mount " AT " x\na " AT " nfs rw\n"), "line 2 " },
	{ "our entry for another target is not removed", T("a /b nfs x-gshare.id=1\n"), NULL, 0,
	  false, T("a /b nfs x-gshare.id=1\n"), NULL },
	{ "a file with a NUL byte is kept and not edited", T("a\0b\n"), &usual, -EILSEQ, false,
	  T("a\0b\n"), "NUL" },
	{ "our entry is removed with its marker", T(ROOT MARK ENTRY "# z"), NULL, 0, true,
	  T(ROOT "# z"), NULL },
	{ "an entry known by its id is removed alone", T("# a\n" ENTRY), NULL, 0, true, T("# a\n"),
	  NULL },
	{ "all entries of ours for the target are removed", T(ENTRY ROOT MARK ENTRY), NULL, 0, true,
	  T(ROOT), NULL },
	{ "somebody else's entry is not removed", T("a:/b " AT " nfs rw\n"), NULL, 0, false,
	  T("a:/b " AT " nfs rw\n"), NULL },
	{ "nothing is removed from a file with a NUL byte", T(MARK ENTRY "\0"), NULL, -EILSEQ,
	  false, T(MARK ENTRY "\0"), "NUL" },
};

static void check_text(const struct gs_fstab *fstab, struct text want)
{
	gs_autostr struct gs_str out = { 0 };

	gs_fstab_render(fstab, &out);
	gs_str_addc(&out, '\0');
	assert_int_equal(out.len, want.len + 1);
	assert_memory_equal(out.ptr, want.ptr, want.len);
}

static int edit_once(struct gs_fstab *fstab, const struct edit *row, bool *ret_changed,
		     struct gs_err *err)
{
	if (row->spec)
		return gs_fstab_set(fstab, row->spec, ret_changed, err);
	return gs_fstab_remove(fstab, AT, ret_changed, err);
}

static void edit_row(void **state)
{
	const struct edit *row = *state;
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_err err = { 0 };
	bool changed = false;

	assert_int_equal(gs_fstab_parse(gs_span(row->before.ptr, row->before.len), &fstab, &err),
			 0);
	check_text(&fstab, row->before);
	assert_int_equal(edit_once(&fstab, row, &changed, &err), row->code);
	if (row->message)
		assert_non_null(strstr(err.msg, row->message));
	assert_int_equal(changed, row->changed);
	check_text(&fstab, row->after);
	if (row->code)
		return;
	changed = true;
	assert_int_equal(edit_once(&fstab, row, &changed, &err), 0);
	assert_false(changed);
	check_text(&fstab, row->after);
}

static const struct entry {
	const char *name;
	const char *line;
	const char *why; /* set: the line is broken */
	struct {
		const char *source, *target, *type, *options;
		int freq, passno;
	} want;
} entries[] = {
	{ "six fields",
	  "a:/b /c nfs rw,hard 1 2",
	  NULL,
	  { .source = "a:/b",
	    .target = "/c",
	    .type = "nfs",
	    .options = "rw,hard",
	    .freq = 1,
	    .passno = 2 } },
	{ "three fields are enough",
	  "\t a /c/ ext4\t\r\n",
	  NULL,
	  { .source = "a", .target = "/c", .type = "ext4", .options = "" } },
	{ "octal escapes of any byte, quotes are text",
	  "\"a\\040b\" /\\101\\134\\08 t \\377 -1 +1",
	  NULL,
	  { .source = "\"a b\"",
	    .target = "/A\\\\08",
	    .type = "t",
	    .options = "\377",
	    .freq = -1,
	    .passno = 1 } },
	{ "an escaped NUL ends the field",
	  "a\\000b / t o 99999999999",
	  NULL,
	  { .source = "a", .target = "/", .type = "t", .options = "o", .freq = INT_MAX } },
	{ "a seventh field is ignored",
	  "a none swap sw 0 0 junk",
	  NULL,
	  { .source = "a", .target = "none", .type = "swap", .options = "sw" } },
	{ "one field is broken", "a", "no mount point", { 0 } },
	{ "two fields are broken", "a /b \n", "no type", { 0 } },
	{ "a comment where a number belongs is broken",
	  "a /b c d # e",
	  "the fifth field is not a number",
	  { 0 } },
	{ "letters behind a number are broken",
	  "a /b c d 0 0x1",
	  "the sixth field is not a number",
	  { 0 } },
	{ "a number beyond 64 bits is broken",
	  "a /b c d 99999999999999999999",
	  "the fifth field is not a number",
	  { 0 } },
	{ "a lone sign is broken", "a /b c d -", "the fifth field is not a number", { 0 } },
	{ "a comment is no entry", " \t# a /b c", NULL, { 0 } },
	{ "a blank line is no entry", " \t\r\n", NULL, { 0 } },
	{ "only one CR is dropped",
	  "a /b c\r\r\n",
	  NULL,
	  { .source = "a", .target = "/b", .type = "c\r", .options = "" } },
};

static void entry_row(void **state)
{
	const struct entry *row = *state;
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	gs_autofree char *text = gs_printf("# first\n%s", row->line);
	const struct gs_fstab_entry *e;
	struct gs_err err = { 0 };

	assert_int_equal(gs_fstab_parse(gs_span_of(text), &fstab, &err), 0);
	assert_int_equal(fstab.n, row->want.source ? 1 : 0);
	assert_int_equal(fstab.n_broken, row->why ? 1 : 0);
	if (row->why) {
		assert_string_equal(fstab.broken[0].why, row->why);
		assert_int_equal(fstab.broken[0].number, 2);
	}
	if (!row->want.source)
		return;
	e = gs_fstab_find(&fstab, row->want.target);
	assert_ptr_equal(e, fstab.entry);
	assert_string_equal(e->source, row->want.source);
	assert_string_equal(e->target, row->want.target);
	assert_string_equal(e->type, row->want.type);
	assert_string_equal(e->options, row->want.options);
	assert_int_equal(e->freq, row->want.freq);
	assert_int_equal(e->passno, row->want.passno);
	assert_int_equal(e->number, 2);
	assert_false(e->managed);
}

static const struct option {
	const char *name;
	const char *options;
	const char *value; /* NULL: not there */
} options[] = {
	{ "no list", NULL, NULL },
	{ "empty list", "", NULL },
	{ "a value", "rw,x-gshare.id=7c,ro", "7c" },
	{ "no value", ",,x-gshare.id", "" },
	{ "the first of two", "x-gshare.id=a,x-gshare.id=b", "a" },
	{ "quotes are dropped", "x-gshare.id=\"a,b\"", "a,b" },
	{ "a longer name is another", "x-gshare.id2=a,xx-gshare.id=b", NULL },
	{ "a name inside quotes is a value", "a=\"b,x-gshare.id=c\",d", NULL },
	{ "an open quote spoils the rest", "a=\"b,x-gshare.id=c", NULL },
	{ "a backslash does not escape a quote", "a=\\\"b,x-gshare.id=c", NULL },
	{ "a backslash does not escape a comma", "a\\,x-gshare.id=c", "c" },
};

static void option_row(void **state)
{
	const struct option *row = *state;
	struct gs_span value = gs_span(NULL, 0);

	assert_int_equal(gs_mountopt_has(row->options, "x-gshare.id"), row->value != NULL);
	assert_int_equal(gs_mountopt_get(row->options, "x-gshare.id", &value), row->value != NULL);
	assert_true(gs_span_is_text(value, row->value));
}

static void managed_is_found(void **state)
{
	static const char text[] = "a:/ /a nfs rw\nb:/ /b nfs x-gshare.id=1\n" MARK ENTRY;
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_fstab_parse(gs_span_of(text), &fstab, &err), 0);
	assert_string_equal(gs_fstab_find_managed(&fstab, NULL)->target, "/b");
	assert_string_equal(gs_fstab_find_managed(&fstab, AT "/")->source, SRC);
	assert_null(gs_fstab_find_managed(&fstab, "/a"));
	assert_null(gs_fstab_find(&fstab, "/c"));
	assert_int_equal(gs_fstab_find(&fstab, "/a")->number, 1);
}

static void long_line_is_kept(void **state)
{
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_err err = { 0 };
	bool changed = false;

	(void)state;
	gs_str_adds(&text, "a:/ /a nfs ");
	for (size_t i = 0; i < (1 << 20) / 16; i++)
		gs_str_adds(&text, "x-one\\040more=1,");
	assert_int_equal(gs_fstab_parse(gs_str_span(&text), &fstab, &err), 0);
	assert_int_equal(fstab.n, 1);
	assert_int_equal(gs_fstab_set(&fstab, &usual, &changed, &err), 0);
	gs_str_adds(&text, "\n" MARK ENTRY);
	check_text(&fstab, (struct text){ text.ptr, text.len });
}

static void too_long_a_text_is_refused(void **state)
{
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_fstab_parse(gs_span("", GS_TEXTDOC_MAX_BYTES + 1), &fstab, &err),
			 -EFBIG);
	assert_null(fstab.entry);
}

/* A marker goes above a line of others: the rest of the line and of the file stays. */
static void a_line_is_adopted(void **state)
{
	static const char before[] = "# mine\n\tlead:/x  /a\tnfs defaults\t0 0 # why\nb:/ /b nfs\n";
	static const char after[] =
		"# mine\n# gshare mount /a\n\tlead:/x  /a\tnfs defaults\t0 0 "
		"# why\nb:/ /b nfs\n";
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_fstab_parse(gs_span_of(before), &fstab, &err), 0);
	assert_int_equal(gs_fstab_adopt(&fstab, 0, &err), 0);
	check_text(&fstab, (struct text){ after, strlen(after) });
	assert_true(fstab.entry[0].managed && !fstab.entry[1].managed);
	assert_int_equal(gs_fstab_adopt(&fstab, 0, &err), 0);
	check_text(&fstab, (struct text){ after, strlen(after) });
}

static const struct unit_row {
	const char *name, *path, *unit;
} units[] = {
	{ "a path", "/mnt/data/shared", "mnt-data-shared.mount" },
	{ "a dash, a blank and a dot", "/mnt/a-b/.c d.e/", "mnt-a\\x2db-.c\\x20d.e.mount" },
	{ "a dot at the beginning", "/.a//\303\244", "\\x2ea-\\xc3\\xa4.mount" },
	{ "the root", "/", "-.mount" },
};

static void unit_of_path(void **state)
{
	const struct unit_row *row = *state;
	gs_autofree char *unit = gs_unit_name(row->path, "mount");

	assert_string_equal(unit, row->unit);
}

/* ---- lines that are none ------------------------------------------------------------------- */

static const struct line_row {
	const char *name, *line;
	bool is_nfs;
	const char *why; /* mount(8) ignores it; NULL: it does not */
} lines[] = {
	{ "a blank between options", SRC " " AT " nfs4 rw, hard 0 0\n", true,
	  "the fifth field is not a number" },
	{ "no type", "\t" SRC "\t" AT "\n", true, "no type" },
	{ "an IPv6 address", "[fd00::1]:/srv " AT "\n", true, "no type" },
	{ "a name", "nas:/\n", true, "no mount point" },
	{ "well", ENTRY, true, NULL },
	{ "a disk", "/dev/sda1 / ext4 defaults x y\n", false, "the fifth field is not a number" },
	{ "a path with a colon", "/a:/b /c\n", false, "no type" },
	{ "no host", ":/b /c\n", false, "no type" },
	{ "a label", "LABEL=a: /c\n", false, "no type" },
	{ "nothing", "\n", false, NULL },
};

static void line_row(void **state)
{
	const struct line_row *row = *state;
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	struct gs_fstab_line_fact fact = { 0 };
	const struct gs_facts facts = { .fstab_line = &fact };
	struct gs_err err = { 0 };

	assert_int_equal(gs_fstab_line_is_nfs(gs_span_of(row->line)), row->is_nfs);
	assert_int_equal(gs_fstab_parse(gs_span_of(row->line), &fstab, &err), 0);
	assert_int_equal(fstab.n_broken, row->why ? 1 : 0);
	fact.broken = fstab.broken;
	gs_checks_run(&facts, GS_FAIL, &findings);
	assert_int_equal(findings.n, row->why ? 1 : 0);
	if (!row->why)
		return;
	assert_string_equal(findings.v[0].id, "FSTAB_LINE_IGNORED");
	assert_non_null(strstr(findings.v[0].text, "line 1 of /etc/fstab"));
	assert_non_null(strstr(findings.v[0].text, row->why));
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, edits, edit_row);
	TABLE_ADD(&table, entries, entry_row);
	TABLE_ADD(&table, options, option_row);
	TABLE_ADD(&table, units, unit_of_path);
	TABLE_ADD(&table, lines, line_row);
	table_add(&table, "a line is adopted", a_line_is_adopted, NULL);
	table_add(&table, "ours is found by target or alone", managed_is_found, NULL);
	table_add(&table, "a line of 1 MiB is kept", long_line_is_kept, NULL);
	table_add(&table, "a text over the limit is refused", too_long_a_text_is_refused, NULL);
	return table_run("fstab", &table);
}
