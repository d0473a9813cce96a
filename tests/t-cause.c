/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/check/judge.h"
#include "core/format/acl_xattr.h"
#include "core/plan/finding.h"
#include "core/plan/plan.h"
#include "core/verify/access_report.h"
#include "core/verify/explain.h"
#include "table.h"

/* ---- rights ------------------------------------------------------------------------------- */

/* POSIX entries as the kernel stores them, little endian: tag, bits, id. */
#define POSIX		 "\2\0\0\0"
#define P(tag, bits, id) tag "\0" bits "\0" id
#define NO_ID		 "\377\377\377\377"
#define ID_1000		 "\350\3\0\0"
#define ID_1001		 "\351\3\0\0"

/* NFSv4 entries as the server sends them: type, flags, mask, who. */
#define ALLOW	   "\0\0\0\0"
#define DENY	   "\0\0\0\1"
#define PLAIN	   "\0\0\0\0"
#define OF_GROUP   "\0\0\0\100"
#define INHERITED  "\0\0\0\13"
#define RX	   "\0\0\0\41"
#define RWX	   "\0\0\0\43"
#define W	   "\0\0\0\2"
#define OWNER	   "\0\0\0\6OWNER@\0\0"
#define GROUP	   "\0\0\0\6GROUP@\0\0"
#define EVERYONE   "\0\0\0\11EVERYONE@\0\0\0"
#define NAME_1001  "\0\0\0\0041001"
#define NAME_WORDS "\0\0\0\3u@d\0"

static const struct rights_row {
	const char *name;
	mode_t mode;
	enum gs_acl_kind kind;
	struct gs_span acl;
	uid_t uid;
	int bits; /* -1: cannot be told */
	bool by_acl;
} rights[] = {
#define ACL(bytes)                                                                                 \
	{                                                                                          \
		bytes, sizeof(bytes) - 1                                                           \
	}
	{ "the owner's bits", 0750, GS_ACL_NONE, { 0 }, 1000, 7, false },
	{ "the owner's, though others have more", 0077, GS_ACL_NONE, { 0 }, 1000, 0, false },
	{ "the group's bits", 0750, GS_ACL_NONE, { 0 }, 1002, 5, false },
	{ "everybody else's", 0751, GS_ACL_NONE, { 0 }, 1001, 1, false },
	{ "an ACL that could not be read", 0777, GS_ACL_HIDDEN, { 0 }, 1001, -1, false },
	{ "named, below the mask", 0770, GS_ACL_POSIX,
	  ACL(POSIX P("\1", "\7", NO_ID) P("\2", "\7", ID_1001) P("\4", "\0", NO_ID)
		      P("\20", "\5", NO_ID) P("\40", "\0", NO_ID)),
	  1001, 5, true },
	{ "the owner is above the mask", 0770, GS_ACL_POSIX,
	  ACL(POSIX P("\1", "\7", NO_ID) P("\4", "\0", NO_ID) P("\20", "\1", NO_ID)
		      P("\40", "\0", NO_ID)),
	  1000, 7, false },
	{ "not named", 0771, GS_ACL_POSIX,
	  ACL(POSIX P("\1", "\7", NO_ID) P("\2", "\7", ID_1000) P("\4", "\0", NO_ID)
		      P("\20", "\7", NO_ID) P("\40", "\1", NO_ID)),
	  1001, 1, false },
	{ "the group's, below the mask", 0771, GS_ACL_POSIX,
	  ACL(POSIX P("\1", "\7", NO_ID) P("\4", "\7", NO_ID) P("\20", "\5", NO_ID)
		      P("\40", "\1", NO_ID)),
	  1002, 5, true },
	{ "a named group", 0771, GS_ACL_POSIX,
	  ACL(POSIX P("\1", "\7", NO_ID) P("\4", "\0", NO_ID) P("\10", "\6", ID_1001)
		      P("\20", "\7", NO_ID) P("\40", "\1", NO_ID)),
	  1001, 6, true },
	{ "POSIX of another version", 0777, GS_ACL_POSIX, ACL("\3\0\0\0"), 1001, -1, false },
	{ "POSIX cut short", 0777, GS_ACL_POSIX, ACL(POSIX "\1\0"), 1001, -1, false },
	{ "POSIX without an end", 0777, GS_ACL_POSIX, ACL(POSIX P("\1", "\7", NO_ID)), 1001, -1,
	  false },
	{ "NFSv4, the owner", 0750, GS_ACL_NFS4,
	  ACL("\0\0\0\2" ALLOW PLAIN RWX OWNER ALLOW PLAIN RX EVERYONE), 1000, 7, false },
	{ "NFSv4, everybody", 0755, GS_ACL_NFS4,
	  ACL("\0\0\0\2" ALLOW PLAIN RWX OWNER ALLOW PLAIN RX EVERYONE), 1001, 5, false },
	{ "NFSv4, the group", 0755, GS_ACL_NFS4,
	  ACL("\0\0\0\2" ALLOW OF_GROUP RWX GROUP ALLOW PLAIN RX EVERYONE), 1002, 7, false },
	{ "NFSv4, named", 0755, GS_ACL_NFS4,
	  ACL("\0\0\0\2" ALLOW PLAIN RWX NAME_1001 ALLOW PLAIN RX EVERYONE), 1001, 7, true },
	{ "NFSv4, named as a group", 0755, GS_ACL_NFS4,
	  ACL("\0\0\0\1" ALLOW OF_GROUP RWX NAME_1001), 1001, 7, true },
	{ "NFSv4, denied before it is allowed", 0777, GS_ACL_NFS4,
	  ACL("\0\0\0\2" DENY PLAIN W NAME_1001 ALLOW PLAIN RWX EVERYONE), 1001, 5, true },
	{ "NFSv4, denied after it was allowed", 0777, GS_ACL_NFS4,
	  ACL("\0\0\0\2" ALLOW PLAIN RWX EVERYONE DENY PLAIN W NAME_1001), 1001, 7, true },
	{ "NFSv4, for what is made in it", 0777, GS_ACL_NFS4,
	  ACL("\0\0\0\1" ALLOW INHERITED RWX EVERYONE), 1001, 0, false },
	{ "NFSv4, a user by name", 0777, GS_ACL_NFS4, ACL("\0\0\0\1" ALLOW PLAIN RWX NAME_WORDS),
	  1001, -1, false },
	{ "NFSv4 cut short", 0777, GS_ACL_NFS4, ACL("\0\0\0\2" ALLOW PLAIN RWX OWNER), 1000, -1,
	  false },
	{ "NFSv4, a name longer than all", 0777, GS_ACL_NFS4,
	  ACL("\0\0\0\1" ALLOW PLAIN RWX "\377\377\377\377"), 1000, -1, false },
	{ "NFSv4, a name without its padding", 0777, GS_ACL_NFS4,
	  ACL("\0\0\0\1" ALLOW PLAIN RWX "\0\0\0\6OWNER@"), 1000, -1, false },
	{ "NFSv4, nothing", 0777, GS_ACL_NFS4, ACL(""), 1000, -1, false },
};

