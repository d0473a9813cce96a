/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/exports/docs.h"
#include "core/leader/plan_leader.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/server/knfsd.h"
#include "core/share/names.h"

/* leader add: what a HOST becomes in the file, and what is said where several entries mean it. */

#define MARK	      "# gshare share /srv/x\n"
#define ENTRY(client) "/srv/x " client "\n"
#define MANAGED	      "sync,no_subtree_check,root_squash,anonuid=1000,anongid=1000"
#define FIRST	      MANAGED ",mountpoint"

static const struct row {
	const char *name, *exports, *word, *after;
	const char *id, *says; /* of the last finding; NULL: none */
} rows[] = {
	{ "an address", MARK, "10.0.0.1", MARK ENTRY("10.0.0.1(rw," FIRST ")"), NULL, NULL },
	{ "an IPv6 address, long", MARK, "FD00:0:0::0008", MARK ENTRY("fd00::8(rw," FIRST ")"),
	  NULL, NULL },
	{ "an IPv6 network with access", MARK, "[fd00::]/64:ro",
	  MARK ENTRY("fd00::/64(ro," FIRST ")"), NULL, NULL },
	{ "a network by its mask", MARK, "10.0.0.0/255.255.255.0",
	  MARK ENTRY("10.0.0.0/24(rw," FIRST ")"), NULL, NULL },
	{ "a name with two addresses", MARK, "gpu-2:ro",
	  MARK "# gshare name gpu-2\n" ENTRY(
		  "10.0.0.2(ro," FIRST ")") "# gshare name gpu-2\n" ENTRY("fd00::2(ro," FIRST ")"),
	  NULL, NULL },
	{ "a host in a network", MARK ENTRY("10.0.0.0/24(rw)"), "10.0.0.1:ro", NULL,
	  "HOST_IN_NETWORK", "the host's own entry counts, ro" },
	{ "a network around a host", MARK ENTRY("10.0.0.1(ro)"), "10.0.0.0/24", NULL,
	  "HOST_IN_NETWORK", "which count for them: 10.0.0.1 ro" },
	{ "a narrow network after a wide one", MARK ENTRY("10.0.0.0/24(ro)"), "10.0.0.0/28:rw",
	  NULL, "NETWORKS_OVERLAP", "'10.0.0.0/24' counts, ro, since it is first" },
	{ "a network beside a wildcard", MARK ENTRY("*(ro)"), "10.0.0.0/24:rw", NULL,
	  "NETWORKS_OVERLAP", "'10.0.0.0/24' counts, rw, since it is the more specific kind" },
	{ "a host behind NAT keeps its port", MARK ENTRY("*(rw,insecure,async)"), "10.0.0.1",
	  MARK ENTRY("*(rw,insecure,async)") ENTRY("10.0.0.1(rw," MANAGED ",insecure)"),
	  "HOST_IN_NETWORK", "with insecure as there; it gets sync, not async" },
	{ "a host keeps its security", MARK ENTRY("10.0.0.0/24(ro,crossmnt,sec=krb5p:krb5)"),
	  "10.0.0.1:ro",
	  MARK ENTRY("10.0.0.0/24(ro,crossmnt,sec=krb5p:krb5)")
		  ENTRY("10.0.0.1(ro," MANAGED ",crossmnt,sec=krb5p:krb5)"),
	  "HOST_IN_NETWORK", "with sec=krb5p:krb5 as there" },
	{ "of several entries by the one that counts",
	  MARK ENTRY("*(ro,insecure)") ENTRY("10.0.0.0/24(rw)"), "10.0.0.1",
	  MARK ENTRY("*(ro,insecure)") ENTRY("10.0.0.0/24(rw)") ENTRY("10.0.0.1(rw," MANAGED ")"),
	  "HOST_IN_NETWORK", "'10.0.0.1' is in '10.0.0.0/24'" },
	{ "flavours of different access are not guessed at",
	  MARK ENTRY("*(sec=krb5,rw,sec=sys,ro)"), "10.0.0.1:ro",
	  MARK ENTRY("*(sec=krb5,rw,sec=sys,ro)") ENTRY("10.0.0.1(ro," MANAGED ")"),
	  "HOST_IN_NETWORK", "it gets sec=sys, not krb5" },
	{ "a network keeps its port, too", MARK ENTRY("*(rw,insecure)"), "10.0.0.0/24",
	  MARK ENTRY("*(rw,insecure)") ENTRY("10.0.0.0/24(rw," MANAGED ",insecure)"),
	  "NETWORKS_OVERLAP", "with insecure as there" },
	{ "networks apart", MARK ENTRY("10.0.1.0/24(ro)"), "10.0.0.0/24:rw", NULL, NULL, NULL },
};

/* leader init of /srv/x/y beside other shares */
#define OTHER(path, options) "# gshare share " path "\n" path " 10.0.0.7(rw" options ")\n"

