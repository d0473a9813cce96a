/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/option.h"

#include <errno.h>
#include <string.h>

#include "table.h"

/*
 * What exportfs of nfs-utils 2.6.2 wrote to etab for the list on the left; without a kernel
 * server it names no secure among the flags of a flavour.
 */
#define REST ",secure_locks,acl,no_pnfs,"
#define ANON "anonuid=65534,anongid=65534"
#define RO   "ro,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check"
#define RW   "rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check"
#define SYS  ",sec=sys,ro,root_squash,no_all_squash"

static const struct meaning {
	const char *name, *base, *list, *etab;
} meanings[] = {
	{ "the defaults", NULL, "", RO REST ANON SYS },
	{ "rw", NULL, "rw", RW REST ANON ",sec=sys,rw,root_squash,no_all_squash" },
	{ "a comma at the end is nothing", NULL, "rw,", RW REST ANON ",sec=sys,rw" },
	{ "a blank before an option is nothing", NULL, "ro, sync", RO REST ANON SYS },
	{ "our own list", NULL, "rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000",
	  "rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,all_squash,no_subtree_check" REST
	  "anonuid=1000,anongid=1000,sec=sys,rw,secure,root_squash,all_squash" },
	{ "the last of two opposites counts", NULL, "no_subtree_check,subtree_check",
	  "ro,sync,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,subtree_check" REST ANON
		  SYS },
	{ "flavours have flags of their own", NULL, "sec=krb5,rw,sec=sys,ro",
	  RO REST ANON ",sec=krb5,rw,root_squash,no_all_squash" SYS },
	{ "flavours of the defaults are not reached", "sec=krb5", "rw",
	  RW REST ANON ",sec=krb5,ro,root_squash,no_all_squash" },
	{ "unix is sys", NULL, "sec=unix", RO REST ANON ",sec=unix,ro,root_squash,no_all_squash" },
	{ "none and null are one", NULL, "sec=none:null",
	  RO REST ANON ",sec=none,ro,root_squash,no_all_squash" },
	{ "a negative id is the same 32 bits", NULL, "anonuid=4294967294,anongid=-5",
	  RO REST "anonuid=-2,anongid=-5" SYS },
	{ "fsid=root is 0", NULL, "fsid=root", RO REST "fsid=0," ANON SYS },
	{ "fsid in hexadecimal", NULL, "fsid=0x10", RO REST "fsid=16," ANON SYS },
	{ "fsid in octal", NULL, "fsid=010", RO REST "fsid=8," ANON SYS },
	{ "fsid=4294967295 is -1", NULL, "fsid=4294967295", RO REST "fsid=-1," ANON SYS },
	{ "mp is mountpoint", NULL, "mp", RO REST "mountpoint," ANON SYS },
	{ "mp with a path", NULL, "mp=/x", RO REST "mountpoint=/x," ANON SYS },
	{ "no_auth_nlm is insecure_locks", NULL, "no_auth_nlm",
	  RO ",insecure_locks,acl,no_pnfs," ANON SYS },
	{ "defaults of the line hold", "rw,async", "",
	  "rw,async,wdelay,hide,nocrossmnt,secure,root_squash,no_all_squash,no_subtree_check" REST
		  ANON ",sec=sys,rw,root_squash,no_all_squash" },
};

static void means_what_etab_says(void **state)
{
	const struct meaning *row = *state;
	GS_AUTO(gs_exportopts_done) struct gs_exportopts base = { 0 }, a = { 0 }, b = { 0 };
	gs_autostr struct gs_str said = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_exportopts_parse(gs_span_of(row->base), NULL, &base, &err), 0);
	assert_int_equal(gs_exportopts_parse(gs_span_of(row->list), &base, &a, &err), 0);
	assert_int_equal(gs_exportopts_parse(gs_span_of(row->etab), NULL, &b, &err), 0);
	if (gs_exportopts_difference(&b, &a, &said))
		fail_msg("%s", said.ptr);
}

