/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/check/check.h"
#include "core/check/cluster.h"
#include "core/check/forgotten.h"
#include "core/check/postgres.h"
#include "core/plan/finding.h"

/* A cluster.env, what its node shares and mounts, and what doctor says of the two. */

#define FILE_  "/opt/g/cluster.env"
#define MODE   "ENABLE_CLUSTER_MODE=true\n"
#define LEADS  MODE "NODE_TYPE=leader\n"
#define TAKES  MODE "NODE_TYPE=follower\n"
#define DIR_   "LOCAL_DATASET_CACHE_DIR=/mnt/data/shared/\n"
#define HOST_  "POSTGRES_HOST=10.0.0.1\n"
#define LEADER LEADS DIR_ "POSTGRES_HOST=postgres\n"
#define TAKER  TAKES DIR_ HOST_
#define SHARE  "/mnt/data/shared"
#define FIX    "sudo gshare env follower --write " FILE_

/* ids: of what is found, in order; text: in the first of them; fix: of the first */
static const struct cluster_row {
	const char *name, *text, *custom, *shared, *mounted, *ids, *says, *fix;
	bool is_unknown; /* the mount is no gshare leader's */
} rows[] = {
	{ "a leader's", LEADER, .shared = SHARE, .ids = "" },
	{ "a follower's", TAKER, .mounted = SHARE, .ids = "" },
	{ "below the share", TAKES "LOCAL_DATASET_CACHE_DIR=" SHARE "/datasets\n" HOST_,
	  .mounted = SHARE, .ids = "" },
	{ "quoted, with blanks",
	  MODE "NODE_TYPE = 'follower'\n" DIR_ "POSTGRES_HOST=\"10.0.0.1\"\n", .mounted = SHARE,
	  .ids = "" },
	{ "a leader whose datasets are on a NAS", LEADER, .mounted = SHARE, .is_unknown = true,
	  .ids = "" },
	{ "both: mounted over what is shared", TAKER, .shared = SHARE, .mounted = SHARE,
	  .ids = "" },
	{ "no file", NULL, .mounted = SHARE, .ids = "ENV_ABSENT", .says = "does not exist",
	  .fix = FIX },
	{ "no share and no file", NULL, .ids = "ENV_ABSENT" },
	{ "no host", TAKES DIR_, .mounted = SHARE, .ids = "ENV_KEY_MISSING",
	  .says = "does not set POSTGRES_HOST", .fix = FIX },
	{ "an empty file", "", .mounted = SHARE, .ids = "ENV_KEY_MISSING",
	  .says = "ENABLE_CLUSTER_MODE, NODE_TYPE, LOCAL_DATASET_CACHE_DIR, POSTGRES_HOST",
	  .fix = FIX },
	{ "commented", TAKES DIR_ "#" HOST_, .mounted = SHARE, .ids = "ENV_KEY_MISSING" },
	{ "two values", "NODE_TYPE=leader\n" TAKER, .mounted = SHARE, .ids = "ENV_KEY_TWICE",
	  .says = "NODE_TYPE is 'leader' in line 1 and 'follower' in line 3, which counts",
	  .fix = FIX },
	{ "the same value twice", "NODE_TYPE=follower\n" TAKER, .mounted = SHARE, .ids = "" },
	{ "off", "ENABLE_CLUSTER_MODE=false\nNODE_TYPE=follower\n" DIR_ HOST_, .mounted = SHARE,
	  .ids = "ENV_MODE_OFF", .says = FILE_ ":1 sets ENABLE_CLUSTER_MODE to 'false'",
	  .fix = FIX },
	{ "a follower that says leader", LEADS DIR_ HOST_, .mounted = SHARE,
	  .ids = "ENV_NODE_DIFFERS", .says = "this node mounts /mnt/data/shared/", .fix = FIX },
	{ "a leader that says follower", TAKER, .shared = SHARE, .ids = "ENV_NODE_DIFFERS",
	  .says = "this node shares", .fix = "sudo gshare env leader --write " FILE_ },
	{ "another word", MODE "NODE_TYPE=worker\n" DIR_ HOST_, .mounted = SHARE,
	  .ids = "ENV_NODE_DIFFERS", .says = "sets NODE_TYPE to 'worker'" },
	{ "another directory", TAKES "LOCAL_DATASET_CACHE_DIR=/mnt/data/shard/\n" HOST_,
	  .mounted = SHARE, .ids = "ENV_DIR_ELSEWHERE",
	  .says = "which is not in what this node mounts: " SHARE, .fix = FIX },
	{ "a name that begins alike", TAKES "LOCAL_DATASET_CACHE_DIR=/mnt/data/shared2\n" HOST_,
	  .mounted = SHARE, .ids = "ENV_DIR_ELSEWHERE" },
	{ "nothing is shared", LEADER, .ids = "ENV_DIR_ELSEWHERE",
	  .says = "neither shares nor mounts anything",
	  .fix = "share it with gshare leader init, or mount it with gshare follower mount" },
	{ "a follower's own PostgreSQL", TAKES DIR_ "POSTGRES_HOST=postgres\n", .mounted = SHARE,
	  .ids = "ENV_POSTGRES_HERE", .says = "a follower runs no PostgreSQL", .fix = FIX },
	{ "loopback", TAKES DIR_ "POSTGRES_HOST=127.0.0.1\n", .mounted = SHARE,
	  .ids = "ENV_POSTGRES_HERE" },
	{ "custom.env says otherwise", TAKER, .custom = "X=1\nPOSTGRES_HOST=postgres\n",
	  .mounted = SHARE, .ids = "ENV_CUSTOM_IGNORED",
	  .says = "/opt/g/custom.env:2 sets POSTGRES_HOST to 'postgres' without effect" },
	{ "custom.env says the same", TAKER, .custom = TAKER, .mounted = SHARE, .ids = "" },
	{ "all at once", "ENABLE_CLUSTER_MODE=0\nNODE_TYPE=x\nLOCAL_DATASET_CACHE_DIR=/x\n",
	  .mounted = SHARE,
	  .ids = "ENV_DIR_ELSEWHERE ENV_KEY_MISSING ENV_MODE_OFF ENV_NODE_DIFFERS" },
};

