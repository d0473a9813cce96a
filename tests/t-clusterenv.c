/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/clusterenv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "table.h"

#define BOM "\xef\xbb\xbf"

/* Each row sets NODE_TYPE. */
static const struct edit {
	const char *name;
	struct text before;
	const char *value;
	int code;
	bool changed;
	struct text after;
	const char *message;
} edits[] = {
	{ "a missing key is added", T("A=1\n"), "leader", 0, true, T("A=1\nNODE_TYPE=leader\n"),
	  NULL },
	{ "added to nothing", T(""), "leader", 0, true, T("NODE_TYPE=leader\n"), NULL },
	{ "a missing final newline is supplied", T("A=1"), "leader", 0, true,
	  T("A=1\nNODE_TYPE=leader\n"), NULL },
	{ "a final backslash joins an empty line", T("A=c:\\\n"), "leader", 0, true,
	  T("A=c:\\\n\nNODE_TYPE=leader\n"), NULL },
	{ "a final backslash without newline joins an empty line", T("A=c:\\"), "leader", 0, true,
	  T("A=c:\\\n\nNODE_TYPE=leader\n"), NULL },
	{ "a commented key is left alone", T("#NODE_TYPE=x\n # NODE_TYPE=y\n"), "leader", 0, true,
	  T("#NODE_TYPE=x\n # NODE_TYPE=y\nNODE_TYPE=leader\n"), NULL },
	{ "the same value is no change", T("NODE_TYPE=leader"), "leader", 0, false,
	  T("NODE_TYPE=leader"), NULL },
	{ "only the value changes", T("A=1\nNODE_TYPE=leader\nB=2"), "follower", 0, true,
	  T("A=1\nNODE_TYPE=follower\nB=2"), NULL },
	{ "an empty value is filled", T("NODE_TYPE=\n"), "leader", 0, true, T("NODE_TYPE=leader\n"),
	  NULL },
	{ "an empty value before a comment is filled", T("NODE_TYPE= # c\n"), "leader", 0, true,
	  T("NODE_TYPE=leader # c\n"), NULL },
	{ "a comment behind the value stays", T("NODE_TYPE=x # y z\n"), "leader", 0, true,
	  T("NODE_TYPE=leader # y z\n"), NULL },
	{ "a tab before a comment becomes a space, for Compose", T("NODE_TYPE=x\t# y\tz\n"),
	  "leader", 0, true, T("NODE_TYPE=leader # y\tz\n"), NULL },
	{ "it does where the value is there already", T("NODE_TYPE=leader \t# y\n"), "leader", 0,
	  true, T("NODE_TYPE=leader  # y\n"), NULL },
	{ "an escaped backslash hides no quote", T("A=\"c:\\\\\"\nNODE_TYPE=x\n"), "leader", 0,
	  true, T("A=\"c:\\\\\"\nNODE_TYPE=leader\n"), NULL },
	{ "a hash without a blank is value", T("NODE_TYPE=#x#y\n"), "leader", 0, true,
	  T("NODE_TYPE=leader\n"), NULL },
	{ "words are one value", T("NODE_TYPE=x y  z \n"), "leader", 0, true,
	  T("NODE_TYPE=leader \n"), NULL },
	{ "export, blanks and CR stay", T("  export\tNODE_TYPE = x \r\n"), "leader", 0, true,
	  T("  export\tNODE_TYPE = leader \r\n"), NULL },
	{ "an empty value before a CR is filled", T("NODE_TYPE=\r\n"), "leader", 0, true,
	  T("NODE_TYPE=leader\r\n"), NULL },
	{ "double quotes go", T("NODE_TYPE=\"leader\" # c\n"), "leader", 0, true,
	  T("NODE_TYPE=leader # c\n"), NULL },
	{ "single quotes and what is glued on go", T("NODE_TYPE='a # b'c\n"), "leader", 0, true,
	  T("NODE_TYPE=leader\n"), NULL },
	{ "an escaped quote does not close", T("NODE_TYPE=\"a\\\" # b\"\n"), "leader", 0, true,
	  T("NODE_TYPE=leader\n"), NULL },
	{ "every line of the key is changed", T("NODE_TYPE=a\nB=1\nexport NODE_TYPE='b'\n"),
	  "leader", 0, true, T("NODE_TYPE=leader\nB=1\nexport NODE_TYPE=leader\n"), NULL },
	{ "Compose's colon is changed, and the key added for the others", T("NODE_TYPE: x\n"),
	  "leader", 0, true, T("NODE_TYPE: leader\nNODE_TYPE=leader\n"), NULL },
	{ "a longer key is another", T("NODE_TYPES=x\nMY_NODE_TYPE=y\nNODE_TYPE+=z\n"), "leader", 0,
	  true, T("NODE_TYPES=x\nMY_NODE_TYPE=y\nNODE_TYPE+=z\nNODE_TYPE=leader\n"), NULL },
	{ "digits, dots and dashes belong to a key",
	  T("NODE_TYPE2=x\nNODE_TYPE.a=x\nNODE_TYPE-b=x\n2=x\n"), "leader", 0, true,
	  T("NODE_TYPE2=x\nNODE_TYPE.a=x\nNODE_TYPE-b=x\n2=x\nNODE_TYPE=leader\n"), NULL },
	{ "a key called export is one", T("export=x\nexport =y\nexport : z\nexport\nexport \n"),
	  "leader", 0, true,
	  T("export=x\nexport =y\nexport : z\nexport\nexport \nNODE_TYPE=leader\n"), NULL },
	{ "a byte order mark hides nothing", T(BOM "NODE_TYPE=x\n"), "leader", 0, true,
	  T(BOM "NODE_TYPE=leader\n"), NULL },
	{ "a line inside a quoted value is text", T("A=\"x\nNODE_TYPE=y\nz\" \nNODE_TYPE=a\n"),
	  "leader", 0, true, T("A=\"x\nNODE_TYPE=y\nz\" \nNODE_TYPE=leader\n"), NULL },
	{ "an apostrophe inside a word opens nothing", T("A=it's\nNODE_TYPE=y\n"), "leader", 0,
	  true, T("A=it's\nNODE_TYPE=leader\n"), NULL },
	{ "a quote left open by the key itself goes", T("NODE_TYPE=\"x # y\nB=1\n"), "leader", 0,
	  true, T("NODE_TYPE=leader\nB=1\n"), NULL },
	{ "an old value over several lines is refused", T("NODE_TYPE=\"x\ny\"\n"), "leader",
	  -EINVAL, false, T("NODE_TYPE=\"x\ny\"\n"), "line 1 spans several lines" },
	{ "nothing is added behind an open quote", T("#\nA='x\nB=1\n"), "leader", -EINVAL, false,
	  T("#\nA='x\nB=1\n"), "line 2 opens a quote" },
	{ "a space is refused by name", T(""), "a b", -EINVAL, false, T(""),
	  "contains ' ' at byte 2" },
	{ "a dollar is refused by name", T(""), "$x", -EINVAL, false, T(""),
	  "contains '$' at byte 1" },
	{ "a control is refused by number", T(""), "a\n", -EINVAL, false, T(""),
	  "contains '\\012'" },
	{ "a letter beyond ASCII is refused by number", T(""), "\xc3\xa4", -EINVAL, false, T(""),
	  "contains '\\303'" },
	{ "an empty value is refused", T(""), "", -EINVAL, false, T(""), "'NODE_TYPE' is empty" },
	{ "every character that is allowed", T(""), "AZaz09_./:@%+,=-", 0, true,
	  T("NODE_TYPE=AZaz09_./:@%+,=-\n"), NULL },
	{ "a file with a NUL byte is kept and not edited", T("NODE_TYPE=a\0\n"), "leader", -EILSEQ,
	  false, T("NODE_TYPE=a\0\n"), "NUL" },
};

