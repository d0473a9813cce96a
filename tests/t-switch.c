/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "core/exports/docs.h"
#include "core/leader/plan_leader.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/server/knfsd.h"
#include "core/share/names.h"

/* The leader's verbs: whose access changes, and for whose open files the plan waits. */

#define SHARE		   "/mnt/data/shared"
#define ENTRY(client)	   SHARE " " client "\n"
#define MARKED(client)	   "# gshare share " SHARE "\n" ENTRY(client)
#define SQUASHED(host, id) host "(rw,all_squash,anonuid=" id ",anongid=" id ")"

static const struct row {
	const char *name, *exports, *etab;
	enum gs_leader_verb verb;
	enum gs_access access;
	const char *host; /* NULL: none named */
	bool all, down, squash_root;
	const char *drains, *spares, *changes; /* "" for none */
	const char *id;			       /* of the refusal */
	const char *fix;
} rows[] = {
	{ "the only follower", ENTRY("10.0.0.1(rw)"), ENTRY("10.0.0.1(rw)"), GS_LEADER_SWITCH,
	  GS_ACCESS_RO, NULL, .drains = "10.0.0.1", .spares = "", .changes = "10.0.0.1" },
	{ "rw waits for nothing", ENTRY("10.0.0.1(ro)"), ENTRY("10.0.0.1(ro)"), GS_LEADER_SWITCH,
	  GS_ACCESS_RW, NULL, .drains = "", .spares = "", .changes = "10.0.0.1" },
	{ "it is so already", ENTRY("10.0.0.1(ro)"), ENTRY("10.0.0.1(ro)"), GS_LEADER_SWITCH,
	  GS_ACCESS_RO, NULL, .drains = "", .spares = "", .changes = "" },
	{ "one of two", ENTRY("10.0.0.1(rw) 10.0.0.2(rw)"), ENTRY("10.0.0.1(rw) 10.0.0.2(rw)"),
	  GS_LEADER_SWITCH, GS_ACCESS_RO, "10.0.0.2", .drains = "10.0.0.2", .spares = "10.0.0.1",
	  .changes = "10.0.0.2" },
	{ "all", ENTRY("10.0.0.1(rw) 10.0.0.2(rw)"), ENTRY("10.0.0.1(rw) 10.0.0.2(rw)"),
	  GS_LEADER_SWITCH, GS_ACCESS_RO, NULL, .all = true, .drains = "10.0.0.1 10.0.0.2",
	  .spares = "", .changes = "10.0.0.1 10.0.0.2" },
	{ "a network, and a host of its own in it", ENTRY("10.0.0.0/24(rw) 10.0.0.2(rw)"),
	  ENTRY("10.0.0.0/24(rw) 10.0.0.2(rw)"), GS_LEADER_SWITCH, GS_ACCESS_RO, "10.0.0.0/24",
	  .drains = "10.0.0.0/24", .spares = "10.0.0.2", .changes = "10.0.0.0/24" },
	{ "ro in the file, rw in force", ENTRY("10.0.0.1(ro)"), ENTRY("10.0.0.1(rw)"),
	  GS_LEADER_SWITCH, GS_ACCESS_RO, NULL, .drains = "10.0.0.1", .spares = "",
	  .changes = "10.0.0.1" },
	{ "the server is down", ENTRY("10.0.0.1(rw)"), "", GS_LEADER_SWITCH, GS_ACCESS_RO, NULL,
	  .down = true, .drains = "", .spares = "", .changes = "10.0.0.1" },
	{ "add makes one ro", ENTRY("10.0.0.1(rw)"), ENTRY("10.0.0.1(rw)"), GS_LEADER_ADD,
	  GS_ACCESS_RO, "10.0.0.1", .drains = "10.0.0.1", .spares = "", .changes = "" },
	{ "add takes one out of a network that writes", ENTRY("10.0.0.0/24(rw)"),
	  ENTRY("10.0.0.0/24(rw)"), GS_LEADER_ADD, GS_ACCESS_RO, "10.0.0.1", .drains = "10.0.0.1",
	  .spares = "", .changes = "" },
	{ "add of a new one", ENTRY("10.0.0.1(rw)"), ENTRY("10.0.0.1(rw)"), GS_LEADER_ADD,
	  GS_ACCESS_RO, "10.0.0.2", .drains = "", .spares = "10.0.0.1 10.0.0.2", .changes = "" },
	{ "removed", ENTRY("10.0.0.1(rw) 10.0.0.2(rw)"), ENTRY("10.0.0.1(rw) 10.0.0.2(rw)"),
	  GS_LEADER_REMOVE, GS_ACCESS_RW, "10.0.0.1", .drains = "10.0.0.1", .spares = "10.0.0.2",
	  .changes = "" },
	{ "removed, and ro before", ENTRY("10.0.0.1(ro)"), ENTRY("10.0.0.1(ro)"), GS_LEADER_REMOVE,
	  GS_ACCESS_RW, "10.0.0.1", .drains = "", .spares = "", .changes = "" },
	{ "removed, and the network goes on writing", ENTRY("10.0.0.0/24(rw) 10.0.0.2(rw)"),
	  ENTRY("10.0.0.0/24(rw) 10.0.0.2(rw)"), GS_LEADER_REMOVE, GS_ACCESS_RW, "10.0.0.2",
	  .drains = "", .spares = "", .changes = "" },
	{ "a network removed, and a host of its own in it", ENTRY("10.0.0.0/24(rw) 10.0.0.2(rw)"),
	  ENTRY("10.0.0.0/24(rw) 10.0.0.2(rw)"), GS_LEADER_REMOVE, GS_ACCESS_RW, "10.0.0.0/24",
	  .drains = "10.0.0.0/24", .spares = "10.0.0.2", .changes = "" },
	{ "of two networks the first counts", ENTRY("10.0.0.0/16(rw) 10.0.0.0/24(rw)"),
	  ENTRY("10.0.0.0/16(rw) 10.0.0.0/24(rw)"), GS_LEADER_REMOVE, GS_ACCESS_RW, "10.0.0.0/24",
	  .drains = "", .spares = "", .changes = "" },
	{ "destroyed", MARKED("10.0.0.1(rw) 10.0.0.2(ro)"), ENTRY("10.0.0.1(rw) 10.0.0.2(ro)"),
	  GS_LEADER_DESTROY, GS_ACCESS_RW, NULL, .drains = "10.0.0.1", .spares = "10.0.0.2",
	  .changes = "" },
	{ "destroyed while the server is down", MARKED("10.0.0.1(rw)"), "", GS_LEADER_DESTROY,
	  GS_ACCESS_RW, NULL, .down = true, .drains = "", .spares = "", .changes = "" },
	{ "init with another squash", MARKED(SQUASHED("10.0.0.1", "1000")),
	  ENTRY(SQUASHED("10.0.0.1", "1000")), GS_LEADER_INIT, GS_ACCESS_RW, NULL,
	  .squash_root = true, .drains = "10.0.0.1", .spares = "", .changes = "" },
	{ "add that follows another owner", MARKED(SQUASHED("10.0.0.1", "1500")),
	  ENTRY(SQUASHED("10.0.0.1", "1500")), GS_LEADER_ADD, GS_ACCESS_RW, "10.0.0.1",
	  .drains = "10.0.0.1", .spares = "", .changes = "" },
	{ "init that is so already", MARKED(SQUASHED("10.0.0.1", "1000")),
	  ENTRY(SQUASHED("10.0.0.1", "1000")), GS_LEADER_INIT, GS_ACCESS_RW, NULL, .drains = "",
	  .spares = "", .changes = "" },
	{ "not gshare's to destroy", ENTRY("10.0.0.1(rw)"), ENTRY("10.0.0.1(rw)"),
	  GS_LEADER_DESTROY, GS_ACCESS_RW, NULL, .id = "SHARE_NOT_MANAGED" },
	{ "which of two", ENTRY("10.0.0.1(rw) 10.0.0.2(rw)"), "", GS_LEADER_SWITCH, GS_ACCESS_RO,
	  NULL, .id = "FOLLOWER_AMBIGUOUS" },
	{ "nobody", "", "", GS_LEADER_SWITCH, GS_ACCESS_RO, NULL, .id = "NO_FOLLOWER" },
	{ "not exported", ENTRY("10.0.0.1(rw)"), "", GS_LEADER_SWITCH, GS_ACCESS_RO, "10.0.0.2",
	  .id = "NOT_EXPORTED", .fix = "gshare leader status" },
};

