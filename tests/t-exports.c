/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/check.h"
#include "core/exports/exports.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "table.h"

#define T(text)                                                                                    \
	{                                                                                          \
		text, sizeof(text) - 1                                                             \
	}
#define A "/srv/a 10.0.0.1(rw)\n"
#define B "/srv/b 10.0.0.2(rw)\n"

/*
 * What exportfs -ra of nfs-utils 2.6.2 made of each text (paths there, names resolving), in the
 * order of the file, as "path client access" and '+' between them. Where it stopped, id says why.
 */
static const struct reading {
	const char *name;
	struct gs_span text;
	const char *etab;
	const char *id; /* of the first flaw */
	bool fatal;
} readings[] = {
	{ "two lines", T(A B), "/srv/a 10.0.0.1 rw+/srv/b 10.0.0.2 rw", NULL, false },
	{ "no final newline", T("/srv/a 10.0.0.1(rw)"), "/srv/a 10.0.0.1 rw", NULL, false },
	{ "tabs and blanks anywhere", T("  \t/srv/a\t10.0.0.1(rw) \n"), "/srv/a 10.0.0.1 rw", NULL,
	  false },
	{ "a comment's backslash joins nothing", T("# c \\\n" A), "/srv/a 10.0.0.1 rw", NULL,
	  false },
	{ "nor that of a comment behind words", T("/srv/a 10.0.0.1(rw) # c \\\n" B),
	  "/srv/a 10.0.0.1 rw+/srv/b 10.0.0.2 rw", NULL, false },
	{ "a hash in a word is a letter", T("/srv/a 10.0.0.1(rw)#c\n" B), "", "EXPORTS_LIST_BAD",
	  true },
	{ "a hash in a path is a letter", T("/srv/ha#sh 10.0.0.1(rw)\n"), "/srv/ha#sh 10.0.0.1 rw",
	  NULL, false },
	{ "CRLF", T("/srv/a 10.0.0.1(rw)\r\n/srv/b 10.0.0.2(rw)\r\n"),
	  "/srv/a 10.0.0.1 rw+/srv/b 10.0.0.2 rw", NULL, false },
	{ "a blank line of a CRLF file ends it, silently", T(A "\r\n" B), "/srv/a 10.0.0.1 rw",
	  "EXPORTS_PATH_EMPTY", true },
	{ "so does a form feed", T("\f\n" B), "", "EXPORTS_PATH_EMPTY", true },
	{ "so does an empty word", T("\"\" 10.0.0.1(rw)\n" B), "", "EXPORTS_PATH_EMPTY", true },
	{ "a path alone is everyone's, ro", T("/srv/a\n"), "/srv/a * ro", "EXPORTS_WORLD", false },
	{ "a list alone is everyone's", T("/srv/a (rw)\n"), "/srv/a * rw", "EXPORTS_WORLD", false },
	{ "a space before the list", T("/srv/a 10.0.0.1 (rw)\n"), "/srv/a 10.0.0.1 ro+/srv/a * rw",
	  "EXPORTS_CLIENT_BLANK", false },
	{ "a line's end before the list", T("/srv/a 10.0.0.1 \\\n\t(rw)\n"),
	  "/srv/a 10.0.0.1 ro+/srv/a * rw", "EXPORTS_CLIENT_BLANK", false },
	{ "defaults", T("/srv/a -rw 10.0.0.1 10.0.0.2(ro) -async 10.0.0.3\n"),
	  "/srv/a 10.0.0.1 rw+/srv/a 10.0.0.2 ro+/srv/a 10.0.0.3 rw", NULL, false },
	{ "defaults alone are everyone's", T("/srv/a -rw\n"), "/srv/a * rw", "EXPORTS_WORLD",
	  false },
	{ "defaults at the end are everyone's", T("/srv/a 10.0.0.1 -rw\n"),
	  "/srv/a 10.0.0.1 ro+/srv/a * rw", "EXPORTS_WORLD", false },
	{ "second defaults in a row are a host", T("/srv/a -rw -ro\n"), "/srv/a -ro rw",
	  "EXPORTS_HOST_ODD", false },
	{ "flavours of the defaults keep their access", T("/srv/a -sec=krb5 10.0.0.1(rw)\n"),
	  "/srv/a 10.0.0.1 ro", NULL, false },
	{ "no parenthesis at the end", T("/srv/a 10.0.0.1(rw\n" B), "", "EXPORTS_LIST_BAD", true },
	{ "something behind it", T("/srv/a 10.0.0.1(rw)x\n" B), "", "EXPORTS_LIST_BAD", true },
	{ "two lists", T("/srv/a 10.0.0.1(rw)(ro)\n" B), "", "EXPORTS_LIST_BAD", true },
	{ "a quoted word may hold a blank", T("/srv/a \"10.0.0.1(rw, sync)\"\n"),
	  "/srv/a 10.0.0.1 rw", NULL, false },
	{ "but not behind an option", T("/srv/a \"10.0.0.1(rw ,sync)\"\n" B), "",
	  "EXPORTS_OPTION_UNKNOWN", true },
	{ "quotes inside words", T("\"/srv/a b\" 10.0.0.1(\"rw\",sync)\n"), "/srv/a b 10.0.0.1 rw",
	  NULL, false },
	{ "an open quote takes the rest", T(A "\"/srv/b 10.0.0.2(rw)\n" A), "/srv/a 10.0.0.1 rw",
	  "EXPORTS_QUOTE_OPEN", true },
	{ "clients on the next line", T("/srv/a 10.0.0.1(rw) \\\n   10.0.0.2(ro)\n"),
	  "/srv/a 10.0.0.1 rw+/srv/a 10.0.0.2 ro", NULL, false },
	{ "a continuation inside a list is a space", T("/srv/a 10.0.0.1(rw,\\\n   sync)\n" B), "",
	  "EXPORTS_LIST_BAD", true },
	{ "a comment behind a continuation ends it", T("/srv/a 10.0.0.1(rw) \\\n# c\n" B),
	  "/srv/a 10.0.0.1 rw+/srv/b 10.0.0.2 rw", NULL, false },
	{ "a continuation glues the next line on", T("/srv/a 10.0.0.1(rw)\\\n" B),
	  "/srv/a 10.0.0.1 rw+/srv/a /srv/b ro+/srv/a 10.0.0.2 rw", "EXPORTS_HOST_ODD", false },
	{ "the last line ends in a continuation", T("/srv/a 10.0.0.1(rw)\\\n"),
	  "/srv/a 10.0.0.1 rw", NULL, false },
	{ "the last word ends in a backslash", T("/srv/a 10.0.0.1(rw)\\"), "",
	  "EXPORTS_BACKSLASH_END", true },
	{ "a lone backslash at the end", T("/srv/a 10.0.0.1(rw) \\"), "/srv/a 10.0.0.1 rw",
	  "EXPORTS_BACKSLASH_END", false },
	{ "octal escapes", T("/srv/a\\040b 10.0.0.1(rw)\n"), "/srv/a b 10.0.0.1 rw", NULL, false },
	{ "octal escapes of UTF-8", T("/srv/b\\303\\251 10.0.0.1(rw)\n"),
	  "/srv/b\303\251 10.0.0.1 rw", NULL, false },
	{ "a backslash is a letter", T("/srv/a\\b 10.0.0.1(rw)\n"), "/srv/a\\b 10.0.0.1 rw", NULL,
	  false },
	{ "escapes are undone twice", T("/srv/b\\134040s 10.0.0.1(rw)\n"), "/srv/b s 10.0.0.1 rw",
	  NULL, false },
	{ "what etab would undo again", T("/srv/b\\13404\\060s 10.0.0.1(rw)\n"),
	  "/srv/b\\040s 10.0.0.1 rw", "EXPORTS_PATH_ODD", false },
	{ "NUL ends the path", T("/srv/a\\000z 10.0.0.1(rw)\n"), "/srv/a 10.0.0.1 rw",
	  "EXPORTS_PATH_ODD", false },
	{ "a blank at the end of the path", T("/srv/a\\040 10.0.0.1(rw)\n"), "/srv/a  10.0.0.1 rw",
	  "EXPORTS_PATH_BLANK", false },
	{ "the same in quotes", T("\"/srv/a \" 10.0.0.1(rw)\n"), "/srv/a  10.0.0.1 rw",
	  "EXPORTS_PATH_BLANK", false },
	{ "over 255 is no escape", T("/srv/a\\777z 10.0.0.1(rw)\n"), "/srv/a\\777z 10.0.0.1 rw",
	  NULL, false },
	{ "slashes and dots too many", T("/srv//./a/. 10.0.0.1(rw)\n"), "/srv/a 10.0.0.1 rw", NULL,
	  false },
	{ "the same client twice", T(A "/srv/a/ 10.0.0.1(ro)\n"),
	  "/srv/a 10.0.0.1 rw+/srv/a 10.0.0.1 ro", "EXPORTS_DUPLICATE", false },
	{ "the same network twice", T("/srv/a 10.0.0.0/24(rw) 10.0.0.0/255.255.255.0(ro)\n"),
	  "/srv/a 10.0.0.0/24 rw+/srv/a 10.0.0.0/24 ro", "EXPORTS_DUPLICATE", false },
	{ "host bits", T("/srv/a 10.0.0.7/8(rw)\n"), "/srv/a 10.0.0.0/8 rw", "EXPORTS_HOST_ODD",
	  false },
	{ "nothing behind the slash", T("/srv/a 10.0.0.5/(rw)\n"), "/srv/a 0.0.0.0/0 rw",
	  "EXPORTS_HOST_ODD", false },
	{ "brackets are a wildcard", T("/srv/a [fd00::1](rw)\n"), "/srv/a [fd00::1] rw",
	  "EXPORTS_HOST_ODD", false },
	{ "an unknown option drops the rest", T(A "/srv/b 10.0.0.2(rw,nonsense)\n" A),
	  "/srv/a 10.0.0.1 rw", "EXPORTS_OPTION_UNKNOWN", true },
	{ "a bad number too", T("/srv/b 10.0.0.2(anonuid=x)\n" A), "", "EXPORTS_OPTION_BAD", true },
	{ "a number that wraps does not", T("/srv/b 10.0.0.2(anonuid=99999999999)\n" A),
	  "/srv/b 10.0.0.2 ro+/srv/a 10.0.0.1 rw", "EXPORTS_NUMBER_WRAPS", false },
	{ "a relative path", T("srv 10.0.0.1(rw)\n"), "srv 10.0.0.1 rw", "EXPORTS_PATH_RELATIVE",
	  false },
	{ "a carriage return between words begins a new path", T("/srv/a 10.0.0.1(rw) \r /srv/c\n"),
	  "/srv/a 10.0.0.1 rw+/srv/c * ro", "EXPORTS_WORLD", false },
	{ "a NUL byte is a blank", T("/srv/a \0 10.0.0.2(rw)\n"), "/srv/a 10.0.0.2 rw", NULL,
	  false },
	{ "options like those before", T("/srv/a 10.0.0.1(ro) 10.0.0.2(ro)\n/srv/b 10.0.0.3(ro)\n"),
	  "/srv/a 10.0.0.1 ro+/srv/a 10.0.0.2 ro+/srv/b 10.0.0.3 ro", NULL, false },
	{ "options before that only look alike",
	  T("/srv/a 10.0.0.1\\050rw,refer=/p@h(ro) 10.0.0.2(ro)\n"),
	  "/srv/a 10.0.0.1 rw+/srv/a 10.0.0.2 ro", NULL, false },
	{ "the same options after other defaults",
	  T("/srv/a 10.0.0.1(sync)\n/srv/b -rw 10.0.0.2(sync)\n"),
	  "/srv/a 10.0.0.1 ro+/srv/b 10.0.0.2 rw", NULL, false },
	{ "the same options before the defaults went",
	  T("/srv/a -rw 10.0.0.1(sync)\n/srv/b 10.0.0.2(sync)\n"),
	  "/srv/a 10.0.0.1 rw+/srv/b 10.0.0.2 ro", NULL, false },
	{ "etab itself",
	  T("/srv/a\t10.0.0.1(rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,"
	    "no_subtree_check,secure_locks,acl,no_pnfs,anonuid=65534,anongid=65534,sec=sys,rw,"
	    "secure,root_squash,no_all_squash)\n"),
	  "/srv/a 10.0.0.1 rw", NULL, false },
};

