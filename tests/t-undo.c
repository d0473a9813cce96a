/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <stdlib.h>
#include <string.h>

#include "core/exports/etab.h"
#include "core/plan/drain.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"
#include "core/step/step.h"
#include "core/undo/plan_undo.h"

/* An undo of a run that wrote /etc/exports: for whose open files it waits, and what it leaves. */

#define SHARE		     "/mnt/data/shared"
#define FILE_NAME	     "/etc/exports"
#define ENTRY(clients)	     SHARE " " clients "\n"
#define SQUASHED(host, id)   host "(rw,all_squash,anonuid=" id ",anongid=" id ")"
#define OPTIONS(host, words) host "(rw," words ")"

static const struct row {
	const char *name;
	const char *old, *new; /* the file before and after the run; old NULL: it was not there */
	const char *now;       /* NULL: as the run left it */
	const char *hosts[3];  /* that the run had predictions for */
	const char *drains, *spares;
	const char *cuts;	 /* the hosts that have the share no longer; NULL: drains */
	const char *left;	 /* of the file; NULL: it goes */
	const char *earlier_old; /* an earlier run, undone, wrote the file; NULL: and made it */
	const char *live;	 /* active now; NULL: as the file says */
	bool earlier;
	bool unknown;	  /* what was active, and thus how the entry will be */
	uid_t data_uid;	  /* of PostgreSQL's directory */
	bool part;	  /* the share is no file system of its own */
	const char *warn; /* what leader init refuses in the state that comes back; NULL: nothing */
	const char *fix;
} rows[] = {
	{ "a follower that the run added", ENTRY("10.0.0.1(rw)"),
	  ENTRY("10.0.0.1(rw)") ENTRY("10.0.0.2(rw)"), .hosts = { "10.0.0.1", "10.0.0.2" },
	  .drains = "10.0.0.2", .spares = "10.0.0.1", .left = ENTRY("10.0.0.1(rw)") },
	{ "one that an undo that failed left in force", ENTRY("10.0.0.1(rw)"),
	  ENTRY("10.0.0.1(rw)") ENTRY("10.0.0.2(rw)"), .now = ENTRY("10.0.0.1(rw)"),
	  .live = ENTRY("10.0.0.1(rw)") ENTRY("10.0.0.2(rw)"), .hosts = { "10.0.0.1", "10.0.0.2" },
	  .drains = "10.0.0.2", .spares = "10.0.0.1" },
	{ "one that it added ro", "", ENTRY("10.0.0.1(ro)"), .hosts = { "10.0.0.1" }, .drains = "",
	  .cuts = "10.0.0.1", .left = "" },
	{ "one that it made rw", ENTRY("10.0.0.1(ro)"), ENTRY("10.0.0.1(rw)"),
	  .hosts = { "10.0.0.1" }, .drains = "10.0.0.1", .spares = "", .cuts = "",
	  .left = ENTRY("10.0.0.1(ro)") },
	{ "one that it made ro", ENTRY("10.0.0.1(rw)"), ENTRY("10.0.0.1(ro)"),
	  .hosts = { "10.0.0.1" }, .drains = "", .left = ENTRY("10.0.0.1(rw)") },
	{ "another owner", ENTRY(SQUASHED("10.0.0.1", "1000")), ENTRY(SQUASHED("10.0.0.1", "1500")),
	  .hosts = { "10.0.0.1" }, .cuts = "", .drains = "10.0.0.1", .spares = "",
	  .left = ENTRY(SQUASHED("10.0.0.1", "1000")) },
	{ "another squash", ENTRY(OPTIONS("10.0.0.1", "root_squash")),
	  ENTRY(SQUASHED("10.0.0.1", "1500")), .hosts = { "10.0.0.1" }, .cuts = "",
	  .drains = "10.0.0.1", .spares = "", .left = ENTRY(OPTIONS("10.0.0.1", "root_squash")) },
	{ "other file handles", ENTRY(OPTIONS("10.0.0.1", "no_subtree_check")),
	  ENTRY(OPTIONS("10.0.0.1", "subtree_check")), .hosts = { "10.0.0.1" }, .cuts = "",
	  .drains = "10.0.0.1", .spares = "",
	  .left = ENTRY(OPTIONS("10.0.0.1", "no_subtree_check")) },
	{ "whom PostgreSQL's data belongs to acts again", ENTRY(SQUASHED("10.0.0.1", "1000")),
	  ENTRY(SQUASHED("10.0.0.1", "1500")), .hosts = { "10.0.0.1" }, .cuts = "",
	  .drains = "10.0.0.1", .spares = "", .left = ENTRY(SQUASHED("10.0.0.1", "1000")),
	  .data_uid = 1000, .warn = "OWNER_OWNS_DATA",
	  .fix = "sudo gshare leader init " SHARE " --owner gshare" },
	{ "whom it belongs to acts no longer", ENTRY(SQUASHED("10.0.0.1", "1000")),
	  ENTRY(SQUASHED("10.0.0.1", "1500")), .hosts = { "10.0.0.1" }, .cuts = "",
	  .drains = "10.0.0.1", .spares = "", .left = ENTRY(SQUASHED("10.0.0.1", "1000")),
	  .data_uid = 1500 },
	{ "a squash that opens PostgreSQL's data", ENTRY(OPTIONS("10.0.0.1", "root_squash")),
	  ENTRY(SQUASHED("10.0.0.1", "1500")), .hosts = { "10.0.0.1" }, .cuts = "",
	  .drains = "10.0.0.1", .spares = "", .left = ENTRY(OPTIONS("10.0.0.1", "root_squash")),
	  .data_uid = 999, .warn = "SQUASH_OPENS_DATA",
	  .fix = "sudo gshare leader init " SHARE " --squash all" },
	{ "handles from beside the share", ENTRY(OPTIONS("10.0.0.1", "no_subtree_check")),
	  ENTRY(OPTIONS("10.0.0.1", "subtree_check")), .hosts = { "10.0.0.1" }, .cuts = "",
	  .drains = "10.0.0.1", .spares = "",
	  .left = ENTRY(OPTIONS("10.0.0.1", "no_subtree_check")), .part = true,
	  .warn = "EXPORT_ESCAPE", .fix = "sudo gshare leader init " SHARE " --subtree-check" },
	{ "the share goes with the run", "", ENTRY(OPTIONS("10.0.0.1", "no_subtree_check")),
	  .hosts = { "10.0.0.1" }, .drains = "10.0.0.1", .spares = "", .left = "", .part = true },
	{ "its network goes on writing", ENTRY("10.0.0.0/24(rw)"),
	  ENTRY("10.0.0.0/24(rw)") ENTRY("10.0.0.2(rw)"), .hosts = { "10.0.0.0/24", "10.0.0.2" },
	  .drains = "", .left = ENTRY("10.0.0.0/24(rw)") },
	{ "its network is ro", ENTRY("10.0.0.0/24(ro)"),
	  ENTRY("10.0.0.0/24(ro)") ENTRY("10.0.0.2(rw)"), .hosts = { "10.0.0.0/24", "10.0.0.2" },
	  .cuts = "", .drains = "10.0.0.2", .spares = "", .left = ENTRY("10.0.0.0/24(ro)") },
	{ "a host that the run took out of a network falls back to it",
	  ENTRY("10.0.0.2(ro)") ENTRY("10.0.0.0/24(rw)"), ENTRY("10.0.0.0/24(rw)"),
	  .hosts = { "10.0.0.0/24", "10.0.0.2" }, .cuts = "", .drains = "10.0.0.2", .spares = "",
	  .left = ENTRY("10.0.0.2(ro)") ENTRY("10.0.0.0/24(rw)") },
	{ "a network that the run added, and a host of others in it", ENTRY("10.0.0.2(rw)"),
	  ENTRY("10.0.0.2(rw)") ENTRY("10.0.0.0/24(rw)"), .hosts = { "10.0.0.2", "10.0.0.0/24" },
	  .drains = "10.0.0.0/24", .spares = "10.0.0.2", .left = ENTRY("10.0.0.2(rw)") },
	{ "a network that somebody added since goes on writing", "", ENTRY("10.0.0.2(rw)"),
	  .now = ENTRY("10.0.0.2(rw)") ENTRY("10.0.0.0/24(rw)"), .hosts = { "10.0.0.2" },
	  .drains = "", .left = ENTRY("10.0.0.0/24(rw)") },
	{ "an entry comes back that cannot be read", ENTRY("10.0.0.1(rw,anonuid=99999999999)"), "",
	  .hosts = { "10.0.0.1" }, .drains = "", .left = ENTRY("10.0.0.1(rw,anonuid=99999999999)"),
	  .unknown = true },
	{ "what the run made goes", NULL, ENTRY("10.0.0.1(rw)"), .hosts = { "10.0.0.1" },
	  .drains = "10.0.0.1", .spares = "" },
	{ "an empty file stays empty", "", ENTRY("10.0.0.1(rw)"), .hosts = { "10.0.0.1" },
	  .drains = "10.0.0.1", .spares = "", .left = "" },
	{ "made by an earlier run, which is undone", "# a\n", "# a\n" ENTRY("10.0.0.1(rw)"),
	  .now = ENTRY("10.0.0.1(rw)"), .hosts = { "10.0.0.1" }, .drains = "10.0.0.1", .spares = "",
	  .earlier = true },
	{ "changed by an earlier run, which is undone", "# a\n", "# a\n" ENTRY("10.0.0.1(rw)"),
	  .now = ENTRY("10.0.0.1(rw)"), .hosts = { "10.0.0.1" }, .drains = "10.0.0.1", .spares = "",
	  .left = "", .earlier_old = "", .earlier = true },
	{ "made empty by somebody after the earlier run's undo", "", ENTRY("10.0.0.1(rw)"),
	  .hosts = { "10.0.0.1" }, .drains = "10.0.0.1", .spares = "", .left = "",
	  .earlier = true },
};