static void check_text(const struct gs_clusterenv *env, struct text want)
{
	gs_autostr struct gs_str out = { 0 };

	gs_clusterenv_render(env, &out);
	gs_str_addc(&out, '\0');
	if (out.len == want.len + 1 && !strlen(want.ptr + strlen(want.ptr)))
		assert_string_equal(out.ptr, want.ptr);
	assert_int_equal(out.len, want.len + 1);
	assert_memory_equal(out.ptr, want.ptr, want.len);
}

static void edit_row(void **state)
{
	const struct edit *row = *state;
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	struct gs_err err = { 0 };
	struct gs_span value;
	bool changed = false;

	assert_int_equal(gs_clusterenv_parse(gs_span(row->before.ptr, row->before.len), &env, &err),
			 0);
	check_text(&env, row->before);
	assert_int_equal(gs_clusterenv_set(&env, "NODE_TYPE", row->value, &changed, &err),
			 row->code);
	if (row->message)
		assert_non_null(strstr(err.msg, row->message));
	assert_int_equal(changed, row->changed);
	check_text(&env, row->after);
	if (row->code)
		return;
	assert_true(gs_clusterenv_get(&env, "NODE_TYPE", &value));
	assert_true(gs_span_is_text(value, row->value));
	changed = true;
	assert_int_equal(gs_clusterenv_set(&env, "NODE_TYPE", row->value, &changed, &err), 0);
	assert_false(changed);
	check_text(&env, row->after);
}

