/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/judge.h"
#include "core/exports/docs.h"
#include "core/leader/plan_leader.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/report/report.h"
#include "core/server/knfsd.h"
#include "core/share/names.h"
#include "core/share/path.h"
#include "core/share/select.h"
#include "core/verify/access_report.h"
#include "core/verify/plan_env.h"

/* Decisions: facts and words in, steps or a refusal out. Whole plans stand in tests/golden. */

#define MARKED                                                                                     \
	"# gshare share /mnt/data/shared\n"                                                        \
	"/mnt/data/shared 192.168.18.8(rw,sync,no_subtree_check,all_squash,"                       \
	"anonuid=1000,anongid=1000)\n"

/* ---- which share ------------------------------------------------------------------------- */

static const struct pick_row {
	const char *name, *exports, *asked, *host;
	const char *path, *id; /* one of them */
} picks[] = {
	{ "the only marked share", MARKED, NULL, "10.0.0.1", "/mnt/data/shared", NULL },
	{ "the one asked for, cleaned", MARKED, "/srv//x/", "10.0.0.1", "/srv/x", NULL },
	{ "none", "/srv/a 10.0.0.1\n", NULL, "10.0.0.2", NULL, "NO_SHARE" },
	{ "unmarked, but it has the host", "/srv/a 10.0.0.1\n", NULL, "10.0.0.1", "/srv/a", NULL },
	{ "two marked", MARKED "# gshare share /srv/x\n", NULL, "10.0.0.1", NULL,
	  "SHARE_AMBIGUOUS" },
	{ "two that have the host", "/srv/a 10.0.0.1\n/srv/b 10.0.0.1\n", NULL, "10.0.0.1", NULL,
	  "SHARE_AMBIGUOUS" },
};

static void test_pick(void **state)
{
	const struct pick_row *row = *state;
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_docs_done) struct gs_docs docs = { 0 };
	struct gs_client_spec spec = { 0 };
	struct gs_leader_req req = {
		.verb = GS_LEADER_ADD, .path = row->asked, .spec = &spec, .n_specs = 1
	};
	gs_autofree char *path = NULL;
	struct gs_err err = { 0 };
	int r;

	gs_files_add(&files, "/etc/exports", true, gs_span_of(row->exports));
	assert_int_equal(gs_hostspec_parse(gs_span_of(row->host), &spec.host, &err), 0);
	assert_int_equal(gs_docs_parse(&files, &docs, &err), 0);
	r = gs_leader_pick_path(&req, &docs, &path, &err);
	gs_hostspec_done(&spec.host);
	if (row->id) {
		assert_true(r < 0);
		assert_string_equal(err.id, row->id);
		return;
	}
	assert_int_equal(r, 0);
	assert_string_equal(path, row->path);
}

static const struct path_row {
	const char *name, *path;
	int code;
} paths[] = {
	{ "an ordinary path", "/mnt/data/shared", 0 },
	{ "below home", "/home/user1/data", 0 },
	{ "the root", "/", -GS_E_USAGE },
	{ "relative", "mnt/data", -GS_E_USAGE },
	{ "up and down", "/srv/../etc", -GS_E_USAGE },
	{ "two dots in a name", "/srv/a..b", 0 },
	{ "empty", "", -GS_E_USAGE },
	{ "etc", "/etc", -22 },
	{ "below etc", "/etc/ssl/data", -22 },
	{ "not below etc", "/etcetera", 0 },
	{ "all homes", "/home", -22 },
	{ "mnt itself", "/mnt", -22 },
};

static void test_path(void **state)
{
	const struct path_row *row = *state;
	struct gs_err err = { 0 };

	assert_int_equal(gs_leader_check_path(row->path, &err), row->code);
}