static void read_as_exportfs_does(void **state)
{
	const struct reading *row = *state;
	GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
	gs_autostr struct gs_str etab = { 0 }, out = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_exports_parse(row->text, &doc, &err), 0);
	for (size_t i = 0; i < doc.n; i++)
		gs_str_addf(&etab, "%s%s %s %s", i ? "+" : "", doc.entry[i].path,
			    doc.entry[i].host.text,
			    gs_exportopts_access(&doc.entry[i].opts) == GS_ACCESS_RO ? "ro" : "rw");
	assert_string_equal(etab.ptr ? etab.ptr : "", row->etab);
	if (row->id) {
		assert_true(doc.flaws > 0);
		assert_string_equal(doc.flaw[0].id, row->id);
		/* What a reader finds has a check, and that has a fix. */
		assert_non_null(gs_check_find(row->id));
		assert_true(gs_check_find(row->id)->command || gs_check_find(row->id)->fix);
	} else {
		assert_int_equal(doc.flaws, 0);
	}
	assert_int_equal(gs_exports_fatal(&doc) != NULL, row->fatal);
	gs_exports_render(&doc, &out);
	assert_true(gs_span_is(gs_str_span(&out), row->text));
}

#define P	"/mnt/data/shared"
#define MANAGED "(rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000)"
#define OURO	"(ro,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000)"
#define MARK	"# gshare share " P "\n"
#define ONE	P " 192.168.18.8" MANAGED "\n"
#define TWO	P " 192.168.18.9" MANAGED "\n"