/* A directory of 1000:1002, seen by users whose group has their number; 1002 is in it. */
static struct gs_dir_look look_of(mode_t mode, enum gs_acl_kind kind, struct gs_span acl)
{
	struct gs_dir_look look = {
		.known = true,
		.mode = mode,
		.uid = 1000,
		.gid = 1002,
		.free_bytes = 4096,
		.free_files = 1,
		.acl_kind = kind,
		.acl_len = (uint16_t)acl.len,
	};

	if (acl.len)
		memcpy(look.acl, acl.ptr, acl.len);
	return look;
}

static void test_rights(void **state)
{
	const struct rights_row *row = *state;
	struct gs_dir_look look = look_of(row->mode, row->kind, row->acl);
	struct gs_rights is = { 42, true };
	bool told = gs_rights_of(&look, row->uid, row->uid, &is);

	assert_int_equal(told, row->bits >= 0);
	assert_int_equal(is.bits, told ? row->bits : 42);
	assert_int_equal(is.by_acl, told ? row->by_acl : true);
}

static void test_nothing_seen(void **state)
{
	struct gs_dir_look look = { 0 };
	struct gs_rights is;

	(void)state;
	assert_false(gs_rights_of(&look, 0, 0, &is));
}

/* ---- reasons ------------------------------------------------------------------------------ */

enum where { LOCAL, NFS };