static struct gs_run *add_run(struct gs_runs *runs, const char *old, const char *text)
{
	struct gs_run *run;
	struct gs_step *step;

	gs_grow(&runs->v, runs->n, &runs->room, sizeof *runs->v);
	run = &runs->v[runs->n];
	*run = (struct gs_run){ .id = (uint32_t)++runs->n, .state = GS_RUN_DONE };
	run->time = gs_strdup("2026-11-22T19:06:14Z");
	run->by = gs_strdup("anna");
	gs_strs_add(&run->command, "leader");
	gs_plan_step(&run->plan, GS_STEP_CHECK_EXPORTS, FILE_NAME, "");
	step = gs_plan_step(&run->plan, GS_STEP_WRITE_FILE, FILE_NAME, "");
	step->write.old_exists = old;
	step->write.old = gs_span_of(old ? old : "");
	step->write.text = gs_span_of(text);
	gs_plan_step(&run->plan, GS_STEP_APPLY_EXPORTS, FILE_NAME, "");
	return run;
}

static void add_share(const struct row *row, struct gs_status_facts *shares)
{
	struct gs_status_top *top = shares->top = gs_alloc(sizeof *top);

	gs_grow(&shares->roots.v, shares->roots.n, &shares->roots.room, sizeof *shares->roots.v);
	shares->roots.v[shares->roots.n++] =
		(struct gs_path_inode){ gs_strdup(SHARE), { .type = GS_INODE_DIR, .mode = 03775 } };
	top->id.type = GS_INODE_FILE;
	gs_grow(&top->dirs.v, top->dirs.n, &top->dirs.room, sizeof *top->dirs.v);
	top->dirs.v[top->dirs.n++] = (struct gs_path_inode){
		gs_strdup(SHARE "/postgresql_data"),
		{ .type = GS_INODE_DIR, .mode = 0700, .uid = row->data_uid, .gid = row->data_uid }
	};
	gs_grow(&shares->under.v, shares->under.n, &shares->under.room, sizeof *shares->under.v);
	shares->under.v[shares->under.n++] = (struct gs_mounted){
		.target = gs_strdup(row->part ? "/" : SHARE),
		.type = gs_strdup("ext4"),
		.is_whole = true,
	};
}

