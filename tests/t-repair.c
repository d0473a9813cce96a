/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/leader/repair.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"

/* leader repair: what the owner 1000:1000 can change, and what an entry gets if it cannot. */

#define DATASET "u::rwx,u:1000:rwx,g::rwx,g:1000:rwx,m::rwx,o::r-x"

enum { OWNER = 1000, OTHER = 2000 };

static char name[] = "ubuntu";
static const struct gs_account owner = { name, name, name, OWNER, OWNER };

static const struct row {
	const char *name;
	bool is_dir;
	mode_t mode;
	uid_t uid;
	gid_t gid;
	const char *acl; /* access; NULL: the mode alone */
	unsigned links;	 /* 0: 1 */
	bool is_fixed, has_caps;
	enum gs_repair_verdict verdict;
	const char *access; /* given */
} rows[] = {
	{ "a file of root's", false, 0644, 0, 0, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rw-,g::r--,g:1000:rw-,m::rw-,o::r--" },
	{ "a secret of root's, made here", false, 0600, 0, OWNER, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rw-,g::---,g:1000:rw-,m::rw-,o::---" },
	{ "a secret of root's from elsewhere", false, 0600, 0, 0, .verdict = GS_REPAIR_ALIEN },
	{ "the shadow file that was", false, 0640, 0, 42, .verdict = GS_REPAIR_ALIEN },
	{ "everybody may read it, wherever it is from", false, 0644, 0, OTHER,
	  .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rw-,g::r--,g:1000:rw-,m::rw-,o::r--" },
	{ "a closed directory of another group", true, 0700, 0, OTHER, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rwx,u:1000:rwx,g::---,g:1000:rwx,m::rwx,o::---" },
	{ "a program of root's", false, 0755, 0, 0, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rwx,u:1000:rwx,g::r-x,g:1000:rwx,m::rwx,o::r-x" },
	{ "nobody may execute it, whatever the ACL says", false, 0600, 0, OWNER,
	  "u::rw-,u:1000:rwx,g::rwx,g:1000:rwx,m::---,o::---", .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rw-,g::---,g:1000:rw-,m::rw-,o::---" },
	{ "one of the group may execute it", false, 0654, 0, OTHER, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rwx,g::r-x,g:1000:rwx,m::rwx,o::r--" },
	{ "a directory of root's", true, 0755, 0, 0, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rwx,u:1000:rwx,g::r-x,g:1000:rwx,m::rwx,o::r-x" },
	{ "install -m 644: the mask is less than the ACL", false, 0644, 0, OWNER,
	  "u::rw-,u:1000:rwx,g::rwx,g:1000:rwx,m::r--,o::r--", .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rw-,g::r--,g:1000:rw-,m::rw-,o::r--" },
	{ "what the mask keeps from others stays theirs not", false, 0604, 0, 0,
	  "u::rw-,u:2000:rwx,g::rw-,m::---,o::r--", .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:2000:---,u:1000:rw-,g::---,g:1000:rw-,m::rw-,o::r--" },
	{ "what others have they keep", false, 0644, 0, 0,
	  "u::rw-,u:2000:rw-,g::r--,g:2000:r--,m::rw-,o::r--", .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:2000:rw-,u:1000:rw-,g::r--,g:2000:r--,g:1000:rw-,m::rw-,o::r--" },
	{ "the owner is named with less", false, 0660, 0, OWNER,
	  "u::rw-,u:1000:r--,g::rw-,m::rw-,o::rw-", .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rw-,g::rw-,g:1000:rw-,m::rw-,o::rw-" },
	{ "the group has less than the others", false, 0606, 0, OWNER, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rw-,g::---,g:1000:rw-,m::rw-,o::rw-" },
	{ "a named group has less than the others", false, 0606, 0, 0,
	  "u::rw-,g::---,g:1000:r--,m::r--,o::rw-", .verdict = GS_REPAIR_GIVE,
	  .access = "u::rw-,u:1000:rw-,g::---,g:1000:rw-,m::rw-,o::rw-" },
	{ "not searchable", true, 0766, 0, 0, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rwx,u:1000:rwx,g::rw-,g:1000:rwx,m::rwx,o::rw-" },
	{ "the owner's own, read-only", false, 0400, OWNER, OWNER, .verdict = GS_REPAIR_FINE },
	{ "the owner's own directory", true, 0500, OWNER, OWNER, .verdict = GS_REPAIR_FINE },
	{ "the group may", false, 0660, 0, OWNER, .verdict = GS_REPAIR_FINE },
	{ "everybody may", false, 0666, 0, 0, .verdict = GS_REPAIR_FINE },
	{ "named, and may", false, 0664, 0, 0, "u::rw-,u:1000:rwx,g::r--,m::rw-,o::r--",
	  .verdict = GS_REPAIR_FINE },
	{ "of two groups one may", false, 0664, 0, OWNER, "u::rw-,g::r--,g:1000:rw-,m::rw-,o::r--",
	  .verdict = GS_REPAIR_FINE },
	{ "a dataset directory", true, 02775, 0, OWNER, DATASET, .verdict = GS_REPAIR_FINE },
	{ "linked", false, 0644, 0, 0, .links = 2, .verdict = GS_REPAIR_LINKED },
	{ "linked, and made elsewhere", false, 0640, 0, 42, .links = 2,
	  .verdict = GS_REPAIR_LINKED },
	{ "linked, but changeable", false, 0666, 0, 0, .links = 2, .verdict = GS_REPAIR_FINE },
	{ "a directory has many links", true, 0755, 0, 0, .links = 9, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rwx,u:1000:rwx,g::r-x,g:1000:rwx,m::rwx,o::r-x" },
	{ "setuid", false, 04755, 0, 0, .verdict = GS_REPAIR_SETID },
	{ "setgid", false, 02755, 0, 0, .verdict = GS_REPAIR_SETID },
	{ "with capabilities", false, 0755, 0, 0, .has_caps = true, .verdict = GS_REPAIR_SETID },
	{ "a setgid directory is an ordinary one", true, 02755, 0, 0, .verdict = GS_REPAIR_GIVE,
	  .access = "u::rwx,u:1000:rwx,g::r-x,g:1000:rwx,m::rwx,o::r-x" },
	{ "immutable", false, 0644, 0, 0, .is_fixed = true, .verdict = GS_REPAIR_FIXED },
	{ "immutable directory", true, 0755, 0, 0, .is_fixed = true, .verdict = GS_REPAIR_FIXED },
};

static void test_row(void **state)
{
	const struct row *row = *state;
	gs_autofree char *acl = row->acl ? gs_strdup(row->acl) : NULL;
	struct gs_entry entry = {
		.path = "uploads/a",
		.inode = { .type = row->is_dir ? GS_INODE_DIR : GS_INODE_FILE,
			   .mode = row->mode,
			   .uid = row->uid,
			   .gid = row->gid,
			   .acl_access = acl },
		.links = row->links ? row->links : 1,
		.is_fixed = row->is_fixed,
		.has_caps = row->has_caps,
	};
	struct gs_acls acls = { 0 };

	assert_int_equal(gs_repair_judge(&entry, &owner), row->verdict);
	assert_int_equal(!gs_repair_cause(row->verdict),
			 row->verdict == GS_REPAIR_FINE || row->verdict == GS_REPAIR_GIVE);
	if (row->verdict != GS_REPAIR_GIVE)
		return;
	gs_repair_acls(&entry.inode, &owner, &acls);
	assert_string_equal(acls.access, row->access);
	if (row->is_dir)
		assert_string_equal(acls.default_, DATASET);
	else
		assert_null(acls.default_);
	/* What was given is enough, and nothing is to be given twice. */
	entry.inode.acl_access = acls.access;
	assert_int_equal(gs_repair_judge(&entry, &owner), GS_REPAIR_FINE);
	free(acls.access);
	free(acls.default_);
}

static const struct other {
	const char *name;
	enum gs_inode_type type;
} others[] = {
	{ "a link is nobody's to change", GS_INODE_LINK },
	{ "a fifo neither", GS_INODE_OTHER },
};

static void test_other(void **state)
{
	const struct other *row = *state;
	const struct gs_entry entry = { .path = "a/b",
					.inode = { .type = row->type, .mode = 0600 },
					.links = 1 };

	assert_int_equal(gs_repair_judge(&entry, &owner), GS_REPAIR_FINE);
}

/* A default ACL that is there stays, with the owner and the group added. */
static void test_default(void **state)
{
	char mine[] = "u::rwx,u:2000:rwx,g::r-x,m::r-x,o::---";
	const struct gs_inode inode = { .type = GS_INODE_DIR, .mode = 0700, .acl_default = mine };
	struct gs_acls acls = { 0 };

	(void)state;
	gs_repair_acls(&inode, &owner, &acls);
	assert_string_equal(acls.default_,
			    "u::rwx,u:2000:r-x,u:1000:rwx,g::r-x,g:1000:rwx,m::rwx,"
			    "o::---");
	free(acls.access);
	free(acls.default_);
}

/* More than anybody reads is counted, not listed; a name that would move the cursor is shown. */
static void test_list(void **state)
{
	struct gs_err err = { 0 };
	char share[] = "/mnt/data/shared";
	struct gs_repair_facts facts = { .path = share, .owner = owner };
	struct gs_entry entry = { .path = "files/\033[2J\n",
				  .inode = { .type = GS_INODE_FILE, .mode = 0644 },
				  .links = 1 };
	GS_AUTO(gs_plan_done) struct gs_plan each = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan brief = { 0 };

	(void)state;
	for (int i = 0; i < GS_REPAIR_LISTED_MAX + 7; i++)
		gs_repair_add(&facts.found, &entry);
	gs_repair_leave(&facts.found, "files/b", gs_repair_cause(GS_REPAIR_SETID), 0);
	assert_int_equal(gs_plan_repair(&facts, true, &each, &err), 0);
	assert_int_equal(gs_plan_repair(&facts, false, &brief, &err), 0);
	assert_int_equal(each.n, 1);
	assert_int_equal(each.v[0].kind, GS_STEP_REPAIR);
	assert_int_equal(each.items.n, GS_REPAIR_LISTED_MAX + 3);
	assert_string_equal(each.items.v[0].text,
			    "files/\\033[2J\\012  a file of 0:0 with mode 0644");
	assert_string_equal(each.items.v[GS_REPAIR_LISTED_MAX].text, "and 7 more");
	assert_int_equal(brief.items.n, 2);
	assert_int_equal(brief.items.v[0].mark, '!');
	assert_string_equal(brief.items.v[1].text,
			    "1007 files, 0 directories: read and write for ubuntu (1000)");
	assert_int_equal(brief.findings.n, 1);
	assert_string_equal(brief.findings.v[0].id, "REPAIR_LEFT");
	gs_repair_done(&facts.found);
}

/* A rule that leaves an entry is a note; a call that fails is no "nothing to do". */
static void test_failed(void **state)
{
	char share[] = "/mnt/data/shared";
	struct gs_repair_facts facts = { .path = share, .owner = owner };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	gs_repair_leave(&facts.found, "files/a", gs_repair_cause(GS_REPAIR_FIXED), 0);
	assert_int_equal(gs_repair_check(&facts.found, "/srv/b", &err), 0);
	gs_repair_leave(&facts.found, "files/\033b", "Input/output error", EIO);
	assert_true(gs_plan_repair(&facts, false, &plan, &err) < 0);
	assert_string_equal(err.id, "REPAIR_FAILED");
	assert_string_equal(err.msg,
			    "1 entry could not be read or changed, such as 'files/\\033b': "
			    "Input/output error");
	gs_repair_done(&facts.found);
	gs_repair_leave(&facts.found, "files/c", "a client holds it", ETIMEDOUT);
	assert_true(gs_repair_check(&facts.found, "/srv/b", &err) < 0);
	assert_string_equal(err.id, "CLIENT_DELEGATION");
	assert_non_null(strstr(err.fix, "in two minutes"));
	assert_non_null(strstr(err.fix, ": sudo gshare leader repair --path /srv/b"));
	gs_repair_done(&facts.found);
}

static void test_nothing(void **state)
{
	char share[] = "/mnt/data/shared";
	const struct gs_repair_facts facts = { .path = share, .owner = owner };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_plan_repair(&facts, true, &plan, &err), 0);
	assert_int_equal(plan.n, 0);
	assert_int_equal(plan.items.n, 0);
	assert_int_equal(plan.findings.n, 0);
}

/* leader init's finding; the fix leads to the same share and directories. */
static const struct needed {
	const char *name, *path, *dir;
	size_t n;
	bool cut;
	const char *text, *fix;
} needed[] = {
	{ "nothing", "/mnt/data/shared", NULL, 0, false, NULL, NULL },
	{ "cut before anything was found", "/mnt/data/shared", NULL, 0, true, NULL, NULL },
	{ "one", "/mnt/data/shared", NULL, 1, false, "1 existing file cannot be changed by ubuntu",
	  "sudo gshare leader repair --dry-run" },
	{ "many", "/mnt/data/shared", NULL, 214, true,
	  "at least 214 existing files cannot be changed by ubuntu",
	  "sudo gshare leader repair --dry-run" },
	{ "another share", "/srv/it's", "mo re", 2, false,
	  "2 existing files cannot be changed by ubuntu",
	  "sudo gshare leader repair --path '/srv/it'\\''s' --dir 'mo re' --dry-run" },
};

static void test_needed(void **state)
{
	const struct needed *row = *state;
	gs_autofree char *path = gs_strdup(row->path);
	struct gs_leader_req req = { .verb = GS_LEADER_INIT };
	const struct gs_leader_facts facts = {
		.path = path,
		.owner = owner,
		.unchangeable = row->n,
		.unchangeable_cut = row->cut,
	};
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	if (row->dir)
		gs_strs_add(&req.dirs, row->dir);
	gs_repair_needed(&req, &facts, &findings);
	gs_strs_done(&req.dirs);
	assert_int_equal(findings.n, row->text ? 1 : 0);
	if (!row->text)
		return;
	assert_string_equal(findings.v[0].id, "REPAIR_NEEDED");
	assert_string_equal(findings.v[0].text, row->text);
	assert_string_equal(findings.v[0].fix, row->fix);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_row);
	TABLE_ADD(&table, others, test_other);
	TABLE_ADD(&table, needed, test_needed);
	table_add(&table, "a default ACL stays", test_default, NULL);
	table_add(&table, "the list has an end", test_list, NULL);
	table_add(&table, "a call that fails is not nothing to do", test_failed, NULL);
	table_add(&table, "nothing to do", test_nothing, NULL);
	return table_run("repair", &table);
}