/* Rows of uid, and another user whose file came out as alias's; -1: there is none. */
static const struct cause_row {
	const char *name;
	enum where where;
	enum gs_act_kind act;
	int error;
	uid_t uid;
	mode_t mode;
	long owner, alias; /* of the row's own file; of a file of uid 7 */
	enum gs_cause cause;
	const char *why; /* part of it */
	bool hidden, unseen, ro, fixed, maps_ids, no_files;
} causes[] = {
#define R(name, where, act, error, uid, mode, owner, alias, cause, ...)                            \
	{                                                                                          \
		name, where, act, error, uid, mode, owner, alias, cause, .why = __VA_ARGS__        \
	}
	R("no bits", LOCAL, GS_ACT_CREATE, EACCES, 1001, 0750, -1, -1, GS_CAUSE_MODE_BITS,
	  "mode 0750 of 1000:1002 gives uid 1001 ---"),
	R("too few bits to read", LOCAL, GS_ACT_READ, EACCES, 1001, 0771, -1, -1,
	  GS_CAUSE_MODE_BITS, "gives uid 1001 --x"),
	R("the group's bits", NFS, GS_ACT_CREATE, EACCES, 1002, 0750, -1, -1, GS_CAUSE_MODE_BITS,
	  "gives uid 1002 r-x"),
	R("bits would do, here", LOCAL, GS_ACT_CREATE, EACCES, 1000, 0750, -1, -1, GS_CAUSE_UNKNOWN,
	  "neither"),
	R("root, here", LOCAL, GS_ACT_CREATE, EACCES, 0, 0750, -1, -1, GS_CAUSE_UNKNOWN, "neither"),
	R("bits would do, over NFS", NFS, GS_ACT_CREATE, EACCES, 1000, 0750, -1, -1,
	  GS_CAUSE_SQUASH, "maps uid 1000 to another"),
	R("root, over NFS", NFS, GS_ACT_CREATE, EACCES, 0, 0750, -1, -1, GS_CAUSE_SQUASH,
	  "maps root to another"),
	R("root, and it is seen as whom", NFS, GS_ACT_CREATE, EACCES, 0, 0750, 1001, -1,
	  GS_CAUSE_SQUASH, "uid 0 is uid 1001 on the leader, and mode 0750 of 1000:1002"),
	R("root is root on the leader", NFS, GS_ACT_CREATE, EACCES, 0, 0750, 0, -1,
	  GS_CAUSE_UNKNOWN, "neither"),
	R("squashed as others are", NFS, GS_ACT_CREATE, EACCES, 1000, 0750, -1, 1001,
	  GS_CAUSE_SQUASH, "uid 1000 is uid 1001 on the leader"),
	R("squashed, to whom has no bits either", NFS, GS_ACT_CREATE, EACCES, 1003, 0750, -1, 1001,
	  GS_CAUSE_MODE_BITS, "gives uid 1001 ---"),
	R("squashed, to whom would do", NFS, GS_ACT_CREATE, EACCES, 1003, 0750, -1, 1000,
	  GS_CAUSE_UNKNOWN, "neither"),
	R("an owner whose name is not known tells nothing", NFS, GS_ACT_CREATE, EACCES, 1003, 0750,
	  -1, 65534, GS_CAUSE_MODE_BITS, "gives uid 1003 ---", .maps_ids = true),
	R("a hidden ACL", NFS, GS_ACT_CREATE, EACCES, 1003, 0750, -1, -1, GS_CAUSE_UNKNOWN,
	  "its ACL cannot be read", .hidden = true),
	R("a hidden ACL says nothing about root", NFS, GS_ACT_CREATE, EACCES, 0, 0750, -1, -1,
	  GS_CAUSE_SQUASH, "and its ACL", .hidden = true),
	R("nothing could be seen", NFS, GS_ACT_CREATE, EACCES, 0, 0, -1, -1, GS_CAUSE_UNKNOWN,
	  "root of this node", .unseen = true),
	R("a read-only mount", NFS, GS_ACT_CREATE, EROFS, 0, 0750, -1, -1, GS_CAUSE_RO_MOUNT,
	  "on this node", .ro = true),
	R("a read-only file system", LOCAL, GS_ACT_CREATE, EROFS, 0, 0750, -1, -1,
	  GS_CAUSE_RO_MOUNT, "on this node"),
	R("ro, as the leader gives it", NFS, GS_ACT_CREATE, EROFS, 0, 0750, -1, -1,
	  GS_CAUSE_RO_LEADER, "the leader"),
	R("another's file in a sticky directory", NFS, GS_ACT_DELETE, EPERM, 1001, 01777, 1000, -1,
	  GS_CAUSE_STICKY, "the file belongs to uid 1000 on this node"),
	R("immutable, here", LOCAL, GS_ACT_CREATE, EPERM, 0, 0750, -1, -1, GS_CAUSE_FIXED,
	  "immutable", .fixed = true),
	R("immutable, on the leader", NFS, GS_ACT_CREATE, EPERM, 0, 0750, -1, -1, GS_CAUSE_FIXED,
	  "the leader permits it to no user"),
	R("not permitted, and why", LOCAL, GS_ACT_CREATE, EPERM, 0, 0750, -1, -1, GS_CAUSE_UNKNOWN,
	  "neither"),
	R("a user gives away, here", LOCAL, GS_ACT_CHOWN, EPERM, 1001, 0750, 1001, -1,
	  GS_CAUSE_NOT_ROOT, "only root"),
	R("a user gives away, over NFS", NFS, GS_ACT_CHOWN, EPERM, 1001, 0750, 1001, -1,
	  GS_CAUSE_NOT_ROOT, "only root"),
	R("a squashed root gives away", NFS, GS_ACT_CHOWN, EPERM, 0, 0750, 1000, -1,
	  GS_CAUSE_SQUASH, "uid 0 is uid 1000 on the leader"),
	R("giving away is denied", NFS, GS_ACT_CHOWN, EACCES, 0, 0750, 1000, -1, GS_CAUSE_SQUASH,
	  "only root"),
	R("giving to a name nobody knows", NFS, GS_ACT_CHOWN, EINVAL, 0, 0750, 0, -1,
	  GS_CAUSE_ID_MAPPING, "nfs4_disable_idmapping", .maps_ids = true),
	R("invalid, and ids travel as numbers", NFS, GS_ACT_CHOWN, EINVAL, 0, 0750, 0, -1,
	  GS_CAUSE_UNKNOWN, "neither"),
	R("an id that this mount has no number for", LOCAL, GS_ACT_CREATE, EOVERFLOW, 1001, 0777,
	  -1, -1, GS_CAUSE_ID_MAPPING, "uid 1001 has no number"),
	R("over quota", NFS, GS_ACT_CREATE, EDQUOT, 0, 0750, -1, -1, GS_CAUSE_QUOTA, "quota"),
	R("full", NFS, GS_ACT_CREATE, ENOSPC, 0, 0750, -1, -1, GS_CAUSE_FULL,
	  "4096 bytes are free"),
	R("no inodes", LOCAL, GS_ACT_CREATE, ENOSPC, 0, 0750, -1, -1, GS_CAUSE_FULL,
	  "no free inodes", .no_files = true),
	R("no ticket", NFS, GS_ACT_CREATE, ENOKEY, 1000, 0750, -1, -1, GS_CAUSE_TICKET,
	  "no valid Kerberos ticket"),
	R("stale", NFS, GS_ACT_CREATE, ESTALE, 0, 0750, -1, -1, GS_CAUSE_STALE, "no longer"),
	R("an error of the disk", LOCAL, GS_ACT_CREATE, EIO, 0, 0750, -1, -1, GS_CAUSE_UNKNOWN,
	  "neither"),
};