/* Two keys of gshare, and what --canonical makes of their lines. */
static const struct canonical {
	const char *name, *before, *after;
} canonicals[] = {
	{ "as they are", "NODE_TYPE=a\nA= 1\nPOSTGRES_HOST=b", NULL },
	{ "all that may be round them goes",
	  BOM "export NODE_TYPE = a # c\r\n# d\r\n POSTGRES_HOST: b \n",
	  "NODE_TYPE=a\n# d\r\nPOSTGRES_HOST=b\n" },
	{ "a backslash above joins an empty line", "A=\\\nNODE_TYPE=a\nB=\\\\\nPOSTGRES_HOST=b\n",
	  "A=\\\n\nNODE_TYPE=a\nB=\\\\\nPOSTGRES_HOST=b\n" },
	{ "a value over several lines stays", "NODE_TYPE=\"a\nb\"\n", NULL },
};

static void canonical_row(void **state)
{
	const struct canonical *row = *state;
	const char *after = row->after ? row->after : row->before;
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_clusterenv_parse(gs_span_of(row->before), &env, &err), 0);
	assert_int_equal(gs_clusterenv_canonical(&env), row->after != NULL);
	check_text(&env, (struct text){ after, strlen(after) });
	assert_false(gs_clusterenv_canonical(&env));
}

static const struct get {
	const char *name;
	const char *text;
	const char *value; /* NULL: not set */
} gets[] = {
	{ "not set", "#K=1\nL=2\n", NULL },
	{ "the last line wins", "K=1\nexport K=2\n", "2" },
	{ "quotes are dropped", "K = \"a # b\" # c\r\n", "a # b" },
	{ "single quotes are dropped", "K='a\"'", "a\"" },
	{ "quotes in the middle stay", "K=a\"b\"", "a\"b\"" },
	{ "a lone quote stays", "K=\"", "\"" },
	{ "an empty value", "K=", "" },
	{ "an empty quoted value", "K=''", "" },
	{ "a comment is no value", "K= # x", "" },
	{ "a value over several lines is none", "K='a\nb'\n", NULL },
	{ "a line inside a quoted value is none", "A='\nK=1\n'\n", NULL },
};

static void get_row(void **state)
{
	const struct get *row = *state;
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	struct gs_span value = gs_span(NULL, 0);
	struct gs_err err = { 0 };

	assert_int_equal(gs_clusterenv_parse(gs_span_of(row->text), &env, &err), 0);
	assert_int_equal(gs_clusterenv_get(&env, "K", &value), row->value != NULL);
	assert_true(gs_span_is_text(value, row->value));
}

/* The structure of the file that the recipe hands out; %s are the four values. */
static const char recipe[] =
	"# Graphistry Cluster Configuration\n"
	"#\n"
	"# https://example.org/docs/cluster.md\n"
	"\n\n"
	"# ENABLE_CLUSTER_MODE: true | false (default false)\n"
	"# All nodes will use the same LOCAL_DATASET_CACHE_DIR.\n"
	"ENABLE_CLUSTER_MODE=%s\n"
	"\n"
	"# NODE_TYPE: leader | follower (default leader)\n"
	"# If ENABLE_CLUSTER_MODE=true and NODE_TYPE=leader it exposes postgres.\n"
	"NODE_TYPE=%s\n"
	"\n"
	"# LOCAL_DATASET_CACHE_DIR=/host/path/ (default: /opt/graphistry/data)\n"
	"# Examples:\n"
	"# When NODE_TYPE=leader, it may point to an NFS path (e.g. \"/x\").\n"
	"LOCAL_DATASET_CACHE_DIR=%s\n"
	"\n"
	"# POSTGRES_HOST=ip | host_url (default: postgres)\n"
	"# When NODE_TYPE=follower, it may point to the leader's host.\n"
	"POSTGRES_HOST=%s\n";