static void fill(const struct row *row, struct gs_undo_facts *facts)
{
	const char *now = row->now ? row->now : row->new;
	struct gs_run *run;

	if (row->earlier)
		add_run(&facts->runs, row->earlier_old, "# a\n")->undone_by = 9;
	run = add_run(&facts->runs, row->old, row->new);
	for (size_t i = 0; i < GS_COUNT(row->hosts) && row->hosts[i]; i++)
		gs_exports_predict(&run->plan.exports, SHARE, row->hosts[i]);
	gs_str_adds(&run->plan.exports.etab_before, row->old && !row->unknown ? row->old : "");
	facts->run = run;
	gs_files_add(&facts->files, FILE_NAME, true, gs_span_of(now));
	gs_files_add(&facts->exports, FILE_NAME, true, gs_span_of(now));
	gs_str_adds(&facts->etab, row->live ? row->live : now);
	add_share(row, &facts->shares);
	facts->server = (struct gs_server){
		.installed = true, .systemd = true, .enabled = true, .mountd = true, .threads = 8
	};
}

static void facts_done(struct gs_undo_facts *facts)
{
	gs_runs_done(&facts->runs);
	gs_files_done(&facts->files);
	gs_files_done(&facts->exports);
	gs_str_done(&facts->etab);
	gs_status_facts_done(&facts->shares);
}

