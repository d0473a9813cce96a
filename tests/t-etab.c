/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/exports/etab.h"

/* As exportfs 2.6.2 writes them. */
#define TAIL	   "sync,wdelay,hide,nocrossmnt,secure,root_squash,"
#define COMMON	   "secure_locks,acl,no_pnfs,"
#define MANAGED_RW TAIL "all_squash,no_subtree_check," COMMON "anonuid=1000,anongid=1000,sec=sys"
#define A                                                                                          \
	"/srv/a\t10.0.0.1(ro," TAIL "no_all_squash,no_subtree_check," COMMON                       \
	"anonuid=65534,anongid=65534,sec=sys,ro,secure,root_squash,no_all_squash)\n"
#define B                                                                                          \
	"/srv/b\\040c\t10.0.0.0/24(ro," TAIL "no_all_squash,no_subtree_check," COMMON              \
	"anonuid=65534,anongid=65534,sec=sys,ro,secure,root_squash,no_all_squash)\n"
#define SHARE "/mnt/data/shared\t192.168.18.8(rw," MANAGED_RW ",rw,secure,root_squash,all_squash)\n"
#define SHARE_RO                                                                                   \
	"/mnt/data/shared\t192.168.18.8(ro," MANAGED_RW ",ro,secure,root_squash,all_squash)\n"
#define OTHER "/mnt/data/shared\t192.168.18.9(rw," MANAGED_RW ",rw,secure,root_squash,all_squash)\n"

static const char SPEC[] = "rw,sync,no_subtree_check,all_squash,anonuid=1000,anongid=1000";

static const struct row {
	const char *name, *before, *after;
	bool gone;	/* the prediction: the share's export to .8 is not there */
	const char *id; /* of the error; NULL: all is well */
	size_t foreign;
} rows[] = {
	{ "ours appears, others stay", A B, A B SHARE, false, NULL, 2 },
	{ "the order does not matter", A B, SHARE B A, false, NULL, 2 },
	{ "ours changes, others stay", A SHARE_RO, A SHARE, false, NULL, 1 },
	{ "ours is missing", A, A, false, "EXPORT_MISSING", 0 },
	{ "ours has another access", A, A SHARE_RO, false, "EXPORT_DIFFERS", 0 },
	{ "a foreign one vanishes", A B, A SHARE, false, "FOREIGN_REMOVED", 0 },
	{ "a foreign one appears", A, A B SHARE, false, "FOREIGN_ADDED", 0 },
	{ "another client of our path appears", A, A SHARE OTHER, false, "FOREIGN_ADDED", 0 },
	{ "ours is withdrawn", A SHARE OTHER, A OTHER, true, NULL, 2 },
	{ "ours should be gone and stays", A SHARE, A SHARE, true, "EXPORT_STAYS", 0 },
	{ "withdrawing took a foreign one along", A SHARE, "", true, "FOREIGN_REMOVED", 0 },
	{ "an empty etab before", "", SHARE, false, NULL, 0 },
	{ "an etab that was cut off", A B, "/srv/a\t10.0.0.1(ro,sy", false, "EXPORT_MISSING", 0 },
};

static void predict(const struct row *row, struct gs_prediction *p)
{
	struct gs_err err = { 0 };

	*p = (struct gs_prediction){ .path = "/mnt/data/shared",
				     .host = "192.168.18.8",
				     .gone = row->gone };
	assert_int_equal(gs_exportopts_parse(gs_span_of(SPEC), NULL, &p->opts, &err), 0);
}

static void test_check(void **state)
{
	const struct row *row = *state;
	struct gs_prediction p;
	struct gs_err err = { 0 };
	size_t foreign = 99;
	int r;

	predict(row, &p);
	r = gs_etab_check(gs_span_of(row->before), gs_span_of(row->after), &p, 1, gs_span(NULL, 0),
			  &foreign, &err);
	gs_exportopts_done(&p.opts);
	if (row->id) {
		assert_true(r < 0);
		assert_string_equal(err.id, row->id);
		assert_int_equal(foreign, 99);
		return;
	}
	if (r < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(foreign, row->foreign);
}

static void test_said(void **state)
{
	struct gs_prediction p;
	struct gs_err err = { 0 };
	size_t foreign;

	(void)state;
	predict(&rows[0], &p);
	assert_true(gs_etab_check(gs_span_of(A), gs_span_of(A), &p, 1,
				  gs_span_of("exportfs: /etc/exports:3: \033[1mno\nmore\n"),
				  &foreign, &err) < 0);
	gs_exportopts_done(&p.opts);
	assert_non_null(strstr(err.msg, "its output: exportfs: /etc/exports:3: \\033[1mno"));
	assert_null(strstr(err.msg, "more"));
}

static void test_foreign_options(void **state)
{
	static const char changed[] = "/srv/a\t10.0.0.1(rw,sync)\n";
	struct gs_prediction p;
	struct gs_err err = { 0 };
	size_t foreign;

	(void)state;
	predict(&rows[0], &p);
	assert_true(gs_etab_check(gs_span_of(A), gs_span_of(SHARE "/srv/a\t10.0.0.1(rw,sync)\n"),
				  &p, 1, gs_span(NULL, 0), &foreign, &err) < 0);
	assert_string_equal(err.id, "FOREIGN_CHANGES");
	assert_true(gs_etab_fulfils(gs_span_of(SHARE), &p, 1));
	assert_false(gs_etab_fulfils(gs_span_of(changed), &p, 1));
	gs_exportopts_done(&p.opts);
}

static void test_two_spellings(void **state)
{
	static const char slash[] = "/mnt/data/shared\t192.168.18.8/32(ro,sync)\n";
	gs_autofree char *after = gs_printf("%s%s", slash, SHARE);
	struct gs_prediction p;
	struct gs_err err = { 0 };
	size_t foreign;

	(void)state;
	predict(&rows[0], &p);
	assert_true(gs_etab_check(gs_span_of(""), gs_span_of(after), &p, 1, gs_span(NULL, 0),
				  &foreign, &err) < 0);
	gs_exportopts_done(&p.opts);
	assert_string_equal(err.id, "EXPORT_DIFFERS");
	assert_non_null(strstr(err.msg, "192.168.18.8/32"));
	assert_non_null(strstr(err.fix, "remove one of the two"));
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_check);
	table_add(&table, "what exportfs said is told, one line, made safe", test_said, NULL);
	table_add(&table, "a foreign export with other options", test_foreign_options, NULL);
	table_add(&table, "one client in two spellings is explained", test_two_spellings, NULL);
	return table_run("etab", &table);
}