static void test_cause(void **state)
{
	const struct cause_row *row = *state;
	struct gs_row rows[2] = { { .uid = row->uid,
				    .gid = row->uid,
				    .has_owner = row->owner >= 0,
				    .owner = (uid_t)row->owner,
				    .owner_group = (gid_t)row->owner },
				  { .uid = 7,
				    .gid = 7,
				    .has_owner = row->alias >= 0,
				    .owner = (uid_t)row->alias,
				    .owner_group = (gid_t)row->alias } };
	struct gs_access_report report = {
		.row = rows, .n = 2, .is_nfs = row->where == NFS, .maps_ids = row->maps_ids
	};
	char dir[] = "/mnt/a";
	struct gs_denial denial = { .dir = dir, .act = row->act, .error = row->error };

	denial.look = look_of(row->mode, row->hidden ? GS_ACL_HIDDEN : GS_ACL_NONE,
			      gs_span(NULL, 0));
	denial.look.known = !row->unseen;
	denial.look.is_ro = row->ro;
	denial.look.is_fixed = row->fixed;
	denial.look.free_files = !row->no_files;
	gs_cause_find(&report, &rows[0], &denial);
	assert_string_equal(gs_cause_name(denial.cause), gs_cause_name(row->cause));
	if (!strstr(denial.why, row->why))
		fail_msg("'%s' is not in '%s'", row->why, denial.why);
	gs_cause_find(&report, &rows[0], &denial); /* twice is once, and leaks nothing */
	free(denial.why);
	free(denial.fix);
}