enum act { SET, SET_RO, REMOVE, DO_MARK, UNMARK };

static const struct edit {
	const char *name;
	struct gs_span before;
	enum act act;
	const char *path, *host, *resolved;
	int code;
	const char *after; /* NULL: unchanged */
} edits[] = {
	{ "the first follower begins the block", T(""), SET, P, "192.168.18.8", NULL, 0, MARK ONE },
	{ "others keep their bytes", T("# hi\n\n\t/a  b(rw)#\n"), SET, P, "192.168.18.8", NULL,
	  -EBADMSG, NULL },
	{ "odd spacing of others stays", T("# hi\n\n\t/a  b(rw) #\n"), SET, P, "192.168.18.8", NULL,
	  0, "# hi\n\n\t/a  b(rw) #\n" MARK ONE },
	{ "a final newline is supplied", T("/a b(rw)"), SET, P, "192.168.18.8", NULL, 0,
	  "/a b(rw)\n" MARK ONE },
	{ "a final continuation is closed", T("/a b(rw) \\\n"), SET, P, "192.168.18.8", NULL, 0,
	  "/a b(rw) \\\n\n" MARK ONE },
	{ "a final backslash is closed", T("/a b(rw) \\"), SET, P, "192.168.18.8", NULL, 0,
	  "/a b(rw) \\\n\n" MARK ONE },
	{ "CRLF of others stays", T("/a b(rw)\r\n"), SET, P, "192.168.18.8", NULL, 0,
	  "/a b(rw)\r\n" MARK ONE },
	{ "the second follower joins the block", T(MARK ONE "\n" A), SET, P, "192.168.18.9", NULL,
	  0, MARK ONE TWO "\n" A },
	{ "the same again is nothing", T(MARK ONE), SET, P "/", "192.168.18.8", NULL, 0, NULL },
	{ "another spelling of the host too", T(MARK ONE), SET, P, "192.168.18.8/32", NULL, 0,
	  NULL },
	{ "ro is written anew", T(MARK ONE TWO), SET_RO, P, "192.168.18.8", NULL, 0,
	  MARK P " 192.168.18.8" OURO "\n" TWO },
	{ "a line of ours that was edited keeps the edit",
	  T(MARK P " 192.168.18.8(rw,sync,no_subtree_check,insecure,all_squash,anonuid=1000,"
		   "anongid=1000)\n"),
	  SET_RO, P, "192.168.18.8", NULL, 0,
	  MARK P " 192.168.18.8(ro,sync,no_subtree_check,insecure,all_squash,anonuid=1000,"
		 "anongid=1000)\n" },
	{ "a resolved name stands above", T(MARK ONE), SET, P, "192.168.18.9", "gpu-2", 0,
	  MARK ONE "# gshare name gpu-2\n" TWO },
	{ "a new name takes its place", T(MARK "# gshare name gpu-1\n" ONE), SET, P, "192.168.18.8",
	  "gpu-2", 0, MARK "# gshare name gpu-2\n" ONE },
	{ "without a name it stays", T(MARK "# gshare name gpu-1\n" ONE), SET, P, "192.168.18.8",
	  NULL, 0, NULL },
	{ "a name that is none", T(MARK ONE), SET, P, "192.168.18.8", "a\nb", -GS_E_USAGE, NULL },
	{ "a hand-written entry is edited where it stands",
	  T(P "  192.168.18.7(ro)\t192.168.18.8(async,ro)  # mine\n"), SET, P, "192.168.18.8", NULL,
	  0,
	  P "  192.168.18.7(ro)\t192.168.18.8(async,rw,all_squash,anonuid=1000,anongid=1000)  # "
	    "mine\n" },
	{ "one without options gets them", T(P " 192.168.18.8\n"), SET_RO, P, "192.168.18.8", NULL,
	  0, P " 192.168.18.8(all_squash,anonuid=1000,anongid=1000)\n" },
	{ "a quoted one is written so that it reads the same",
	  T("\"" P "\" \"192.168.18.8(ro, sync)\"\n"), SET, P, "192.168.18.8", NULL, 0,
	  "\"" P "\" 192.168.18.8(rw,\\040sync,all_squash,anonuid=1000,anongid=1000)\n" },
	{ "defaults of its line count",
	  T(P " -rw,all_squash,anonuid=1000,anongid=1000 192.168.18.8\n"), SET, P, "192.168.18.8",
	  NULL, 0, NULL },
	{ "both of two entries are edited", T(P " 192.168.18.8(ro) 192.168.18.8/32(ro)\n"), SET, P,
	  "192.168.18.8", NULL, 0,
	  P " 192.168.18.8(rw,all_squash,anonuid=1000,anongid=1000) "
	    "192.168.18.8/32(rw,all_squash,anonuid=1000,anongid=1000)\n" },
	{ "a space in the path", T(""), SET, "/srv/a b", "192.168.18.8", NULL, 0,
	  "# gshare share /srv/a\\040b\n/srv/a\\040b 192.168.18.8" MANAGED "\n" },
	{ "a path that would be read twice", T(""), SET, "/srv/a\\040b", "192.168.18.8", NULL,
	  -EINVAL, NULL },
	{ "a relative path", T(""), SET, "srv", "192.168.18.8", NULL, -EINVAL, NULL },
	{ "a NUL byte", T("a\0b\n"), SET, P, "192.168.18.8", NULL, -EILSEQ, NULL },
	{ "a text that exportfs drops", T("/a b(nonsense)\n"), SET, P, "192.168.18.8", NULL,
	  -EBADMSG, NULL },
	{ "a removed follower takes its line and name", T(MARK ONE "# gshare name gpu-2\n" TWO A),
	  REMOVE, P, "192.168.18.9", NULL, 0, MARK ONE A },
	{ "the marker stays", T(MARK ONE), REMOVE, P, "192.168.18.8", NULL, 0, MARK },
	{ "one of several clients", T(P " 192.168.18.7(rw) \\\n\t192.168.18.8(rw) 10.0.0.1 # c\n"),
	  REMOVE, P, "192.168.18.8", NULL, 0, P " 192.168.18.7(rw) 10.0.0.1 # c\n" },
	{ "the only one leaves its comment", T(A P " 192.168.18.8(rw) # c\n" B), REMOVE, P,
	  "192.168.18.8", NULL, 0, A "# c\n" B },
	{ "defaults do not stay behind for everyone", T(P " 192.168.18.7 -rw 192.168.18.8\n"),
	  REMOVE, P, "192.168.18.8", NULL, 0, P " 192.168.18.7\n" },
	{ "a line that would mean something else is left alone",
	  T(P " -rw 192.168.18.8 -ro 192.168.18.7\n"), REMOVE, P, "192.168.18.8", NULL, -ENOTSUP,
	  NULL },
	{ "nobody to remove", T(MARK ONE), REMOVE, P, "10.0.0.1", NULL, 0, NULL },
	{ "a marker alone", T(A), DO_MARK, P, NULL, NULL, 0, A MARK },
	{ "a marker once", T(MARK A), DO_MARK, P, NULL, NULL, 0, NULL },
	{ "unmarked, its entries are anybody's", T(A MARK "# gshare name x\n" ONE B), UNMARK, P,
	  NULL, NULL, 0, A ONE B },
};