static const struct acl_row {
	const char *name, *acl;
	bool found;
	uid_t uid;
	gid_t gid;
} acls[] = {
	{ "ours", "u::rwx,u:1000:rwx,g::rwx,g:1600:rwx,m::rwx,o::r-x", true, 1000, 1600 },
	{ "no named group", "u::rwx,u:1000:rwx,g::rwx,m::rwx,o::r-x", false, 0, 0 },
	{ "nothing named", "u::rwx,g::rwx,o::r-x", false, 0, 0 },
	{ "a name where a number should be", "u::rwx,u:bob:rwx,g:1:rwx", false, 0, 0 },
};

static void test_acl(void **state)
{
	const struct acl_row *row = *state;
	uid_t uid = 7;
	gid_t gid = 7;

	assert_int_equal(gs_leader_acl_owner(row->acl, &uid, &gid), row->found);
	assert_int_equal(uid, row->found ? row->uid : 7);
	assert_int_equal(gid, row->found ? row->gid : 7);
}

/* ---- a node's own share ------------------------------------------------------------------ */

#define LINE "# gshare mount /mnt/a\n10.0.0.1:/x /mnt/a nfs4 x-gshare.id=7c1e52d0 0 0\n"

static const struct here_row {
	const char *name, *exports, *fstab, *mounted; /* target of an NFS mount, NULL: none */
	enum gs_side side;
	const char *asked;
	const char *path, *id; /* one of them */
} heres[] = {
	{ "a leader's", MARKED, "", NULL, GS_SIDE_LEADER, NULL, "/mnt/data/shared", NULL },
	{ "a follower's", "", LINE, "/mnt/a", GS_SIDE_FOLLOWER, NULL, "/mnt/a", NULL },
	{ "in fstab, not mounted", "", LINE, NULL, GS_SIDE_FOLLOWER, NULL, NULL, "NOT_MOUNTED" },
	{ "mounted by hand", "", "", "/mnt/b", GS_SIDE_ANY, NULL, "/mnt/b", NULL },
	{ "ours before one by hand", "", LINE, "/mnt/a", GS_SIDE_ANY, NULL, "/mnt/a", NULL },
	{ "a leader is no follower", MARKED, "", NULL, GS_SIDE_FOLLOWER, NULL, NULL,
	  "NOT_MOUNTED" },
	{ "nothing at all", "", "", NULL, GS_SIDE_ANY, NULL, NULL, "NO_SHARE" },
	{ "both sides", MARKED, LINE, "/mnt/a", GS_SIDE_ANY, NULL, NULL, "SHARE_AMBIGUOUS" },
	{ "both sides, one asked for", MARKED, LINE, "/mnt/a", GS_SIDE_ANY, "/mnt/a", "/mnt/a",
	  NULL },
};

static void test_here(void **state)
{
	const struct here_row *row = *state;
	GS_AUTO(gs_files_done) struct gs_files exports = { 0 };
	GS_AUTO(gs_files_done) struct gs_files fstab = { 0 };
	GS_AUTO(gs_local_shares_done) struct gs_local_shares here = { 0 };
	char source[] = "10.0.0.1:/x", target[32] = "", type[] = "nfs4", options[] = "rw";
	struct gs_mounted mounted = { source, target, type, options, 1, 0, true, NULL };
	struct gs_mounts mounts = { .v = &mounted, .n = row->mounted ? 1 : 0 };
	struct gs_err err = { 0 };
	int r;

	if (row->mounted)
		memcpy(target, row->mounted, strlen(row->mounted));
	gs_files_add(&exports, "/etc/exports", true, gs_span_of(row->exports));
	gs_files_add(&fstab, "/etc/fstab", true, gs_span_of(row->fstab));
	r = gs_local_shares_pick(&exports, &fstab.v[0], &mounts, row->side, row->asked, &here,
				 &err);
	if (row->id) {
		assert_true(r < 0);
		assert_string_equal(err.id, row->id);
		return;
	}
	assert_int_equal(r, 0);
	assert_string_equal(here.path, row->path);
	if (!here.is_leader)
		assert_string_equal(here.server, "10.0.0.1");
}