/* ---- where the rights are given ------------------------------------------------------------ */

static const struct there_row {
	const char *name, *source, *target, *dir;
	const char *fix; /* NULL: none */
	int error;	 /* of root; 0: a user without rights, EACCES */
} placed[] = {
	{ "this node's own", NULL, NULL, "/srv/a",
	  "sudo find /srv/a -maxdepth 0 -type d -exec setfacl -m u:1001:rwx '{}' +", 0 },
	{ "the export itself", "10.0.0.1:/srv/a", "/mnt/b", "/mnt/b",
	  "on 10.0.0.1 run: sudo find /srv/a -maxdepth 0 -type d -exec setfacl -m u:1001:rwx "
	  "'{}' +",
	  0 },
	{ "below it", "10.0.0.1:/srv/a", "/mnt/b", "/mnt/b/files",
	  "on 10.0.0.1 run: sudo find /srv/a/files -maxdepth 0 -type d -exec setfacl -m "
	  "u:1001:rwx '{}' +",
	  0 },
	{ "below the server's root", "[fe80::1]:/", "/mnt/b", "/mnt/b/files",
	  "on '[fe80::1]' run: sudo find /files -maxdepth 0 -type d -exec setfacl -m u:1001:rwx "
	  "'{}' +",
	  0 },
	{ "on another mount", "10.0.0.1:/srv/a", "/mnt/b", "/mnt/bc", NULL, 0 },
	{ "the leader maps root to a user not seen here", "10.0.0.1:/srv/a", "/mnt/b",
	  "/mnt/b/files", "on 10.0.0.1 run: sudo gshare verify /srv/a", EACCES },
	{ "read-only on the leader", "10.0.0.1:/srv/a", "/mnt/b", "/mnt/b/files",
	  "on 10.0.0.1 run: sudo gshare leader rw 10.0.0.2 --path /srv/a", EROFS },
	{ "immutable", "10.0.0.1:/srv/a", "/mnt/b", "/mnt/b/files",
	  "on 10.0.0.1 run: sudo find /srv/a/files -maxdepth 0 -type d -exec chattr -i -a '{}' +",
	  EPERM },
	{ "full", "10.0.0.1:/srv/a", "/mnt/b", "/mnt/b/files",
	  "on 10.0.0.1 run: df -h /srv/a/files && df -i /srv/a/files", ENOSPC },
	{ "full, on this node", NULL, NULL, "/srv/a", "df -h /srv/a && df -i /srv/a", ENOSPC },
	{ "over quota", "10.0.0.1:/srv/a", "/mnt/b", "/mnt/b", "on 10.0.0.1 run: sudo repquota -a",
	  EDQUOT },
	{ "stale", "10.0.0.1:/srv/a", "/mnt/b", "/mnt/b/files",
	  "on 10.0.0.1 run: sudo exportfs -v; then on this node: sudo gshare follower remount "
	  "/mnt/b --recover",
	  ESTALE },
};

static void test_there(void **state)
{
	const struct there_row *row = *state;
	gs_autofree char *source = row->source ? gs_strdup(row->source) : NULL;
	gs_autofree char *target = row->target ? gs_strdup(row->target) : NULL;
	gs_autofree char *dir = gs_strdup(row->dir);
	const uid_t uid = row->error ? 0 : 1001;
	char options[] = "rw,clientaddr=10.0.0.2";
	struct gs_row user = { .uid = uid, .gid = uid };
	struct gs_access_report report = {
		.row = &user,
		.n = 1,
		.is_nfs = row->source,
		.mount = { .source = source, .target = target, .options = options }
	};
	struct gs_denial denial = { .dir = dir,
				    .act = GS_ACT_CREATE,
				    .error = row->error ? row->error : EACCES };

	denial.look = look_of(0750, GS_ACL_NONE, gs_span(NULL, 0));
	denial.look.known = true;
	gs_cause_find(&report, &user, &denial);
	if (row->fix)
		assert_string_equal(denial.fix, row->fix);
	else
		assert_null(denial.fix);
	free(denial.why);
	free(denial.fix);
}

/* ---- the verdict -------------------------------------------------------------------------- */