static int act(const struct edit *row, struct gs_exports *doc, bool *ret_changed)
{
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_exportspec spec = { GS_ACCESS_RW, GS_SQUASH_ALL, 1000, 1000,
				      false,	    false,	   NULL, false };
	struct gs_err err = { 0 };

	if (row->host)
		assert_int_equal(gs_hostspec_parse(gs_span_of(row->host), &host, &err), 0);
	switch (row->act) {
	case SET_RO:
		spec.access = GS_ACCESS_RO;
		return gs_exports_set(doc, row->path, &host, row->resolved, &spec, ret_changed,
				      &err);
	case SET:
		return gs_exports_set(doc, row->path, &host, row->resolved, &spec, ret_changed,
				      &err);
	case REMOVE:
		return gs_exports_remove(doc, row->path, &host, ret_changed, &err);
	case DO_MARK:
		return gs_exports_mark(doc, row->path, ret_changed, &err);
	case UNMARK:
		return gs_exports_unmark(doc, row->path, ret_changed, &err);
	}
	__builtin_unreachable();
}

static void edit(void **state)
{
	const struct edit *row = *state;
	GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };
	bool changed = false;

	assert_int_equal(gs_exports_parse(row->before, &doc, &err), 0);
	assert_int_equal(act(row, &doc, &changed), row->code);
	gs_exports_render(&doc, &out);
	if (row->after)
		assert_string_equal(out.ptr, row->after);
	else
		assert_true(gs_span_is(gs_str_span(&out), row->before));
	assert_int_equal(changed, row->after != NULL);
	if (row->code)
		return;
	assert_int_equal(act(row, &doc, &changed), 0);
	assert_false(changed);
}