/* ---- one host under two names ------------------------------------------------------------ */

static const struct twice_row {
	const char *name;
	enum gs_access access; /* of the address; the name that resolves to it is rw */
	bool is_refused;
} twices[] = {
	{ "a name and its address, alike", GS_ACCESS_RW, false },
	{ "a name and its address, with different access", GS_ACCESS_RO, true },
};

static void test_twice(void **state)
{
	const struct twice_row *row = *state;
	char path[] = "/srv/data", name[] = "gpu-2", owner[] = "ubuntu", addr[] = "10.0.0.2";
	char *addrs[] = { addr };
	struct gs_name known = { name, { .v = addrs, .n = 1 } };
	struct gs_path_inode place = { .path = path };
	struct gs_client_spec spec[2] = { { .access = GS_ACCESS_RW, .access_given = true },
					  { .access = row->access, .access_given = true } };
	struct gs_leader_req req = { .verb = GS_LEADER_ADD, .spec = spec, .n_specs = 2 };
	struct gs_leader_facts facts = {
		.server_ops = &gs_knfsd,
		.path = path,
		.ancestors = { .v = &place, .n = 1 },
		.owner = { .name = owner, .group = owner, .home = path, .uid = 1, .gid = 1 },
		.names = { .v = &known, .n = 1 },
		.server = { .installed = true, .systemd = true, .enabled = true },
	};
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };
	int r;

	gs_files_add(&facts.exports, "/etc/exports", true, gs_span_of(""));
	assert_int_equal(gs_hostspec_parse(gs_span_of(name), &spec[0].host, &err), 0);
	assert_int_equal(gs_hostspec_parse(gs_span_of(addr), &spec[1].host, &err), 0);
	assert_int_equal(gs_docs_parse(&facts.exports, &facts.docs, &err), 0);
	r = gs_plan_leader(&req, &facts, &plan, &err);
	assert_int_equal(r, row->is_refused ? -GS_E_USAGE : 0);
	gs_files_done(&facts.exports);
	gs_hostspec_done(&spec[0].host);
	gs_hostspec_done(&spec[1].host);
}

/* ---- the leader itself ------------------------------------------------------------------- */

static const struct self_row {
	const char *name, *host;
	const char *addr, *face; /* of the host; this node's towards it */
	const char *says;	 /* NULL: it is added */
} selves[] = {
	{ "another node", "10.0.0.2", "10.0.0.2", "10.0.0.1", NULL },
	{ "its own address", "10.0.0.1", "10.0.0.1", "10.0.0.1", "'10.0.0.1' is this node" },
	{ "its own name", "lead", "10.0.0.1", "10.0.0.1", "'lead' is this node, the leader (10.0" },
	{ "its own name, as Debian's hosts file has it", "lead", "127.0.1.1", "127.0.1.1",
	  "'lead' resolves to '127.0.1.1': " },
	{ "an IPv6 address of its own", "fd00::1", "fd00::1", "fd00::1", "is this node" },
};

static void test_self(void **state)
{
	const struct self_row *row = *state;
	char path[] = "/srv/data", owner[] = "ubuntu";
	struct gs_path_inode place = { .path = path };
	struct gs_client_spec spec = { .access = GS_ACCESS_RW };
	struct gs_leader_req req = { .verb = GS_LEADER_ADD, .spec = &spec, .n_specs = 1 };
	struct gs_leader_facts facts = {
		.server_ops = &gs_knfsd,
		.path = path,
		.ancestors = { .v = &place, .n = 1 },
		.owner = { .name = owner, .group = owner, .home = path, .uid = 1, .gid = 1 },
		.server = { .installed = true, .systemd = true, .enabled = true },
	};
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_strs addrs = { 0 }, own = { 0 };
	struct gs_err err = { 0 };

	gs_strs_add(&addrs, row->addr);
	gs_strs_add(&own, row->face);
	gs_names_add(&facts.names, row->host, &addrs);
	gs_names_add(&facts.faces, row->addr, &own);
	gs_files_add(&facts.exports, "/etc/exports", true, gs_span_of(""));
	assert_int_equal(gs_hostspec_parse(gs_span_of(row->host), &spec.host, &err), 0);
	assert_int_equal(gs_docs_parse(&facts.exports, &facts.docs, &err), 0);
	assert_int_equal(gs_plan_leader(&req, &facts, &plan, &err) < 0, row->says != NULL);
	if (row->says)
		assert_non_null(strstr(err.msg, row->says));
	gs_files_done(&facts.exports);
	gs_hostspec_done(&spec.host);
	gs_names_done(&facts.names);
	gs_names_done(&facts.faces);
}