static void fill(const struct row *row, struct gs_leader_facts *facts)
{
	facts->path = gs_strdup(SHARE);
	facts->server_ops = &gs_knfsd;
	gs_files_add(&facts->exports, "/etc/exports", true, gs_span_of(row->exports));
	gs_str_adds(&facts->etab, row->etab);
	facts->server = (struct gs_server){ .installed = true,
					    .systemd = true,
					    .enabled = true,
					    .mountd = !row->down,
					    .threads = row->down ? 0 : 8 };
	facts->ancestors.v = gs_alloc(sizeof *facts->ancestors.v);
	facts->ancestors.v[facts->ancestors.n++] =
		(struct gs_path_inode){ gs_strdup(SHARE), { .type = GS_INODE_DIR, .mode = 0755 } };
	facts->id_file.path = gs_strdup(SHARE "/.gshare-id");
	facts->owner = (struct gs_account){
		.name = gs_strdup("ubuntu"), .group = gs_strdup("ubuntu"), .uid = 1000, .gid = 1000
	};
}

static void facts_done(struct gs_leader_facts *facts)
{
	free(facts->path);
	free(facts->ancestors.v[0].path);
	free(facts->ancestors.v);
	gs_file_done(&facts->id_file);
	gs_files_done(&facts->exports);
	gs_str_done(&facts->etab);
	gs_account_done(&facts->owner);
}