static char *fill_recipe(const char *mode, const char *type, const char *dir, const char *host)
{
	gs_autostr struct gs_str out = { 0 };
	const char *value[] = { mode, type, dir, host };
	struct gs_span rest = gs_span_of(recipe);

	for (size_t i = 0; i < GS_COUNT(value); i++) {
		const char *hole = strstr(rest.ptr, "%s");

		gs_str_add(&out, gs_span(rest.ptr, (size_t)(hole - rest.ptr)));
		gs_str_adds(&out, value[i]);
		rest = gs_span_of(hole + 2);
	}
	gs_str_add(&out, rest);
	return gs_span_dup(gs_str_span(&out));
}

static const struct apply {
	const char *name;
	struct gs_clusterenv_values values;
	const char *type, *dir, *host;
} applies[] = {
	{ "leader",
	  { GS_NODE_LEADER, "/mnt/data/shared", "postgres" },
	  "leader",
	  "/mnt/data/shared/",
	  "postgres" },
	{ "follower",
	  { GS_NODE_FOLLOWER, "/home/user1/mnt/", "192.168.18.13" },
	  "follower",
	  "/home/user1/mnt/",
	  "192.168.18.13" },
	{ "follower of an IPv6 leader",
	  { GS_NODE_FOLLOWER, "/", "fe80::1%eth0" },
	  "follower",
	  "/",
	  "fe80::1%eth0" },
};

static void apply_row(void **state)
{
	const struct apply *row = *state;
	gs_autofree char *before = fill_recipe("false", "leader", "/opt/graphistry/data", "pg");
	gs_autofree char *after = fill_recipe("true", row->type, row->dir, row->host);
	gs_autofree char *lines = gs_printf(
		"ENABLE_CLUSTER_MODE=true\nNODE_TYPE=%s\n"
		"LOCAL_DATASET_CACHE_DIR=%s\nPOSTGRES_HOST=%s\n",
		row->type, row->dir, row->host);
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv fresh = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };
	bool changed = false;

	assert_int_equal(gs_clusterenv_parse(gs_span_of(before), &env, &err), 0);
	assert_int_equal(gs_clusterenv_apply(&env, &row->values, &changed, &err), 0);
	assert_true(changed);
	check_text(&env, (struct text){ after, strlen(after) });
	assert_int_equal(gs_clusterenv_apply(&env, &row->values, &changed, &err), 0);
	assert_false(changed);
	assert_int_equal(gs_clusterenv_print(&row->values, &out, &err), 0);
	assert_string_equal(out.ptr, lines);
	assert_int_equal(gs_clusterenv_apply(&fresh, &row->values, &changed, &err), 0);
	check_text(&fresh, (struct text){ lines, strlen(lines) });
}

static void a_missing_directory_is_refused(void **state)
{
	const struct gs_clusterenv_values values = { GS_NODE_LEADER, "", "postgres" };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_clusterenv_print(&values, &out, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "'LOCAL_DATASET_CACHE_DIR' is empty"));
}

static void refused_value_changes_nothing(void **state)
{
	const struct gs_clusterenv_values values = { GS_NODE_LEADER, "/mnt/data", "[::1]" };
	static const char text[] = "NODE_TYPE=follower\n";
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	gs_autostr struct gs_str out = { 0 };
	struct gs_err err = { 0 };
	bool changed = false;

	(void)state;
	assert_int_equal(gs_clusterenv_parse(gs_span_of(text), &env, &err), 0);
	assert_int_equal(gs_clusterenv_apply(&env, &values, &changed, &err), -EINVAL);
	assert_non_null(strstr(err.msg, "'POSTGRES_HOST' contains '['"));
	assert_false(changed);
	check_text(&env, (struct text){ text, strlen(text) });
	assert_int_equal(gs_clusterenv_print(&values, &out, &err), -EINVAL);
	assert_int_equal(out.len, 0);
}

static void too_long_a_text_is_refused(void **state)
{
	GS_AUTO(gs_clusterenv_done) struct gs_clusterenv env = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_clusterenv_parse(gs_span("", GS_TEXTDOC_MAX_BYTES + 1), &env, &err),
			 -EFBIG);
	assert_null(env.text.line);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, edits, edit_row);
	TABLE_ADD(&table, canonicals, canonical_row);
	TABLE_ADD(&table, gets, get_row);
	TABLE_ADD(&table, applies, apply_row);
	table_add(&table, "a refused value changes nothing", refused_value_changes_nothing, NULL);
	table_add(&table, "a missing directory is refused", a_missing_directory_is_refused, NULL);
	table_add(&table, "a text over the limit is refused", too_long_a_text_is_refused, NULL);
	return table_run("clusterenv", &table);
}