static const struct denial {
	const char *name, *list;
	int code;
	const char *id, *said;
} denials[] = {
	{ "an unknown option", "rw,nonsense", -EINVAL, "EXPORTS_OPTION_UNKNOWN", "nonsense" },
	{ "capitals", "RW", -EINVAL, "EXPORTS_OPTION_UNKNOWN", "RW" },
	{ "two commas", "rw,,ro", -EINVAL, "EXPORTS_OPTION_UNKNOWN", "commas" },
	{ "a blank after an option", "rw ,sync", -EINVAL, "EXPORTS_OPTION_UNKNOWN", "space" },
	{ "a value where none belongs", "rw=1", -EINVAL, "EXPORTS_OPTION_UNKNOWN", "rw=1" },
	{ "no value where one belongs", "anonuid", -EINVAL, "EXPORTS_OPTION_UNKNOWN", "anonuid" },
	{ "an empty number", "anonuid=", -EINVAL, "EXPORTS_OPTION_BAD", "not a number" },
	{ "letters after a number", "anongid=5x", -EINVAL, "EXPORTS_OPTION_BAD", "not a number" },
	{ "an id over 32 bits", "anonuid=99999999999", -ERANGE, "EXPORTS_NUMBER_WRAPS", "32 bits" },
	{ "the id -1", "anonuid=4294967295", -ERANGE, "EXPORTS_NUMBER_WRAPS",
	  "the kernel refuses" },
	{ "fsid that is nothing", "fsid=abc", -EINVAL, "EXPORTS_OPTION_BAD", "UUID" },
	{ "fsid in bad octal", "fsid=08", -EINVAL, "EXPORTS_OPTION_BAD", "UUID" },
	{ "a UUID of digits alone", "fsid=12345678123456781234567812345678", -ERANGE,
	  "EXPORTS_NUMBER_WRAPS", "32 bits" },
	{ "a number and a UUID", "fsid=1,fsid=12345678-1234-1234-1234-123456789abc", -ERANGE,
	  "EXPORTS_FSID_TWICE", "UUID" },
	{ "an unknown flavour", "sec=foo", -EINVAL, "EXPORTS_OPTION_BAD", "flavour" },
	{ "an unknown transport mode", "xprtsec=ssl", -EINVAL, "EXPORTS_OPTION_BAD", "mode" },
	{ "an unknown reexport", "reexport=x", -EINVAL, "EXPORTS_OPTION_BAD", "auto-fsidnum" },
	{ "a list of uids to squash", "squash_uids=0-15,20", -EINVAL, "EXPORTS_OPTION_UNKNOWN",
	  "20" },
	{ "a space in a mount point", "mp=/a b", -ERANGE, "EXPORTS_OPTION_BLANK", "space" },
};

static void refuse_list(void **state)
{
	const struct denial *row = *state;
	GS_AUTO(gs_exportopts_done) struct gs_exportopts opts = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_exportopts_parse(gs_span_of(row->list), NULL, &opts, &err), row->code);
	assert_string_equal(err.id, row->id);
	assert_non_null(strstr(err.msg, row->said));
	assert_false(opts.is_set);
}

static const struct gs_exportspec all = { GS_ACCESS_RW, GS_SQUASH_ALL, 1000, 1001,
					  false,	false,	       NULL, false };
static const struct gs_exportspec all_ro = { GS_ACCESS_RO, GS_SQUASH_ALL, 1000, 1001,
					     false,	   false,	  NULL, false };
static const struct gs_exportspec root = { GS_ACCESS_RW, GS_SQUASH_ROOT, 7,    8,
					   false,	 false,		 NULL, false };
static const struct gs_exportspec none = { GS_ACCESS_RW, GS_SQUASH_NONE, 7,    8,
					   false,	 false,		 NULL, false };
static const struct gs_exportspec none_ro = { GS_ACCESS_RO, GS_SQUASH_NONE, 7,	  8,
					      false,	    false,	    NULL, false };
static const struct gs_exportspec confined = { GS_ACCESS_RW, GS_SQUASH_ALL, 1000, 1001,
					       true,	     false,	    "5",  false };