static const struct judge_row {
	const char *name;
	enum gs_act_kind act[3];
	size_t n;
	bool readonly, timed_out, same_dir_mode;
	size_t findings;
} judges[] = {
	{ "all of it", { 0 }, 0, false, false, true, 0 },
	{ "all but giving away", { GS_ACT_CHOWN }, 1, false, false, true, 0 },
	{ "no create", { GS_ACT_CREATE }, 1, false, false, true, 1 },
	{ "no rename", { GS_ACT_RENAME }, 1, false, false, true, 1 },
	{ "no delete", { GS_ACT_DELETE }, 1, false, false, true, 1 },
	{ "the same in two directories",
	  { GS_ACT_CREATE, GS_ACT_CREATE },
	  2,
	  false,
	  false,
	  true,
	  1 },
	{ "for two reasons", { GS_ACT_CREATE, GS_ACT_CREATE }, 2, false, false, false, 2 },
	{ "two acts", { GS_ACT_CREATE, GS_ACT_READ, GS_ACT_CHOWN }, 3, false, false, true, 2 },
	{ "read-only and readable", { GS_ACT_CREATE }, 1, true, false, true, 0 },
	{ "read-only and not even that", { GS_ACT_READ }, 1, true, false, true, 1 },
	{ "silent", { 0 }, 0, false, true, true, 1 },
};

static void test_judge(void **state)
{
	const struct judge_row *row = *state;
	struct gs_denial refused[3] = { 0 };
	struct gs_row user = { .uid = 1001,
			       .refused = refused,
			       .n_refused = row->n,
			       .readonly = row->readonly,
			       .timed_out = row->timed_out };
	char path[] = "/mnt/a", dirs[3][8] = { "/mnt/a", "/mnt/b", "/mnt/c" };
	struct gs_access_report report = { .path = path, .row = &user, .n = 1 };

	for (size_t i = 0; i < row->n; i++)
		refused[i] = (struct gs_denial){
			.dir = dirs[i],
			.act = row->act[i],
			.error = EACCES,
			.look = look_of(i && !row->same_dir_mode ? 0710 : 0700, GS_ACL_NONE,
					gs_span(NULL, 0)),
		};
	gs_access_report_judge(&report);
	assert_int_equal(report.findings.n, row->findings);
	/* Each directory that a finding names is in its fix. */
	for (size_t i = 0; i < report.findings.n; i++)
		for (size_t j = 0; j < row->n; j++)
			assert_int_equal(!strstr(report.findings.v[i].text, dirs[j]),
					 !strstr(report.findings.v[i].fix, dirs[j]));
	gs_findings_done(&report.findings);
	for (size_t i = 0; i < row->n; i++) {
		free(refused[i].why);
		free(refused[i].fix);
	}
}

static void test_late_by_nfs(void **state)
{
	struct gs_row row = { .uid = 0, .timed_out = true };
	char path[] = "/mnt/a", options[] = "rw,addr=10.0.0.1";
	struct gs_access_report report = {
		.path = path, .row = &row, .n = 1, .is_nfs = true, .mount.options = options
	};

	(void)state;
	gs_access_report_judge(&report);
	assert_int_equal(report.findings.n, 1);
	assert_string_equal(report.findings.v[0].fix,
			    "see whether large packets get through: ping -M do -s 1472 -c 3 "
			    "10.0.0.1");
	gs_findings_done(&report.findings);
}

static void test_mapping(void **state)
{
	struct gs_row row = { .uid = 1000, .has_owner = true, .owner = 65534 };
	struct gs_access_report report = { .row = &row, .n = 1, .is_nfs = true };

	(void)state;
	gs_access_report_judge(&report);
	assert_int_equal(report.findings.n, 0);
	report.maps_ids = true;
	gs_access_report_judge(&report);
	assert_int_equal(report.findings.n, 1);
	assert_string_equal(report.findings.v[0].id, "ID_MAPPING");
	row.owner = 1000;
	gs_access_report_judge(&report);
	assert_int_equal(report.findings.n, 1);
	gs_findings_done(&report.findings);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rights, test_rights);
	TABLE_ADD(&table, causes, test_cause);
	TABLE_ADD(&table, placed, test_there);
	TABLE_ADD(&table, judges, test_judge);
	table_add(&table, "no rights where nothing was seen", test_nothing_seen, NULL);
	table_add(&table, "a test that timed out through NFS", test_late_by_nfs, NULL);
	table_add(&table, "an owner that this node may have no name for", test_mapping, NULL);
	return table_run("reason", &table);
}