static void entries_say_where_they_stand(void **state)
{
	static const char text[] = A "\n" MARK "# gshare name gpu-1\n" ONE B
				     "/c a(rw) \\\n b(ro)\n";
	GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	const struct gs_export *entry;
	struct gs_err err = { 0 };
	bool changed;
	size_t at = 0;

	(void)state;
	assert_int_equal(gs_exports_parse(gs_span_of(text), &doc, &err), 0);
	assert_int_equal(doc.marks, 1);
	assert_string_equal(doc.mark[0].path, P);
	assert_true(gs_exports_is_marked(&doc, P));
	entry = gs_exports_find(&doc, P, NULL, &at);
	assert_non_null(entry);
	assert_true(entry->is_managed);
	assert_int_equal(entry->number, 5);
	assert_true(gs_span_is_text(gs_exports_name(&doc, entry), "gpu-1"));
	assert_true(gs_span_is_text(gs_exports_host(&doc, entry), "192.168.18.8"));
	assert_null(gs_exports_find(&doc, P, NULL, &at));
	assert_int_equal(doc.entry[4].number, 8);
	assert_false(doc.entry[2].is_managed);
	assert_true(gs_span_is_text(gs_exports_options(&doc, &doc.entry[4]), "ro"));
	gs_hostspec_read(gs_span_of("10.0.0.1"), &host);
	assert_int_equal(gs_exports_remove(&doc, "/srv/a", &host, &changed, &err), 0);
	assert_int_equal(gs_exports_line_number(&doc, &doc.entry[3]), 7);
	assert_int_equal(doc.entry[3].number, 8);
}

