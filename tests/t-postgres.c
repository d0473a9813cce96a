/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <string.h>

#include "base/imageid.h"
#include "core/check/check.h"
#include "core/check/top.h"
#include "core/plan/finding.h"

/* Who owns what at a share's top, and whom followers act as: may they get at PostgreSQL's data? */

#define SHARE  "/srv/a b"
#define QUOTED "'/srv/a b'"
#define OTHER  "sudo gshare leader init " QUOTED " --owner "
#define OWN_DATA                                                                                   \
	"sudo useradd --system --uid 949 --user-group --no-create-home --home-dir / "              \
	"--shell /usr/sbin/nologin gshare-data && " OTHER "gshare-data"

static char open_acl[] = "u::rwx,u:1000:r-x,g::---,m::r-x,o::---";
static char masked_acl[] = "u::rwx,u:1000:r-x,g::---,m::---,o::---";
static char backups_path[] = SHARE "/postgres_backups", data_path[] = SHARE "/postgresql_data";

/* Followers act as 1000:1000 where the row names nobody else; what it does not name is root's. */
static const struct top_row {
	const char *name;
	uid_t uid;
	gid_t gid;
	enum gs_squash squash;
	bool crosses;
	struct gs_spare spare;
	struct gs_inode root, data, backups, id;
	const char *breach; /* NULL: none */
	const char *fix;
	const char *tree; /* --root's; NULL: this machine */
	bool warns;
} tops[] = {
	{ "as init makes it", .root = { .mode = 03775, .gid = 1000 }, .data = { .mode = 0700 },
	  .backups = { .mode = 02770, .gid = 1000 } },
	{ "PostgreSQL has taken it over", .root = { .mode = 03775, .gid = 1000 },
	  .data = { .mode = 0700, .uid = 999, .gid = 999 } },
	{ "its number is the followers'", .uid = 999, .gid = 999,
	  .data = { .mode = 0700, .uid = 999, .gid = 999 }, .breach = "OWNER_OWNS_DATA",
	  .fix = OTHER "gshare" },
	{ "its number is another account's", .uid = 70, .gid = 70,
	  .data = { .mode = 0700, .uid = 70, .gid = 70 }, .spare = { 997, 949, "gshare-data" },
	  .breach = "OWNER_OWNS_DATA", .fix = OTHER "gshare" },
	{ "its number is the account gshare's", .uid = 999, .gid = 999,
	  .data = { .mode = 0700, .uid = 999, .gid = 999 }, .spare = { 999, 949, "gshare-data" },
	  .breach = "OWNER_OWNS_DATA", .fix = OWN_DATA },
	{ "root alone acts as that number", .uid = 999, .gid = 999, .squash = GS_SQUASH_ROOT,
	  .data = { .mode = 0700, .uid = 999, .gid = 999 }, .breach = "OWNER_OWNS_DATA",
	  .fix = OTHER "gshare" },
	{ "a mount of its own is not exported", .uid = 999, .gid = 999,
	  .data = { .mode = 0700, .uid = 999, .gid = 999, .is_mount_point = true } },
	{ "with crossmnt it is", .uid = 999, .gid = 999, .crosses = true,
	  .data = { .mode = 0700, .uid = 999, .gid = 999, .is_mount_point = true },
	  .breach = "OWNER_OWNS_DATA", .fix = OTHER "gshare" },
	{ "followers' users act as themselves", .squash = GS_SQUASH_ROOT,
	  .data = { .mode = 0700, .uid = 999 }, .breach = "SQUASH_OPENS_DATA",
	  .fix = "sudo gshare leader init " QUOTED " --squash all" },
	{ "root included", .squash = GS_SQUASH_NONE, .data = { .mode = 0700, .uid = 999 },
	  .breach = "SQUASH_OPENS_DATA", .fix = "sudo gshare leader init " QUOTED " --squash all" },
	{ "themselves, before PostgreSQL came", .squash = GS_SQUASH_ROOT,
	  .data = { .mode = 0700 } },
	{ "the owner's group may read it", .data = { .mode = 0750, .uid = 999, .gid = 1000 },
	  .breach = "DATA_OPEN",
	  .fix = "sudo find '/srv/a b/postgresql_data' -maxdepth 0 -type d -exec chmod "
		 "0700 '{}' +" },
	{ "another group may", .data = { .mode = 0750, .uid = 999, .gid = 999 } },
	{ "all may search it", .data = { .mode = 0701, .uid = 999, .gid = 999 },
	  .breach = "DATA_OPEN",
	  .fix = "sudo find '/srv/a b/postgresql_data' -maxdepth 0 -type d -exec chmod "
		 "0700 '{}' +" },
	{ "an ACL names the owner",
	  .data = { .mode = 0750, .uid = 999, .gid = 999, .acl_access = open_acl },
	  .breach = "DATA_OPEN",
	  .fix = "sudo find '/srv/a b/postgresql_data' -maxdepth 0 -type d -exec chmod "
		 "0700 '{}' +" },
	{ "its mask takes that away",
	  .data = { .mode = 0700, .uid = 999, .gid = 999, .acl_access = masked_acl } },
	{ "the top is the owner's", .root = { .mode = 03775, .uid = 1000, .gid = 1000 },
	  .data = { .mode = 0700, .uid = 999 }, .breach = "DATA_REPLACEABLE",
	  .fix = "sudo chown root:1000 " QUOTED " && sudo chmod 3775 " QUOTED },
	{ "the top is the owner's, and the data a mount",
	  .root = { .mode = 03775, .uid = 1000, .gid = 1000 },
	  .data = { .mode = 0700, .uid = 999, .is_mount_point = true } },
	{ "the top is the owner's, before PostgreSQL came",
	  .root = { .mode = 0755, .uid = 1000, .gid = 1000 }, .data = { .mode = 0700 } },
	{ "the top is everybody's", .root = { .mode = 0777 }, .data = { .mode = 0700, .uid = 999 },
	  .breach = "DATA_REPLACEABLE",
	  .fix = "sudo chown root:1000 " QUOTED " && sudo chmod 3775 " QUOTED },
	{ "the top is not sticky, before PostgreSQL came", .root = { .mode = 02775, .gid = 1000 },
	  .data = { .mode = 0700 }, .breach = "DATA_REPLACEABLE", .fix = "sudo chmod +t " QUOTED,
	  .warns = true },
	{ "everybody's, and sticky", .root = { .mode = 01777 },
	  .data = { .mode = 0700, .uid = 999 } },
	{ "the id is the owner's", .id = { .mode = 0644, .uid = 1000 }, .breach = "OWNER_OWNS_DATA",
	  .fix = "sudo find '/srv/a b/.gshare-id' -maxdepth 0 -type f -links 1 -exec "
		 "chown -h root:0 '{}' + && sudo find '/srv/a b/.gshare-id' -maxdepth 0 "
		 "-type f -links 1 -exec chmod 0444 '{}' +" },
	{ "the id is root's alone", .id = { .mode = 0400 }, .breach = "ID_UNREADABLE",
	  .fix = "sudo find '/srv/a b/.gshare-id' -maxdepth 0 -type f -links 1 -exec "
		 "chown -h root:0 '{}' + && sudo find '/srv/a b/.gshare-id' -maxdepth 0 "
		 "-type f -links 1 -exec chmod 0444 '{}' +" },
	{ "the id is for root, who is not mapped", .id = { .mode = 0400 },
	  .squash = GS_SQUASH_NONE },
	{ "the id is for the owner's group", .id = { .mode = 0440, .gid = 1000 } },
	{ "the backups are the owner's", .backups = { .mode = 0770, .uid = 1000, .gid = 1000 },
	  .breach = "OWNER_OWNS_DATA",
	  .fix = "sudo find '/srv/a b/postgres_backups' -maxdepth 0 -type d -exec chown "
		 "-h root:1000 '{}' + && sudo find '/srv/a b/postgres_backups' -maxdepth "
		 "0 -type d -exec chmod 2770 '{}' +" },
	{ "the id is the owner's, and no file",
	  .id = { .type = GS_INODE_OTHER, .mode = 0644, .uid = 1000 }, .breach = "OWNER_OWNS_DATA",
	  .fix = "sudo mv -T --backup=numbered '/srv/a b/.gshare-id' '/srv/a b/.gshare-id.old' "
		 "&& sudo gshare leader init " QUOTED " --new-id" },
	{ "the top and the id are the owner's", .root = { .mode = 03775, .uid = 1000 },
	  .id = { .mode = 0644, .uid = 1000 }, .breach = "DATA_REPLACEABLE",
	  .fix = "sudo chown root:1000 " QUOTED " && sudo chmod 3775 " QUOTED },
	{ "the id is the owner's, and the top not sticky", .root = { .mode = 0775, .gid = 1000 },
	  .id = { .mode = 0644, .uid = 1000 }, .breach = "DATA_REPLACEABLE",
	  .fix = "sudo chown root:1000 " QUOTED " && sudo chmod 3775 " QUOTED },
	{ "the backups are the owner's, and the top not sticky",
	  .root = { .mode = 0775, .gid = 1000 },
	  .backups = { .mode = 0770, .uid = 1000, .gid = 1000 }, .breach = "DATA_REPLACEABLE",
	  .fix = "sudo chown root:1000 " QUOTED " && sudo chmod 3775 " QUOTED },
	{ "in a tree", .root = { .mode = 0777 }, .data = { .mode = 0700, .uid = 999 },
	  .breach = "DATA_REPLACEABLE", .tree = "/img",
	  .fix = "sudo chown root:1000 '/img/srv/a b' && sudo chmod 3775 '/img/srv/a b'" },
	{ "an account in a tree", .uid = 999, .gid = 999,
	  .data = { .mode = 0700, .uid = 999, .gid = 999 }, .spare = { 999, 949, "gshare-data" },
	  .breach = "OWNER_OWNS_DATA", .tree = "/img",
	  .fix = "sudo useradd --prefix /img --system --uid 949 --user-group --no-create-home "
		 "--home-dir / --shell /usr/sbin/nologin gshare-data && sudo gshare leader init " QUOTED
		 " --owner gshare-data --root /img" },
	{ "no account in a tree", .uid = 999, .gid = 999,
	  .data = { .mode = 0700, .uid = 999, .gid = 999 }, .spare = { 0, 949, "gshare" },
	  .breach = "OWNER_OWNS_DATA", .tree = "/img",
	  .fix = "sudo useradd --prefix /img --system --uid 949 --user-group --no-create-home "
		 "--home-dir / --shell /usr/sbin/nologin gshare && sudo gshare leader init " QUOTED
		 " --owner gshare --root /img" },
	{ "the account gshare's is an image's too", .uid = 999, .gid = 999,
	  .data = { .mode = 0700, .uid = 999, .gid = 999 }, .spare = { 70, 949, "gshare-data" },
	  .breach = "OWNER_OWNS_DATA", .fix = OWN_DATA },
	{ "the recipe's own mkdir", .data = { .mode = 0755 }, .breach = "DATA_OPEN",
	  .fix = "sudo find '/srv/a b/postgresql_data' -maxdepth 0 -type d -exec chmod "
		 "0700 '{}' +",
	  .warns = true },
	{ "root's, and the followers' group may read it", .data = { .mode = 0750, .gid = 1000 },
	  .breach = "DATA_OPEN",
	  .fix = "sudo find '/srv/a b/postgresql_data' -maxdepth 0 -type d -exec chmod "
		 "0700 '{}' +",
	  .warns = true },
	{ "root's, and another group may", .data = { .mode = 0750, .gid = 999 } },
	{ "root's, a mount that is not exported",
	  .data = { .mode = 0755, .is_mount_point = true } },
	{ "the backups are PostgreSQL's", .backups = { .mode = 0770, .uid = 999, .gid = 999 } },
};

