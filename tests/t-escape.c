/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/check/escape.h"

#include "core/plan/finding.h"
#include "core/plan/plan.h"
#include "table.h"

#define P      "/srv/a "
#define CLOSED "(rw,subtree_check)"
#define OPEN   "(rw,no_subtree_check)"

static const struct row {
	const char *name;
	const char *texts[3]; /* files, or etab */
	bool is_fs_root;
	const char *hosts; /* who escapes, one word each; NULL: nobody */
} rows[] = {
	{ "nothing is exported", { "" }, false, NULL },
	{ "no_subtree_check", { P "10.0.0.1" OPEN }, false, "10.0.0.1" },
	{ "subtree_check", { P "10.0.0.1" CLOSED }, false, NULL },
	{ "a file system of its own has nothing beside it", { P "10.0.0.1" OPEN }, true, NULL },
	{ "neither is said: no_subtree_check", { P "10.0.0.1(rw)" }, false, "10.0.0.1" },
	{ "no options at all", { P "10.0.0.1" }, false, "10.0.0.1" },
	{ "a path alone is everyone's", { "/srv/a" }, false, "*" },
	{ "the last of two counts",
	  { P "10.0.0.1(subtree_check,no_subtree_check)" },
	  false,
	  "10.0.0.1" },
	{ "the line's defaults count", { P "-subtree_check 10.0.0.1(rw)" }, false, NULL },
	{ "an entry's own word wins over the line's",
	  { P "-subtree_check 10.0.0.1" OPEN },
	  false,
	  "10.0.0.1" },
	{ "defaults of the line open it",
	  { P "-no_subtree_check 10.0.0.1(rw) 10.0.0.2" CLOSED },
	  false,
	  "10.0.0.1" },
	{ "one of several is enough", { P "10.0.0.1" CLOSED " 10.0.0.2" OPEN }, false, "10.0.0.2" },
	{ "a network around a host that is confined",
	  { P "10.0.0.1" CLOSED "\n" P "10.0.0.0/24" OPEN },
	  false,
	  "10.0.0.0/24" },
	{ "another path is another export", { "/srv/b 10.0.0.1" OPEN }, false, NULL },
	{ "a directory inside is another export", { "/srv/a/b 10.0.0.1" OPEN }, false, NULL },
	{ "a second file", { P "10.0.0.1" CLOSED, P "10.0.0.2" OPEN }, false, "10.0.0.2" },
	{ "each client once",
	  { P "10.0.0.1" OPEN, P "10.0.0.1" OPEN " 10.0.0.2" OPEN },
	  false,
	  "10.0.0.1 10.0.0.2" },
	{ "etab",
	  { "/srv/a\t10.0.0.1(rw,sync,wdelay,hide,nocrossmnt,secure,root_squash,all_squash,"
	    "no_subtree_check,secure_locks,acl,no_pnfs,anonuid=1000,anongid=1000,sec=sys,rw,"
	    "secure,root_squash,all_squash)\n"
	    "/srv/a\t10.0.0.2(ro,sync,wdelay,hide,nocrossmnt,secure,root_squash,all_squash,"
	    "subtree_check,secure_locks,acl,no_pnfs,anonuid=1000,anongid=1000,sec=sys,ro,"
	    "secure,root_squash,all_squash)\n" },
	  false,
	  "10.0.0.1" },
};

static void who_escapes(void **state)
{
	const struct row *row = *state;
	struct gs_exports docs[GS_COUNT(row->texts)] = { 0 };
	struct gs_escape escape = { .path = "/srv/a", .is_fs_root = row->is_fs_root, .list = docs };
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };
	gs_autostr struct gs_str said = { 0 };
	struct gs_err err = { 0 };

	for (; escape.n < GS_COUNT(docs) && row->texts[escape.n]; escape.n++)
		assert_int_equal(
			gs_exports_parse(gs_span_of(row->texts[escape.n]), &docs[escape.n], &err),
			0);
	gs_share_escapees(&escape, &hosts);
	gs_join(&hosts, " ", &said);
	assert_string_equal(said.len ? said.ptr : "", row->hosts ? row->hosts : "");
	for (size_t i = 0; i < GS_COUNT(docs); i++)
		gs_exports_done(&docs[i]);
}

int main(void)
{
	static struct table table;

	TABLE_ADD(&table, rows, who_escapes);
	return table_run("escape", &table);
}
