/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include "core/exports/gone.h"

#define MARK  "# gshare share /srv/a\n"
#define TWO   MARK "/srv/a 10.0.0.8(rw) 10.0.0.9(rw)\n"
#define NAMED MARK "/srv/a node8(rw)\n"

/* Has the first entry of a text gone from another? Does that serve its client, by whatever path? */
static const struct row {
	const char *name, *was, *now;
	bool gone, served;
} rows[] = {
	{ "as it was", TWO, TWO, false, true },
	{ "with other options", TWO, MARK "/srv/a 10.0.0.8(ro)\n", false, true },
	{ "in another line, by hand", TWO, "/srv/a 10.0.0.9(rw)\n/srv/a 10.0.0.8(rw)\n", false,
	  true },
	{ "its own is gone", TWO, MARK "/srv/a 10.0.0.9(rw)\n", true, false },
	{ "all are gone", TWO, MARK, true, false },
	{ "of another path is one left", TWO, MARK "/srv/b 10.0.0.8(rw)\n", true, true },
	{ "a network has it", TWO, MARK "/srv/a 10.0.0.0/24(rw)\n", false, true },
	{ "another network is in its place", TWO, MARK "/srv/a 10.0.1.0/24(rw)\n", true, false },
	{ "everybody has it", TWO, MARK "/srv/a *(rw)\n", false, true },
	{ "a name is in its place: it may be its own", TWO, MARK "/srv/a node8(rw)\n", false,
	  false },
	{ "a name with an address in its place", NAMED, MARK "/srv/a 10.0.0.8(rw)\n", false,
	  false },
	{ "a mistyped address, too", TWO, MARK "/srv/a 10.0.0.b(rw)\n", false, false },
	{ "a netgroup, too", TWO, MARK "/srv/a @all(rw)\n", false, false },
	{ "a name without anybody", NAMED, MARK, true, false },
	{ "a name of before says nothing anew", MARK "/srv/a 10.0.0.8(rw) node9(rw)\n",
	  MARK "/srv/a node9(rw)\n", true, false },
};

static void test_gone(void **state)
{
	const struct row *row = *state;
	GS_AUTO(gs_exports_done) struct gs_exports was = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs now = { 0 };
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	struct gs_err err = { 0 };

	gs_files_add(&files, "/etc/exports", true, gs_span_of(row->now));
	assert_int_equal(gs_docs_parse(&files, &now, &err), 0);
	assert_int_equal(gs_exports_parse(gs_span_of(row->was), &was, &err), 0);
	assert_int_equal(gs_export_is_gone(&now, &was, &was.entry[0]), row->gone);
	assert_int_equal(gs_docs_serve(&now, &was.entry[0].host), row->served);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_gone);
	return table_run("gone", &table);
}