/* ---- a blank in a line of another path --------------------------------------------------- */

static const struct blank_row {
	const char *name, *etab;
	enum gs_leader_verb verb;
	unsigned threads;
	bool offline, is_refused;
} blanks[] = {
	{ "applying would let everyone in", "", GS_LEADER_ADD, 8, false, true },
	{ "so would a removal", "", GS_LEADER_REMOVE, 8, false, true },
	{ "and the first start", "", GS_LEADER_ADD, 0, false, true },
	{ "a removal starts nothing", "", GS_LEADER_REMOVE, 0, false, false },
	{ "everyone is in already", "/srv/a\t*(rw)\n/srv/a\t10.0.0.1(ro)\n", GS_LEADER_ADD, 8,
	  false, false },
	{ "everyone is in another path", "/srv/b\t*(rw)\n", GS_LEADER_ADD, 8, false, true },
	{ "nothing is applied offline", "", GS_LEADER_ADD, 0, true, false },
};

static void test_blank(void **state)
{
	const struct blank_row *row = *state;
	char path[] = "/srv/data", owner[] = "ubuntu";
	struct gs_path_inode place = { .path = path };
	struct gs_client_spec spec = { .access = GS_ACCESS_RW };
	struct gs_leader_req req = { .verb = row->verb, .spec = &spec, .n_specs = 1 };
	struct gs_leader_facts facts = {
		.server_ops = &gs_knfsd,
		.path = path,
		.offline = row->offline,
		.ancestors = { .v = &place, .n = 1 },
		.owner = { .name = owner, .group = owner, .home = path, .uid = 1, .gid = 1 },
		.server = { .installed = true,
			    .systemd = true,
			    .enabled = true,
			    .mountd = true,
			    .threads = row->threads },
	};
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };

	gs_str_adds(&facts.etab, row->etab);
	gs_files_add(&facts.exports, "/etc/exports", true, gs_span_of("/srv/a 10.0.0.1 (rw)\n"));
	assert_int_equal(gs_hostspec_parse(gs_span_of("10.0.0.2"), &spec.host, &err), 0);
	assert_int_equal(gs_docs_parse(&facts.exports, &facts.docs, &err), 0);
	assert_int_equal(gs_plan_leader(&req, &facts, &plan, &err) < 0, row->is_refused);
	if (row->is_refused) {
		assert_string_equal(err.id, "EXPORTS_CLIENT_BLANK");
		assert_string_equal(err.fix,
				    "sudo sed -i --follow-symlinks "
				    "'1s#\\([[:blank:]]10\\.0\\.0\\.1\\)[[:blank:]]*(#\\1(#' "
				    "/etc/exports && sudo gshare leader remove '*' --path /srv/a");
	}
	gs_files_done(&facts.exports);
	gs_str_done(&facts.etab);
	gs_hostspec_done(&spec.host);
}

/* ---- cluster.env
 * --------------------------------------------------------------------------------- */