static const struct nest_row {
	const char *name, *exports;
	bool crossed;	  /* another file system is mounted on /srv/x/y */
	const char *says; /* NULL: nothing */
} nests[] = {
	{ "in a share", OTHER("/srv/x", ""), false,
	  "/srv/x/y is inside the share /srv/x: followers of the outer share (10.0.0.7) reach" },
	{ "in one that is in one", OTHER("/srv", ""), false, "is inside the share /srv:" },
	{ "in one, on a disk of its own", OTHER("/srv/x", ""), true, NULL },
	{ "in one, which crosses to that disk", OTHER("/srv/x", ",crossmnt"), true,
	  "is inside the share /srv/x:" },
	{ "around a share", OTHER("/srv/x/y/z", ""), false,
	  "/srv/x/y contains the share /srv/x/y/z: unless" },
	{ "beside one whose name begins so", OTHER("/srv/x/yz", ""), false, NULL },
	{ "in an export of others", "/srv/x 10.0.0.7(rw)\n", false, NULL },
	{ "again", OTHER("/srv/x/y", ""), false, NULL },
};

static void test_nested(void **state)
{
	const struct nest_row *row = *state;
	char srv[] = "/srv", x[] = "/srv/x", path[] = "/srv/x/y", owner[] = "ubuntu";
	struct gs_path_inode ancestors[] = {
		{ .path = srv, .inode = { .type = GS_INODE_DIR } },
		{ .path = x, .inode = { .type = GS_INODE_DIR } },
		{ .path = path,
		  .inode = { .type = GS_INODE_DIR,
			     .mode = 03775,
			     .is_mount_point = row->crossed } },
	};
	struct gs_leader_req req = { .verb = GS_LEADER_INIT };
	struct gs_leader_facts facts = {
		.server_ops = &gs_knfsd,
		.path = path,
		.ancestors = { .v = ancestors, .n = GS_COUNT(ancestors) },
		.owner = { .name = owner, .group = owner, .home = path, .uid = 1000, .gid = 1000 },
		.fresh_id = "7c1e52d0",
		.fs = { .is_root = true },
		.server = { .installed = true, .systemd = true, .enabled = true },
	};
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	const struct gs_finding *said = NULL;
	struct gs_err err = { 0 };
	int r;

	gs_files_add(&facts.exports, "/etc/exports", true, gs_span_of(row->exports));
	assert_int_equal(gs_docs_parse(&facts.exports, &facts.docs, &err), 0);
	facts.id_file.path = path;
	r = gs_plan_leader(&req, &facts, &plan, &err);
	gs_files_done(&facts.exports);
	if (r < 0)
		fail_msg("%s", err.msg);
	for (size_t i = 0; i < plan.findings.n; i++)
		if (!strcmp(plan.findings.v[i].id, "SHARES_OVERLAP"))
			said = &plan.findings.v[i];
	assert_int_equal(said != NULL, row->says != NULL);
	if (said && !strstr(said->text, row->says))
		fail_msg("'%s' does not say '%s'", said->text, row->says);
}

static const char *text_of(const struct gs_plan *plan)
{
	for (size_t i = 0; i < plan->n; i++)
		if (plan->v[i].kind == GS_STEP_WRITE_FILE)
			return plan->v[i].write.text.ptr;
	return "";
}

static void test_add(void **state)
{
	const struct row *row = *state;
	char path[] = "/srv/x", name[] = "gpu-2", owner[] = "ubuntu";
	char v4[] = "10.0.0.2", v6[] = "fd00::2";
	char *addrs[] = { v4, v6 };
	struct gs_name known = { name, { .v = addrs, .n = 2 } };
	struct gs_path_inode place = { .path = path, .inode = { .type = GS_INODE_DIR } };
	struct gs_client_spec spec = { 0 };
	struct gs_leader_req req = {
		.verb = GS_LEADER_ADD, .spec = &spec, .n_specs = 1, .squash = GS_SQUASH_ROOT
	};
	struct gs_leader_facts facts = {
		.server_ops = &gs_knfsd,
		.path = path,
		.ancestors = { .v = &place, .n = 1 },
		.owner = { .name = owner, .group = owner, .home = path, .uid = 1000, .gid = 1000 },
		.names = { .v = &known, .n = 1 },
		.fs = { .is_root = true },
		.server = { .installed = true, .systemd = true, .enabled = true },
	};
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	const struct gs_findings *said = &plan.findings;
	struct gs_err err = { 0 };
	int r;

	gs_files_add(&facts.exports, "/etc/exports", true, gs_span_of(row->exports));
	assert_int_equal(gs_hostspec_parse_follower(gs_span_of(row->word), &spec.host, &spec.access,
						    &spec.access_given, &err),
			 0);
	assert_int_equal(gs_docs_parse(&facts.exports, &facts.docs, &err), 0);
	r = gs_plan_leader(&req, &facts, &plan, &err);
	gs_files_done(&facts.exports);
	gs_hostspec_done(&spec.host);
	assert_int_equal(r, 0);
	if (row->after)
		assert_string_equal(text_of(&plan), row->after);
	assert_int_equal(said->n, row->id ? 1 : 0);
	if (!row->id)
		return;
	assert_string_equal(said->v[0].id, row->id);
	if (!strstr(said->v[0].text, row->says))
		fail_msg("'%s' does not say '%s'", said->v[0].text, row->says);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_add);
	TABLE_ADD(&table, nests, test_nested);
	return table_run("overlap", &table);
}