static struct gs_inode as(enum gs_inode_type type, const struct gs_inode *inode)
{
	struct gs_inode typed = *inode;

	typed.type = inode->type ? inode->type : type;
	return typed;
}

static void test_top(void **state)
{
	const struct top_row *row = *state;
	struct gs_path_inode place[] = { { backups_path, as(GS_INODE_DIR, &row->backups) },
					 { data_path, as(GS_INODE_DIR, &row->data) } };
	const struct gs_path_inodes dirs = { .v = place, .n = GS_COUNT(place) };
	const struct gs_inode usual = { .mode = 0444 };
	const struct gs_inode root = as(GS_INODE_DIR, &row->root),
			      id = as(GS_INODE_FILE, row->id.mode ? &row->id : &usual);
	const struct gs_top top = {
		.path = SHARE,
		.tree = row->tree,
		.root = &root,
		.dirs = &dirs,
		.id = &id,
		.uid = row->uid ? row->uid : 1000,
		.gid = row->gid ? row->gid : 1000,
		.squash = row->squash,
		.crosses = row->crosses,
		.spare = &row->spare,
	};
	const struct gs_account nobody = { .uid = 1 };
	const struct gs_facts facts = { .top = &top, .owner = &nobody }, again = { .top = &top };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_checks_run(&facts, GS_FAIL, &findings), row->breach && !row->warns);
	assert_int_equal(findings.n, row->breach ? 1 : 0);
	if (!row->breach) {
		assert_int_equal(gs_checks_refuse(&facts, &findings, &err), 0);
		return;
	}
	assert_string_equal(findings.v[0].id, row->breach);
	assert_string_equal(findings.v[0].fix, row->fix);
	assert_non_null(strstr(findings.v[0].text, SHARE));
	if (row->warns) {
		assert_int_equal(gs_checks_refuse(&facts, &findings, &err), 0);
		assert_int_equal(findings.n, 2);
		assert_int_equal(gs_checks_refuse(&again, &findings, &err), 0);
		assert_int_equal(findings.n, 2);
		return;
	}
	assert_int_equal(gs_checks_refuse(&facts, &findings, &err), -EPERM);
	assert_string_equal(err.id, row->breach);
	assert_string_equal(err.msg, findings.v[0].text);
}

/* The numbers that the issue of images is about; 949 and its neighbours are free for us. */
static const struct image_row {
	const char *name;
	uint32_t id;
	bool known, postgres;
} images[] = {
	{ "the official image", 999, true, true },
	{ "of Alpine", 70, true, true },
	{ "of Red Hat", 26, true, true },
	{ "of Bitnami", 1001, true, true },
	{ "the first user", 1000, true, false },
	{ "www-data", 33, true, false },
	{ "nginx", 101, true, false },
	{ "nobody's", 949, false, false },
};

static void test_image(void **state)
{
	const struct image_row *row = *state;

	assert_int_equal(gs_image_of(row->id) != NULL, row->known);
	assert_int_equal(gs_image_is_postgres(row->id), row->postgres);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, tops, test_top);
	TABLE_ADD(&table, images, test_image);
	return table_run("postgres", &table);
}