static void add_ids(const struct gs_findings *findings, struct gs_str *out)
{
	for (size_t i = 0; i < findings->n; i++)
		gs_str_addf(out, "%s%s", i ? " " : "", findings->v[i].id);
}

static void add_place(struct gs_strs *list, const char *place)
{
	if (place)
		gs_strs_add(list, place);
}

static void test_cluster(void **state)
{
	const struct cluster_row *row = *state;
	GS_AUTO(gs_cluster_values_done) struct gs_cluster_values values = { 0 }, customs = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs shared = { 0 }, mounted = { 0 };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	gs_autostr struct gs_str ids = { 0 };
	struct gs_cluster_fact fact = { .file = FILE_,
					.is_there = row->text,
					.values = &values,
					.custom = row->custom ? "/opt/g/custom.env" : NULL,
					.customs = &customs,
					.shared = &shared,
					.mounted = &mounted,
					.is_known = !row->is_unknown,
					.env = row->mounted  ? "follower"
					       : row->shared ? "leader"
							     : NULL };

	add_place(&shared, row->shared);
	add_place(&mounted, row->mounted);
	gs_cluster_read(gs_span_of(row->text ? row->text : ""), &values);
	gs_cluster_read(gs_span_of(row->custom ? row->custom : ""), &customs);
	if (values.of[GS_CLUSTER_DIR].text)
		fact.side = gs_cluster_side(values.of[GS_CLUSTER_DIR].text, &shared, &mounted);
	gs_checks_run(&(struct gs_facts){ .cluster = &fact }, GS_FAIL, &findings);
	add_ids(&findings, &ids);
	assert_string_equal(ids.ptr ? ids.ptr : "", row->ids);
	if (row->says)
		assert_non_null(strstr(findings.v[0].text, row->says));
	if (row->fix)
		assert_string_equal(findings.v[0].fix, row->fix);
}

static const struct postgres_row {
	const char *name;
	enum gs_postgres state;
	bool is_leader;
	const char *id, *says, *fix;
} answers[] = {
	{ "ready", .state = GS_POSTGRES_READY },
	{ "open, without libpq", .state = GS_POSTGRES_UNKNOWN },
	{ "refused", GS_POSTGRES_REFUSED, false, "POSTGRES_REFUSED",
	  "port 5432 of 10.0.0.1 (lead) refuses", "on 10.0.0.1 start Graphistry" },
	{ "refused here", GS_POSTGRES_REFUSED, true, "POSTGRES_NOT_EXPOSED",
	  "port 5432 of 10.0.0.1, where followers look", "start Graphistry here" },
	{ "silent", GS_POSTGRES_SILENT, false, "POSTGRES_SILENT", "a firewall drops packets",
	  "let 10.0.0.8 in to port 5432/tcp in the firewall of 10.0.0.1" },
	{ "no way", GS_POSTGRES_UNREACHED, false, "POSTGRES_UNREACHED", "cannot be reached",
	  "see why: ip route show to match 10.0.0.1" },
	{ "another program", GS_POSTGRES_OTHER, false, "POSTGRES_OTHER", "is no PostgreSQL",
	  "on 10.0.0.1 run: sudo ss -ltnp" },
	{ "starting", GS_POSTGRES_STARTING, true, "POSTGRES_STARTING",
	  "PostgreSQL at port 5432 of 10.0.0.1 accepts no clients now", "wait for it" },
};

static void test_postgres(void **state)
{
	const struct postgres_row *row = *state;
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	const struct gs_postgres_fact fact = { FILE_,	   "lead",	   "10.0.0.1",
					       "10.0.0.8", row->is_leader, row->state };

	gs_checks_run(&(struct gs_facts){ .postgres = &fact }, GS_FAIL, &findings);
	assert_int_equal(findings.n, row->id ? 1 : 0);
	if (!row->id)
		return;
	assert_string_equal(findings.v[0].id, row->id);
	assert_non_null(strstr(findings.v[0].text, row->says));
	assert_non_null(strstr(findings.v[0].fix, row->fix));
}

/* A share that has gone from the exports files; a network is shared with again by consent alone. */
static void test_forgotten(void **state)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs hosts = { 0 };
	struct gs_forgotten_fact fact = { .path = "/srv/a b", .hosts = &hosts };

	(void)state;
	gs_strs_add(&hosts, "10.0.0.8");
	gs_strs_add(&hosts, "10.0.0.0/8:ro");
	gs_checks_run(&(struct gs_facts){ .forgotten = &fact }, GS_FAIL, &findings);
	fact.is_wide = true;
	gs_checks_run(&(struct gs_facts){ .forgotten = &fact }, GS_FAIL, &findings);
	assert_int_equal(findings.n, 2);
	assert_string_equal(findings.v[0].fix,
			    "if that is not meant: sudo gshare leader init '/srv/a b' --follower "
			    "10.0.0.8 --follower 10.0.0.0/8:ro");
	assert_non_null(strstr(findings.v[1].fix, " --allow-wide"));
}

static const struct once {
	const char *name;
} forgotten[] = { { "a share that is gone" } };

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_cluster);
	TABLE_ADD(&table, answers, test_postgres);
	TABLE_ADD(&table, forgotten, test_forgotten);
	return table_run("cluster", &table);
}