static void assert_list(const struct gs_strs *list, const char *want)
{
	gs_autostr struct gs_str text = { 0 };

	gs_join(list, " ", &text);
	assert_string_equal(text.ptr ? text.ptr : "", want);
}

static const struct gs_finding *find_warning(const struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		if (findings->v[i].severity == GS_WARN)
			return &findings->v[i];
	return NULL;
}

static void test_warning(void **state)
{
	const struct row *row = *state;
	GS_AUTO(facts_done) struct gs_undo_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_undo_req req = { .drain_s = 30 };
	const struct gs_finding *warning;
	struct gs_err err = { 0 };

	fill(row, &facts);
	assert_int_equal(gs_plan_undo(&req, &facts, &plan, &err), 0);
	warning = find_warning(&plan.findings);
	assert_string_equal(warning ? warning->id : "", row->warn ? row->warn : "");
	if (warning)
		assert_string_equal(warning->fix, row->fix);
}

static void test_undo(void **state)
{
	const struct row *row = *state;
	GS_AUTO(facts_done) struct gs_undo_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_drain_done) struct gs_drain lost = { 0 }, remapped = { 0 };
	struct gs_undo_req req = { .drain_s = 7, .drain_given = true, .yes = true };
	struct gs_err err = { 0 };
	const struct gs_step *file, *drain;

	fill(row, &facts);
	if (gs_plan_undo(&req, &facts, &plan, &err) < 0)
		fail_msg("%s", err.msg);
	drain = gs_plan_find(&plan, GS_STEP_DRAIN);
	assert_int_equal(drain != NULL, row->drains[0] != '\0');
	if (drain) {
		assert_list(&drain->drain.hosts, row->drains);
		assert_list(&drain->drain.spared, row->spares);
		assert_non_null(strstr(drain->drain.again, "sudo gshare undo "));
		assert_non_null(strstr(drain->drain.again, " --drain 7 --force --yes"));
	}
	gs_plan_cut_off(&plan, &facts.names, &lost, &remapped);
	assert_list(&lost.hosts, row->cuts ? row->cuts : row->drains);
	for (size_t i = 0; i < plan.exports.n; i++)
		assert_int_equal(plan.exports.predict[i].any, row->unknown);
	file = gs_plan_find(&plan, GS_STEP_WRITE_FILE);
	if (row->live) {
		assert_null(file);
		return;
	}
	assert_non_null(file);
	assert_int_equal(file->write.remove, !row->left);
	if (row->left && !gs_span_is(file->write.text, gs_span_of(row->left)))
		fail_msg("left '%s'", file->write.text.ptr);
}