static void test_env(void **state)
{
	static const char text[] = "NODE_TYPE=leader # mine\n";
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan second = { 0 };
	struct gs_env env = { false, "/mnt/a", "10.0.0.1", false };
	struct gs_err err = { 0 };

	(void)state;
	gs_files_add(&files, "/opt/cluster.env", true, gs_span_of(text));
	assert_int_equal(gs_plan_env(&files.v[0], &env, &plan, &err), 0);
	assert_int_equal(plan.n, 1);
	assert_true(gs_span_has_prefix(plan.v[0].write.text, "NODE_TYPE=follower # mine\n"));
	gs_str_done(&files.v[0].text);
	gs_str_add(&files.v[0].text, plan.v[0].write.text);
	assert_int_equal(gs_plan_env(&files.v[0], &env, &second, &err), 0);
	assert_int_equal(second.n, 0);
}

/* A key set in every line, above a limit and below it: neither may take long. */
static void test_env_of_many_lines(void **state)
{
	static const struct {
		size_t lines;
		const char *line, *id;
	} rows[] = {
		{ 100000, "NODE_TYPE=x\n", "ENV_TOO_LONG" },
		{ 9000, "NODE_TYPE=x\n", NULL },
		{ 9000, "A B=x\n", "ENV_COMPOSE_REFUSES" },
	};
	struct gs_env env = { false, "/mnt/a", "10.0.0.1", false };

	(void)state;
	for (size_t i = 0; i < GS_COUNT(rows); i++) {
		GS_AUTO(gs_files_done) struct gs_files files = { 0 };
		GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
		gs_autostr struct gs_str text = { 0 };
		struct gs_err err = { 0 };

		for (size_t k = 0; k < rows[i].lines; k++)
			gs_str_adds(&text, rows[i].line);
		gs_files_add(&files, "/opt/cluster.env", true, gs_str_span(&text));
		(void)gs_plan_env(&files.v[0], &env, &plan, &err);
		if (!rows[i].id)
			assert_int_equal(plan.n, 1);
		else
			assert_string_equal(err.id ? err.id : err.msg, rows[i].id);
	}
}

/* Docker Compose sees what gshare's own rules do not: the line and the way to it are told. */
static void test_env_that_compose_reads_otherwise(void **state)
{
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_env env = { false, "/mnt/a", "10.0.0.1", false };
	struct gs_err err = { 0 };

	(void)state;
	gs_files_add(&files, "/opt/cluster.env", true,
		     gs_span_of("NODE_TYPE=x\nA=1\nB=\"y\" NODE_TYPE=z\033\n"));
	assert_true(gs_plan_env(&files.v[0], &env, &plan, &err) < 0);
	assert_string_equal(err.id, "ENV_COMPOSE_DIFFERS");
	assert_string_equal(err.msg,
			    "'/opt/cluster.env' line 3: Docker Compose would read "
			    "'z\\033' for NODE_TYPE there");
	assert_string_equal(err.fix,
			    "see that line, and correct it: sudo sed -n 3p "
			    "/opt/cluster.env");
}

static void test_env_with_a_space(void **state)
{
	GS_AUTO(gs_files_done) struct gs_files files = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_env env = { true, "/mnt/my data", "postgres", false };
	struct gs_err err = { 0 };

	(void)state;
	gs_files_add(&files, "/opt/cluster.env", false, gs_span(NULL, 0));
	assert_true(gs_plan_env(&files.v[0], &env, &plan, &err) < 0);
	assert_int_equal(plan.n, 0);
}

/* ---- verify
 * --------------------------------------------------------------------------------------- */