static void long_words_and_paths_end_the_file(void **state)
{
	static const struct {
		const char *before;
		size_t letters;
		const char *after, *id; /* NULL: read */
	} row[] = {
		{ "/a ", 507, "(rw)\n", NULL },
		{ "/a ", 508, "(rw)\n", "EXPORTS_WORD_LONG" },
		{ "/a ", 600, "", "EXPORTS_WORD_LONG" },
		{ "/a \"", 600, "", "EXPORTS_WORD_LONG" },
		{ "/", 1023, " b(rw)\n", NULL },
		{ "/", 1024, " b(rw)\n", "EXPORTS_PATH_LONG" },
		{ "/", 1 << 20, "\n", "EXPORTS_PATH_LONG" },
		{ "#", 1 << 20, "\n/a b(rw)\n", NULL },
	};

	(void)state;
	for (size_t i = 0; i < GS_COUNT(row); i++) {
		GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
		gs_autostr struct gs_str text = { 0 };
		struct gs_err err = { 0 };

		gs_str_adds(&text, row[i].before);
		for (size_t k = 0; k < row[i].letters; k++)
			gs_str_addc(&text, 'h');
		gs_str_adds(&text, row[i].after);
		assert_int_equal(gs_exports_parse(gs_str_span(&text), &doc, &err), 0);
		if (row[i].id)
			assert_string_equal(gs_exports_fatal(&doc)->id, row[i].id);
		else
			assert_int_equal(doc.n, 1);
	}
}