static void assert_list(const struct gs_strs *list, const char *want)
{
	gs_autostr struct gs_str text = { 0 };

	gs_join(list, " ", &text);
	assert_string_equal(text.ptr ? text.ptr : "", want);
}

static void test_switch(void **state)
{
	const struct row *row = *state;
	GS_AUTO(facts_done) struct gs_leader_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_strs_done) struct gs_strs changes = { 0 };
	const struct gs_step *drain;
	struct gs_client_spec spec = { .access = row->access, .access_given = true };
	struct gs_leader_req req = { .verb = row->verb,
				     .spec = &spec,
				     .n_specs = row->host ? 1 : 0,
				     .exports_file = "/etc/exports",
				     .access = row->access,
				     .all = row->all,
				     .squash = GS_SQUASH_ROOT,
				     .squash_given = row->squash_root,
				     .drain_s = 30 };
	struct gs_err err = { 0 };
	int r;

	fill(row, &facts);
	if (row->host)
		assert_int_equal(gs_hostspec_parse(gs_span_of(row->host), &spec.host, &err), 0);
	assert_int_equal(gs_docs_parse(&facts.exports, &facts.docs, &err), 0);
	r = gs_plan_leader(&req, &facts, &plan, &err);
	gs_hostspec_done(&spec.host);
	if (row->id) {
		assert_true(r < 0);
		assert_string_equal(err.id, row->id);
		if (row->fix)
			assert_string_equal(err.fix, row->fix);
		return;
	}
	assert_int_equal(r, 0);
	for (size_t i = 0; i < plan.exports.n_switched; i++)
		gs_strs_add(&changes, plan.exports.switched[i].host);
	assert_list(&changes, row->changes);
	drain = gs_plan_find(&plan, GS_STEP_DRAIN);
	assert_int_equal(drain != NULL, row->drains[0] != '\0');
	if (!drain)
		return;
	assert_list(&drain->drain.hosts, row->drains);
	assert_list(&drain->drain.spared, row->spares);
	assert_true(drain > plan.v && drain + 1 < plan.v + plan.n);
	assert_int_equal(drain[-1].kind, GS_STEP_CHECK_EXPORTS);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_switch);
	return table_run("switch", &table);
}