static const struct edit {
	const char *name, *base, *list;
	const struct gs_exportspec *spec;
	const char *after; /* NULL: -ENOTSUP */
} edits[] = {
	{ "as specified stays to the byte", NULL, " rw, all_squash,anonuid=1000,anongid=1001,",
	  &all, " rw, all_squash,anonuid=1000,anongid=1001," },
	{ "changed where it stands", NULL, "async,rw,insecure,no_all_squash", &all_ro,
	  "async,ro,insecure,all_squash,anonuid=1000,anongid=1001" },
	{ "an empty list is filled", NULL, "", &root, "rw,anonuid=7,anongid=8" },
	{ "a comma at the end is used", NULL, "ro,sync,", &none_ro, "ro,sync,no_root_squash" },
	{ "root_squash is not looked at under all_squash", NULL, "rw,no_root_squash", &all,
	  "rw,no_root_squash,all_squash,anonuid=1000,anongid=1001" },
	{ "anon ids are not looked at without squash", NULL, "rw,anonuid=5,root_squash", &none,
	  "rw,anonuid=5,no_root_squash" },
	{ "ids change where they stand", NULL, "anonuid=-2,rw,all_squash,anongid=0", &all,
	  "anonuid=1000,rw,all_squash,anongid=1001" },
	{ "confined, with an fsid", NULL, "rw,no_subtree_check,fsid=9", &confined,
	  "rw,subtree_check,fsid=5,all_squash,anonuid=1000,anongid=1001" },
	{ "subtree_check goes", NULL, "rw,subtree_check", &none,
	  "rw,no_subtree_check,no_root_squash" },
	{ "neither is no_subtree_check", NULL, "rw,no_root_squash", &none, "rw,no_root_squash" },
	{ "subtree_check comes", NULL, "rw,all_squash,anonuid=1000,anongid=1001,fsid=5", &confined,
	  "rw,all_squash,anonuid=1000,anongid=1001,fsid=5,subtree_check" },
	{ "subtree_check of the line's defaults is turned", "subtree_check", "rw", &none,
	  "rw,no_root_squash,no_subtree_check" },
	{ "contradictions are all turned", NULL, "ro,rw,ro", &none, "rw,rw,rw,no_root_squash" },
	{ "each flavour is reached", NULL, "sec=krb5,ro,sec=sys,ro", &none,
	  "no_root_squash,sec=krb5,rw,sec=sys,rw,no_root_squash" },
	{ "what the line's defaults give is not repeated", "rw,no_root_squash", "async", &none,
	  "async" },
	{ "flavours of the defaults cannot be reached", "sec=krb5", "ro", &none, NULL },
};

static void edit_list(void **state)
{
	const struct edit *row = *state;
	GS_AUTO(gs_exportopts_done) struct gs_exportopts base = { 0 };
	gs_autostr struct gs_str out = { 0 }, again = { 0 };
	struct gs_err err = { 0 };
	int code;

	assert_int_equal(gs_exportopts_parse(gs_span_of(row->base), NULL, &base, &err), 0);
	code = gs_exportopts_edit(gs_span_of(row->list), &base, row->spec, &out, &err);
	if (!row->after) {
		assert_int_equal(code, -ENOTSUP);
		assert_int_equal(out.len, 0);
		return;
	}
	assert_int_equal(code, 0);
	assert_string_equal(out.ptr, row->after);
	assert_int_equal(gs_exportopts_edit(gs_str_span(&out), &base, row->spec, &again, &err), 0);
	assert_string_equal(again.ptr, row->after);
}

static const struct gs_exportspec disk = { GS_ACCESS_RW, GS_SQUASH_NONE, 7,    8,
					   false,	 false,		 NULL, true };

static const struct managed {
	const char *name;
	const struct gs_exportspec *spec;
	const char *list;
} renders[] = {
	{ "all_squash", &all, "rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1001" },
	{ "all_squash ro", &all_ro,
	  "ro,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1001" },
	{ "root_squash", &root, "rw,sync,no_subtree_check,root_squash,anonuid=7,anongid=8" },
	{ "no_root_squash", &none, "rw,sync,no_subtree_check,no_root_squash" },
	{ "confined with fsid", &confined,
	  "rw,sync,subtree_check,all_squash,anonuid=1000,anongid=1001,fsid=5" },
	{ "a mount point", &disk, "rw,sync,no_subtree_check,no_root_squash,mountpoint" },
};

static void render_managed(void **state)
{
	const struct managed *row = *state;
	gs_autostr struct gs_str out = { 0 }, fsid = { 0 };
	GS_AUTO(gs_exportopts_done) struct gs_exportopts opts = { 0 };
	struct gs_exportspec back;
	struct gs_err err = { 0 };

	gs_exportopts_render_managed(row->spec, &out);
	assert_string_equal(out.ptr, row->list);
	assert_int_equal(gs_exportopts_parse(gs_str_span(&out), NULL, &opts, &err), 0);
	gs_exportopts_spec(&opts, &back, &fsid);
	assert_int_equal(back.access, row->spec->access);
	assert_int_equal(back.mountpoint, row->spec->mountpoint);
	assert_int_equal(back.squash, row->spec->squash);
	assert_int_equal(back.subtree_check, row->spec->subtree_check);
}