static void ten_thousand_entries_take_linear_time(void **state)
{
	GS_AUTO(gs_exports_done) struct gs_exports doc = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	struct gs_exportspec spec = { GS_ACCESS_RW, GS_SQUASH_ALL, 1000, 1000,
				      false,	    false,	   NULL, false };
	gs_autostr struct gs_str text = { 0 }, out = { 0 };
	struct gs_err err = { 0 };
	struct timespec a, b;
	bool changed;

	(void)state;
	gs_str_adds(&text, MARK);
	for (unsigned i = 0; i < 10000; i++)
		gs_str_addf(&text, P " 10.1.%u.%u" MANAGED "\n", i / 250, i % 250 + 1);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &a);
	assert_int_equal(gs_exports_parse(gs_str_span(&text), &doc, &err), 0);
	gs_hostspec_read(gs_span_of("10.9.9.9"), &host);
	assert_int_equal(gs_exports_set(&doc, P, &host, NULL, &spec, &changed, &err), 0);
	gs_exports_render(&doc, &out);
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &b);
	assert_int_equal(doc.n, 10001);
	assert_int_equal(doc.flaws, 0);
	print_message("# 10,000 entries: %.1f ms\n",
		      (double)(b.tv_sec - a.tv_sec) * 1e3 + (double)(b.tv_nsec - a.tv_nsec) / 1e6);
}

/* Hosts of one path, some with a name, into a block with others' lines and a block below it. */
static void many_are_added_as_one_by_one(void **state)
{
	static const char before[] = MARK A
		"/srv/z 10.8.0.1(ro)\n# gshare share /srv/y\n/srv/y " MANAGED;
	struct gs_exportspec spec = { GS_ACCESS_RW, GS_SQUASH_ALL, 1000, 1000,
				      false,	    false,	   NULL, false };
	GS_AUTO(gs_exports_done) struct gs_exports one = { 0 }, all = { 0 }, again = { 0 };
	gs_autostr struct gs_str by_one = { 0 }, by_all = { 0 };
	struct gs_exports_new list[40] = { 0 };
	struct gs_hostspec host[40] = { 0 };
	struct gs_err err = { 0 };
	bool changed;

	(void)state;
	assert_int_equal(gs_exports_parse(gs_span_of(before), &one, &err), 0);
	assert_int_equal(gs_exports_parse(gs_span_of(before), &all, &err), 0);
	for (unsigned i = 0; i < GS_COUNT(list); i++) {
		gs_autofree char *text = gs_printf(i % 5 ? "10.9.0.%u" : "fd00::%u", i + 1);

		gs_hostspec_read(gs_span_of(text), &host[i]);
		spec.access = i % 7 ? GS_ACCESS_RW : GS_ACCESS_RO;
		list[i] = (struct gs_exports_new){ &host[i], i % 3 ? NULL : "gpu-1", spec, NULL };
		assert_int_equal(
			gs_exports_set(&one, P, &host[i], list[i].name, &spec, &changed, &err), 0);
	}
	assert_int_equal(gs_exports_add(&all, P, list, GS_COUNT(list), &err), 0);
	gs_exports_render(&one, &by_one);
	gs_exports_render(&all, &by_all);
	assert_string_equal(by_one.ptr, by_all.ptr);
	assert_int_equal(gs_exports_parse(gs_str_span(&by_all), &again, &err), 0);
	assert_int_equal(again.n, all.n);
	for (size_t e = 0; e < all.n; e++) {
		assert_string_equal(all.entry[e].path, again.entry[e].path);
		assert_string_equal(all.entry[e].host.text, again.entry[e].host.text);
		assert_int_equal(all.entry[e].line, again.entry[e].line);
		assert_int_equal(all.entry[e].is_managed, again.entry[e].is_managed);
	}
	assert_int_equal(all.mark[1].line, again.mark[1].line);
	for (size_t i = 0; i < GS_COUNT(host); i++)
		gs_hostspec_done(&host[i]);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, readings, read_as_exportfs_does);
	TABLE_ADD(&table, edits, edit);
	table_add(&table, "entries say where they stand", entries_say_where_they_stand, NULL);
	table_add(&table, "words over 511 and paths over 1024 bytes end the file",
		  long_words_and_paths_end_the_file, NULL);
	table_add(&table, "many are added as they are one by one", many_are_added_as_one_by_one,
		  NULL);
	table_add(&table, "ten thousand entries take linear time",
		  ten_thousand_entries_take_linear_time, NULL);
	return table_run("exports", &table);
}