static const struct silence_row {
	const char *name;
	const char *silence, *stuck;
	bool is_stuck, id_read;
	const char *id, *text; /* of the only finding */
	bool is_broken;
	const char *target; /* of the mount, if not what is verified */
} silences[] = {
	{ "no answer at all", "PORT_REFUSED", NULL, .id = "SERVER_NOT_RESPONDING",
	  .text = "(PORT_REFUSED), and programs that use the share wait: said so" },
	{ "the mount alone is silent", .is_stuck = true, .id = "MOUNT_NOT_RESPONDING",
	  .text = "but not through the mount" },
	{ "the mount is silent, and why", NULL, "NFS_GRACE", .is_stuck = true,
	  .id = "MOUNT_NOT_RESPONDING", .text = "(NFS_GRACE): said so" },
	{ "the id is missing", .id_read = true, .id = "ID_DIFFERS", .text = "is missing, but" },
	{ "the id is no file", .id = "ID_BROKEN", .text = "'it' is no file: ", .is_broken = true },
	{ "a file of that name below the share", .id_read = true, .id = "ID_DIFFERS",
	  .text = "is missing, but", .is_broken = true, .target = "/mnt" },
};

static void fail_by(const char *id, struct gs_err *err)
{
	if (!id)
		return;
	gs_err_set(err, ETIMEDOUT, "said so");
	gs_err_cause(err, id);
}

static void test_silence(void **state)
{
	const struct silence_row *row = *state;
	char path[] = "/mnt/a", target[] = "/mnt", source[] = "10.0.0.1:/x";
	struct gs_access_report report = {
		.path = path,
		.kept = "7c1e52d0",
		.is_stuck = row->is_stuck,
		.id_read = row->id_read,
		.id_broken = row->is_broken,
		.is_nfs = true,
		.mount = { .source = source, .target = row->target ? target : path },
	};

	fail_by(row->silence, &report.silence);
	fail_by(row->stuck, &report.stuck);
	if (row->is_broken)
		gs_err_set(&report.id_error, EINVAL, "'it' is no file");
	gs_access_report_judge(&report);
	assert_int_equal(report.findings.n, 1);
	assert_string_equal(report.findings.v[0].id, row->id);
	assert_non_null(strstr(report.findings.v[0].text, row->text));
	if (!strcmp(row->id, "ID_BROKEN"))
		assert_string_equal(report.findings.v[0].fix,
				    "on 10.0.0.1 run: sudo mv -T --backup=numbered /x/.gshare-id "
				    "/x/.gshare-id.old && sudo gshare leader init /x --new-id");
	gs_findings_done(&report.findings);
}

static void test_squash(void **state)
{
	struct gs_row all[] = { { .uid = 0, .owner = 1000, .has_owner = true },
				{ .uid = 1000, .owner = 1000, .has_owner = true },
				{ .uid = 999, .owner = 1000, .has_owner = true } };
	struct gs_row root[] = { { .uid = 0, .owner = 65534, .has_owner = true },
				 { .uid = 999, .owner = 999, .has_owner = true } };
	struct gs_access_report report = { .row = all, .n = 3, .is_nfs = true };

	(void)state;
	assert_string_equal(gs_row_squash(&report, &all[0]), "all_squash");
	assert_null(gs_row_squash(&report, &all[1]));
	report = (struct gs_access_report){ .row = root, .n = 2, .is_nfs = true };
	assert_string_equal(gs_row_squash(&report, &root[0]), "root_squash");
	report.is_nfs = false;
	assert_null(gs_row_squash(&report, &root[0]));
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, picks, test_pick);
	TABLE_ADD(&table, silences, test_silence);
	TABLE_ADD(&table, paths, test_path);
	TABLE_ADD(&table, acls, test_acl);
	TABLE_ADD(&table, heres, test_here);
	TABLE_ADD(&table, twices, test_twice);
	TABLE_ADD(&table, selves, test_self);
	TABLE_ADD(&table, blanks, test_blank);
	table_add(&table, "four keys are set, the rest stays, twice is once", test_env, NULL);
	table_add(&table, "many lines that set a key", test_env_of_many_lines, NULL);
	table_add(&table, "a line that Compose reads otherwise",
		  test_env_that_compose_reads_otherwise, NULL);
	table_add(&table, "a value that readers disagree on is refused", test_env_with_a_space,
		  NULL);
	table_add(&table, "why the owner is somebody else", test_squash, NULL);
	return table_run("plan", &table);
}