/* ---- a follower's mount ------------------------------------------------------------------ */

static const struct mount_row {
	const char *name;
	bool is_mounted, is_silent, is_held;
	const char *id; /* of the refusal; NULL: none */
	bool unmounts;
	const char *shown; /* its source in the mount table; NULL: that of the step */
	bool also;	   /* the same is mounted at another place */
} mounts[] = {
	{ "mounted by the run", true, false, false, NULL, .unmounts = true },
	{ "unmounted since", false, false, false, NULL, .unmounts = false },
	{ "its server is silent", true, true, false, "SERVER_NOT_RESPONDING", .unmounts = false },
	{ "somebody works in it", true, false, true, "MOUNT_BUSY", .unmounts = false },
	{ "shown under the source of an earlier mount", true, false, false, NULL, true,
	  "[fd00::1]:/x", true },
	{ "another server", true, false, false, "UNDO_CONFLICT", false, "10.0.0.2:/x", false },
	{ "another path", true, false, false, "UNDO_CONFLICT", false, "10.0.0.1:/y", true },
};

static void test_mount(void **state)
{
	const struct mount_row *row = *state;
	char target[] = SHARE, source[] = "10.0.0.1:/x", type[] = "nfs4", options[] = "rw";
	char time[] = "", name[] = "bash", silence[] = "port 2049 did not answer";
	struct gs_mount_user user = { 7, GS_USE_CWD, name, target };
	char elsewhere[] = "/mnt/a";
	gs_autofree char *shown = gs_strdup(row->shown ? row->shown : source);
	struct gs_mounted mounted = { shown, target, type, options,
				      1,     0,	     true, row->also ? elsewhere : NULL };
	struct gs_mount_use use = {
		.is_silent = row->is_silent,
		.silence = silence,
		.silence_id = "PORT_FILTERED",
		.users = { .v = &user, .n = row->is_held, .room = 1 },
	};
	struct gs_run run = { .id = 1, .time = time, .by = name, .state = GS_RUN_DONE };
	struct gs_undo_facts facts = { .run = &run, .mounts = { &mounted, 1, 1 }, .use = &use };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_undo_req req = { 0 };
	struct gs_err err = { 0 };
	struct gs_step *step = gs_plan_step(&run.plan, GS_STEP_MOUNT, SHARE, "");
	int r;

	step->mount.source = source;
	step->mount.type = type;
	step->mount.options = options;
	if (!row->is_mounted)
		mounted = (struct gs_mounted){ 0 };
	r = gs_plan_undo(&req, &facts, &plan, &err);
	gs_plan_done(&run.plan);
	assert_int_equal(r < 0, row->id != NULL);
	if (row->id) {
		assert_string_equal(err.id, row->id);
		if (!row->shown)
			assert_non_null(
				strstr(err.fix, "sudo gshare follower unmount " SHARE " --lazy"));
	}
	assert_int_equal(gs_plan_find(&plan, GS_STEP_UMOUNT) != NULL, row->unmounts);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_undo);
	TABLE_ADD(&table, rows, test_warning);
	TABLE_ADD(&table, mounts, test_mount);
	return table_run("undo", &table);
}