static const struct contrast {
	const char *name, *is, *want, *said; /* NULL: the same */
} contrasts[] = {
	{ "nothing", "rw,sync", "sync,rw", NULL },
	{ "access", "rw", "ro", "rw, not ro" },
	{ "squash", "all_squash", "", "all_squash, not no_all_squash" },
	{ "ids", "anonuid=0", "anonuid=1000", "anonuid=0, not 1000" },
	{ "fsid", "", "fsid=0", "fsid=none, not a number" },
	{ "text is shown harmlessly", "refer=\377", "", "refer=\\377, not none" },
	{ "flavours", "sec=krb5", "", "sec=krb5, not sys" },
	{ "flags of a flavour", "sec=sys,rw,sec=krb5,ro", "sec=sys:krb5", "sec=sys,rw, not ro" },
	{ "one flavour more", "sec=sys:krb5", "sec=sys", "sec=krb5, not none" },
	{ "transport", "xprtsec=tls", "", "xprtsec=tls, not none" },
};

static void tell_difference(void **state)
{
	const struct contrast *row = *state;
	GS_AUTO(gs_exportopts_done) struct gs_exportopts is = { 0 }, want = { 0 };
	gs_autostr struct gs_str said = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_exportopts_parse(gs_span_of(row->is), NULL, &is, &err), 0);
	assert_int_equal(gs_exportopts_parse(gs_span_of(row->want), NULL, &want, &err), 0);
	assert_int_equal(gs_exportopts_difference(&is, &want, &said), row->said != NULL);
	assert_int_equal(gs_exportopts_is_same(&is, &want), row->said == NULL);
	if (row->said)
		assert_string_equal(said.ptr, row->said);
}

static const struct growth {
	const char *name, *before, *after, *said; /* NULL: nothing is allowed that was not */
} growths[] = {
	{ "nothing changes", "rw,sync", "sync,rw", NULL },
	{ "writing ends", "rw", "ro", NULL },
	{ "writing begins", "ro", "rw", "rw, not ro" },
	{ "the tree is closed", "no_subtree_check", "subtree_check", NULL },
	{ "the tree is opened", "subtree_check", "no_subtree_check",
	  "no_subtree_check, not subtree_check" },
	{ "strangers become the owner", "rw", "rw,all_squash,anonuid=1000",
	  "all_squash, not no_all_squash" },
	{ "root is root", "rw", "rw,no_root_squash", "no_root_squash, not root_squash" },
	{ "another owner", "all_squash,anonuid=1000", "all_squash,anonuid=1001",
	  "anonuid=1001, not 1000" },
	{ "writing ends and the owner changes", "rw", "ro,anonuid=1", "anonuid=1, not 65534" },
	{ "one flavour may write", "sec=sys,ro,sec=krb5,ro", "sec=sys,ro,sec=krb5,rw",
	  "sec=krb5,rw, not ro" },
	{ "one flavour may not", "sec=sys,rw,sec=krb5,rw", "sec=sys,rw,sec=krb5,ro", NULL },
	{ "any port", "rw", "rw,insecure", "insecure, not secure" },
};

static void tell_growth(void **state)
{
	const struct growth *row = *state;
	GS_AUTO(gs_exportopts_done) struct gs_exportopts before = { 0 }, after = { 0 };
	gs_autostr struct gs_str said = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_exportopts_parse(gs_span_of(row->before), NULL, &before, &err), 0);
	assert_int_equal(gs_exportopts_parse(gs_span_of(row->after), NULL, &after, &err), 0);
	assert_int_equal(gs_exportopts_grows(&before, &after, &said), row->said != NULL);
	if (row->said)
		assert_string_equal(said.ptr, row->said);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, meanings, means_what_etab_says);
	TABLE_ADD(&table, denials, refuse_list);
	TABLE_ADD(&table, edits, edit_list);
	TABLE_ADD(&table, renders, render_managed);
	TABLE_ADD(&table, contrasts, tell_difference);
	TABLE_ADD(&table, growths, tell_growth);
	return table_run("exportopt", &table);
}
