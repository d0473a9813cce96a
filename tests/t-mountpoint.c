/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "core/check/check.h"
#include "core/follower/leader_word.h"
#include "core/follower/mount_options.h"
#include "core/follower/mounted.h"
#include "core/follower/mountpoint.h"
#include "core/follower/offer.h"
#include "core/follower/pick_export.h"
#include "core/follower/port.h"
#include "core/follower/request.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/share/names.h"

/* The place where a share goes: who could replace it, is it guarded, what is mounted there. */

enum { CALLER = 1001, OTHER = 1002, GROUP = 1003 /* of the caller alone */ };

#define DIR(owner, group, bits)                                                                    \
	{                                                                                          \
		.type = GS_INODE_DIR, .uid = (owner), .gid = (group), .mode = (bits),              \
		.can_guard = true                                                                  \
	}
#define ROOT DIR(0, 0, 0755)
#define ABSENT                                                                                     \
	{                                                                                          \
		.type = GS_INODE_ABSENT                                                            \
	}

static char acl[] = "u::rwx,u:1002:rwx,g::r-x,m::rwx,o::r-x";

/* ---- the path ------------------------------------------------------------------------------ */

static const struct path_row {
	const char *name;
	struct gs_inode inode[3]; /* /a, /a/b, /a/b/c */
	uid_t caller;
	bool allowed;
	bool untyped;	/* the server's word is the only one for the path */
	const char *id; /* of the refusal or the only finding; NULL: neither */
	bool is_refused;
} paths[] = {
	{ "all of it root's", { ROOT, ROOT, ROOT }, .id = NULL },
	{ "still to be made", { ROOT, ABSENT, ABSENT }, .id = NULL },
	{ "a home of nobody who called",
	  { ROOT, DIR(CALLER, CALLER, 0755), ABSENT },
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "the caller's own home",
	  { ROOT, DIR(CALLER, CALLER, 0755), ABSENT },
	  .caller = CALLER,
	  .id = "TARGET_IN_HOME" },
	{ "the caller's own home, with a group of its own",
	  { ROOT, DIR(CALLER, GROUP, 0775), DIR(CALLER, GROUP, 0775) },
	  .caller = CALLER,
	  .id = "TARGET_IN_HOME" },
	{ "the caller's home, open to a group of others",
	  { ROOT, DIR(CALLER, 100, 0775), ABSENT },
	  .caller = CALLER,
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "the caller's group, and an ACL for others",
	  { ROOT,
	    { .type = GS_INODE_DIR, .uid = CALLER, .gid = GROUP, .mode = 0775, .acl_access = acl },
	    ABSENT },
	  .caller = CALLER,
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "somebody else's home",
	  { ROOT, DIR(OTHER, OTHER, 0755), ABSENT },
	  .caller = CALLER,
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "allowed by name",
	  { ROOT, DIR(OTHER, OTHER, 0755), ABSENT },
	  .allowed = true,
	  .id = "TARGET_USER_PATH" },
	{ "the target itself may be a user's",
	  { ROOT, ROOT, DIR(OTHER, OTHER, 0700) },
	  .id = NULL },
	{ "a directory that a group writes in",
	  { ROOT, DIR(0, 100, 0775), ROOT },
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "root's group is root", { ROOT, DIR(0, 0, 0775), ROOT }, .id = NULL },
	{ "unless an ACL names others",
	  { ROOT,
	    { .type = GS_INODE_DIR, .mode = 0775, .acl_access = acl, .can_guard = true },
	    ROOT },
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "or it cannot be told whether one does",
	  { ROOT,
	    { .type = GS_INODE_DIR, .mode = 0775, .acl_hidden = true, .can_guard = true },
	    ROOT },
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "which matters only where the group may write",
	  { ROOT,
	    { .type = GS_INODE_DIR, .mode = 0755, .acl_hidden = true, .can_guard = true },
	    ROOT },
	  .id = NULL },
	{ "a directory of everybody's",
	  { DIR(0, 0, 0777), ROOT, ROOT },
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "a sticky one, and root's entry", { DIR(0, 0, 01777), ROOT, ROOT }, .id = NULL },
	{ "a sticky one, and an entry to be made",
	  { DIR(0, 0, 01777), ABSENT, ABSENT },
	  .id = NULL },
	{ "a sticky one, and another's entry",
	  { DIR(0, 0, 01777), DIR(OTHER, OTHER, 0755), ROOT },
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "a link on the way",
	  { ROOT, { .type = GS_INODE_LINK }, ABSENT },
	  .id = "TARGET_LINK",
	  .is_refused = true },
	{ "untyped, and all of it root's", { ROOT, ROOT, ABSENT }, .untyped = true },
	{ "untyped, in the caller's own home",
	  { ROOT, DIR(CALLER, GROUP, 0755), ABSENT },
	  .caller = CALLER,
	  .untyped = true,
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "untyped, where the caller's group writes",
	  { ROOT, DIR(0, GROUP, 0775), ABSENT },
	  .caller = CALLER,
	  .untyped = true,
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "untyped, and allowed for what is typed",
	  { ROOT, DIR(OTHER, OTHER, 0755), ABSENT },
	  .allowed = true,
	  .untyped = true,
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "untyped, and the last of it is somebody's",
	  { ROOT, ROOT, DIR(OTHER, OTHER, 0700) },
	  .untyped = true,
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "untyped, and the last of it is the caller's",
	  { ROOT, ROOT, DIR(CALLER, GROUP, 0755) },
	  .caller = CALLER,
	  .untyped = true,
	  .id = "TARGET_USER_PATH",
	  .is_refused = true },
	{ "untyped, in a sticky directory", { DIR(0, 0, 01777), ROOT, ROOT }, .untyped = true },
	{ "files that would be hidden",
	  { ROOT, ROOT, { .type = GS_INODE_DIR, .mode = 0755, .has_entries = true } },
	  .id = "TARGET_NOT_EMPTY",
	  .is_refused = true },
	{ "no directory",
	  { ROOT, ROOT, { .type = GS_INODE_FILE, .mode = 0644 } },
	  .id = "TARGET_NOT_DIR",
	  .is_refused = true },
};

static void test_path(void **state)
{
	const struct path_row *row = *state;
	char a[] = "/a", b[] = "/a/b", c[] = "/a/b/c";
	struct gs_path_inode ancestors[] = { { a, row->inode[0] },
					     { b, row->inode[1] },
					     { c, row->inode[2] } };
	struct gs_follower_req req = { .target = row->untyped ? NULL : c,
				       .caller = row->caller,
				       .allow_user_path = row->allowed,
				       .again = "again" };
	struct gs_follower_facts facts = { .target = c,
					   .ancestors = { ancestors, 3, 3 },
					   .caller_group = row->caller ? GROUP : 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };
	int r = gs_mountpoint_check(&req, &facts, &plan, &err);

	assert_int_equal(r < 0, row->is_refused);
	assert_int_equal(plan.findings.n, row->id && !row->is_refused ? 1 : 0);
	if (row->id)
		assert_string_equal(row->is_refused ? err.id : plan.findings.v[0].id, row->id);
	if (row->is_refused && !row->untyped)
		assert_true(err.fix[0]);
}

/* ---- the server's word --------------------------------------------------------------------- */

static const struct offer {
	const char *name; /* the path itself, where path is NULL */
	const char *path;
	bool is_taken;
} offers[] = {
	{ "/mnt/data/shared", NULL, true },
	{ "/srv/x", NULL, true },
	{ "/data/x", NULL, true },
	{ "/media/x", NULL, true },
	{ "/mnt//x/", NULL, true },
	{ "/srv/opt/usr/etc", NULL, true },
	{ "nothing", "", false },
	{ "srv/x", NULL, false },
	{ "/", NULL, false },
	{ "/mnt", NULL, false },
	{ "/mnt/", NULL, false },
	{ "/srv//", NULL, false },
	{ "/mntx/y", NULL, false },
	{ "/data.old/x", NULL, false },
	{ "/home/user1/datasets", NULL, false },
	{ "/home/alice/.local/bin", NULL, false },
	{ "/root/x", NULL, false },
	{ "/etc/cron.d", NULL, false },
	{ "/opt/x", NULL, false },
	{ "/var/lib/cloud/scripts/per-boot", NULL, false },
	{ "/var/spool/cron", NULL, false },
	{ "/usr/local/bin", NULL, false },
	{ "/tmp/x", NULL, false },
	{ "/run/x", NULL, false },
	{ "/snap/bin", NULL, false },
	{ "/export/x", NULL, false },
	{ "/mnt/.x", NULL, false },
	{ "/srv/./x", NULL, false },
	{ "/srv/../etc/cron.d", NULL, false },
	{ "/srv/..", NULL, false },
	{ "/srv/x/.ssh", NULL, false },
	{ "/srv/a b", NULL, false },
	{ "/srv/a b#$(id)';touch x;", NULL, false },
	{ "a newline", "/srv/a\nb", false },
	{ "an escape", "/srv/a\033[2J", false },
	{ "what turns text around", "/srv/\xe2\x80\xae", false },
};

static void test_offer(void **state)
{
	const struct offer *row = *state;
	struct gs_err err = { 0 };

	assert_int_equal(gs_offer_check(row->path ? row->path : row->name, &err) == 0,
			 row->is_taken);
	if (row->is_taken)
		return;
	assert_string_equal(err.id, "TARGET_UNNAMED");
	for (const char *c = err.msg; *c; c++)
		assert_true((unsigned char)*c >= 0x20 && (unsigned char)*c < 0x7f);
}

/* What is printed has a TARGET, every word that was typed, and none that the server chose. */
static void the_command_names_a_target(void **state)
{
	char free_place[] = "/mnt/data/shared";
	struct gs_follower_facts facts = { .free_place = free_place };
	struct gs_follower_req req = { .leader = "fd00::1" };
	struct gs_err err = { 0 };

	(void)state;
	gs_err_set(&err, EPERM, "x");
	gs_offer_fix(&req, &facts, &err);
	assert_string_equal(err.fix, "sudo gshare follower mount fd00::1 /mnt/data/shared");
	req = (struct gs_follower_req){ .leader = "l",
					.export_ = "/srv/a b",
					.id = "7c1e52d0",
					.ro = true,
					.no_persist = true,
					.unverified = true,
					.root = "/r" };
	gs_offer_fix(&req, &facts, &err);
	assert_string_equal(err.fix,
			    "sudo gshare follower mount l /mnt/data/shared --export '/srv/a b' "
			    "--id 7c1e52d0 --ro --no-persist --unverified --root /r");
	facts.free_place = NULL;
	gs_offer_fix(&req, &facts, &err);
	assert_null(strstr(err.fix, "gshare"));
}

static void places_are_offered_in_order(void **state)
{
	GS_AUTO(gs_strs_done) struct gs_strs named = { 0 }, odd = { 0 };

	(void)state;
	gs_offer_places("/home/user1/datasets", &named);
	assert_string_equal(named.v[0], "/mnt/data/shared");
	assert_string_equal(named.v[1], "/mnt/datasets");
	gs_offer_places("/etc/cron d", &odd);
	for (size_t i = 0; i < odd.n; i++)
		assert_null(strstr(odd.v[i], "cron"));
}

/* ---- the guard ----------------------------------------------------------------------------- */

static const struct guard_row {
	const char *name;
	bool is_mounted;
	struct gs_inode inode; /* of the target, bare */
	struct gs_inode parent;
	bool guards;
	const char *id;
} guards[] = {
	{ "empty", false, ROOT, ROOT, .guards = true },
	{ "still to be made", false, ABSENT, ROOT, .guards = true },
	{ "below a mount", true, ROOT, ROOT, .guards = true },
	{ "guarded already",
	  false,
	  { .type = GS_INODE_DIR, .can_guard = true, .is_guarded = true },
	  ROOT,
	  .guards = false },
	{ "below a mount, guarded already",
	  true,
	  { .type = GS_INODE_DIR, .can_guard = true, .is_guarded = true },
	  ROOT,
	  .guards = false },
	{ "below a mount, with files in it",
	  true,
	  { .type = GS_INODE_DIR, .can_guard = true, .has_entries = true },
	  ROOT,
	  .guards = false },
	{ "below a mount, not to be seen", true, ABSENT, ROOT, .guards = false },
	{ "a file system without the flag",
	  false,
	  { .type = GS_INODE_DIR },
	  ROOT,
	  .id = "GUARD_UNSUPPORTED" },
	{ "to be made in one without the flag",
	  false,
	  ABSENT,
	  { .type = GS_INODE_DIR },
	  .id = "GUARD_UNSUPPORTED" },
	{ "a container, which may not set it",
	  false,
	  { .type = GS_INODE_DIR, .can_guard = true, .guard_denied = true },
	  ROOT,
	  .id = "GUARD_DENIED" },
	{ "to be made there",
	  false,
	  ABSENT,
	  { .type = GS_INODE_DIR, .can_guard = true, .guard_denied = true },
	  .id = "GUARD_DENIED" },
	{ "nothing of it is there but /", false, ABSENT, ABSENT, .guards = true },
	{ "to be made in an immutable one",
	  false,
	  ABSENT,
	  { .type = GS_INODE_DIR, .can_guard = true, .is_guarded = true },
	  .guards = true },
};

static void test_guard(void **state)
{
	const struct guard_row *row = *state;
	char a[] = "/a", b[] = "/a/b";
	struct gs_path_inode ancestors[] = { { a, row->parent }, { b, row->inode } };
	struct gs_follower_facts facts = {
		.target = b,
		.is_mounted = row->is_mounted,
		.bare = row->inode,
		.top = { .type = GS_INODE_DIR, .can_guard = true, .has_entries = true },
		.ancestors = { ancestors, row->is_mounted ? 0 : 2, 2 },
	};
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };

	gs_mountpoint_plan_guard(&facts, &plan);
	assert_int_equal(plan.n, row->guards);
	if (row->guards)
		assert_true(plan.v[0].kind == GS_STEP_GUARD && plan.v[0].guard.on);
	assert_int_equal(plan.findings.n, row->id ? 1 : 0);
	if (row->id)
		assert_string_equal(plan.findings.v[0].id, row->id);
}

/* Where does this node's kernel keep users from making files in the share's top? */
static const struct sticky_row {
	const char *name;
	unsigned guards, mode;
	bool tells;
	uid_t top_uid, file_uid;
} stickies[] = {
	{ "as init makes it", 2, 03775, true, 0, 1000 },
	{ "as init makes it, where only the world's are guarded", 1, 03775, false, 0, 1000 },
	{ "as init makes it, unguarded", 0, 03775, false, 0, 1000 },
	{ "as mkdir makes it", 2, 0755, false, 0, 1000 },
	{ "a group's, not sticky", 2, 02775, false, 0, 1000 },
	{ "sticky, and only its owner may write", 2, 01755, false, 0, 1000 },
	{ "the world's and sticky", 1, 01777, true, 0, 1000 },
	{ "it could not be looked at", 2, 0, false, 0, 1000 },
	{ "the top is the followers' owner's", 2, 03775, false, 1000, 1000 },
	{ "root of followers is root", 2, 03775, false, 0, 0 },
};

static void test_sticky(void **state)
{
	const struct sticky_row *row = *state;
	const struct gs_target_fact target = { .path = "/mnt/data/shared",
					       .guards = row->guards,
					       .top_mode = row->mode,
					       .top_uid = row->top_uid,
					       .file_uid = row->file_uid };
	const struct gs_facts facts = { .target = &target };
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };

	gs_checks_run(&facts, GS_WARN, &findings);
	assert_int_equal(findings.n, row->tells);
	if (row->tells)
		assert_string_equal(findings.v[0].id, "STICKY_TOP");
}

/* ---- what is mounted ----------------------------------------------------------------------- */

static const struct differ_row {
	const char *name, *mounted, *specified, *live, *fixed, *flags;
} differs[] = {
	{ "as specified", "rw,nosuid,nodev,vers=4.2,hard,timeo=600,addr=10.0.0.1",
	  "vers=4.2,proto=tcp,hard,timeo=600,nosuid,nodev", "", "", "rw,nosuid,nodev" },
	{ "ro", "ro,vers=4.2,hard", "vers=4.2,hard", "ro (expected rw)", "", "ro" },
	{ "rw", "rw,vers=4.2,hard", "vers=4.2,hard,ro", "rw (expected ro)", "", "rw" },
	{ "without nosuid and nodev", "rw,vers=4.2", "vers=4.2,nosuid,nodev",
	  "suid (expected nosuid); dev (expected nodev)", "", "rw" },
	{ "noexec", "nodev,noexec,ro,nosuid", "nosuid,nodev,ro", "noexec (expected exec)", "",
	  "ro,nosuid,nodev,noexec" },
	{ "soft", "rw,soft", "hard", "", "soft (expected hard)", "rw" },
	{ "another version and ro", "ro,vers=3", "vers=4.2", "ro (expected rw)",
	  "vers 3 (expected 4.2)", "ro" },
	{ "IPv6 is TCP, too", "rw,proto=tcp6", "proto=tcp", "", "", "rw" },
	{ "another transport", "rw,proto=rdma6", "proto=tcp6", "", "proto rdma6 (expected tcp6)",
	  "rw" },
	{ "the usual port is not shown", "rw,nosuid", "port=2049,nosuid", "", "", "rw,nosuid" },
	{ "another port", "rw,port=2050", "vers=4.2", "", "port 2050 (expected 2049)", "rw" },
	{ "not the port", "rw", "port=2050", "", "port 2049 (expected 2050)", "rw" },
};

static void test_differs(void **state)
{
	const struct differ_row *row = *state;
	GS_AUTO(gs_mount_diff_done) struct gs_mount_diff diff = { 0 };
	gs_autostr struct gs_str flags = { 0 };
	bool does = gs_mount_differs(row->mounted, row->specified, &diff);

	assert_int_equal(does, row->live[0] || row->fixed[0]);
	assert_string_equal(diff.live.ptr ? diff.live.ptr : "", row->live);
	assert_string_equal(diff.fixed.ptr ? diff.fixed.ptr : "", row->fixed);
	gs_mountpoint_flags(row->mounted, &flags);
	assert_string_equal(flags.ptr, row->flags);
}

#define FIRST  "a:/x /a nfs4 rw 0 0\n"
#define SECOND "# gshare mount /b\n[fd00::1]:/x /b nfs4 rw 0 0\n"

/* What is mounted on /b; [fd00::1]:/x with the id 7c1e52d0 is wanted there. */
static const struct shared_row {
	const char *name, *fstab;
	const char *shown; /* its source in the mount table */
	const char *also;  /* where the same is mounted, too */
	const char *id;	   /* read through it */
	bool is_new;	   /* of this run */
	bool is_taken;	   /* as the one that is wanted */
	bool is_first;	   /* the source that is shown is of the other mount */
} shared[] = {
	{ "under the source of the first", FIRST SECOND, "a:/x", "/a", "7c1e52d0", false, true,
	  true },
	{ "just mounted, in no file", "", "a:/x", "/a", "", true, true, false },
	{ "just mounted, and another path", "", "a:/y", "/a", "", true, false, false },
	{ "just mounted, and no other mount is there", "", "a:/x", NULL, "", true, false, false },
	{ "the old leader's, by the share's id", SECOND, "a:/x", NULL, "7c1e52d0", false, false,
	  false },
	{ "the old leader's at two places", FIRST "a:/x /b nfs4 rw 0 0\n", "a:/x", "/a", "7c1e52d0",
	  false, false, true },
	{ "the old leader's, in no file", FIRST, "a:/x", "/a", "7c1e52d0", false, false, true },
	{ "the old leader's, bound to another place", SECOND, "a:/x", "/a", "7c1e52d0", false,
	  false, false },
	{ "bound to a place of another file system", "a:/x /a ext4 rw 0 0\n" SECOND, "a:/x", "/a",
	  "7c1e52d0", false, false, false },
	{ "another share", FIRST SECOND, "a:/x", "/a", "00000001", false, false, true },
	{ "no id", FIRST SECOND, "a:/x", "/a", "", false, false, true },
	{ "another path", "a:/y /a nfs4 rw 0 0\n" SECOND, "a:/y", "/a", "7c1e52d0", false, false,
	  true },
};

static void test_shared(void **state)
{
	const struct shared_row *row = *state;
	char target[] = "/b", type[] = "nfs4", options[] = "rw,addr=10.0.0.1", path[] = "/x";
	gs_autofree char *shown = gs_strdup(row->shown);
	gs_autofree char *also = row->also ? gs_strdup(row->also) : NULL;
	struct gs_follower_facts facts = {
		.target = target,
		.is_mounted = true,
		.is_new = row->is_new,
		.mount_read = true,
		.mounted = { shown, target, type, options, .also = also },
	};
	const struct gs_export_seen seen = { .path = path, .id = "7c1e52d0" };
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	const struct gs_mount_wanted wanted = { &seen, "[fd00::1]:/x", "rw", &fstab };
	const struct gs_follower_req req = { .leader = "fd00::1", .target = target };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };

	memcpy(facts.mount_id, row->id, strlen(row->id));
	assert_int_equal(gs_fstab_parse(gs_span_of(row->fstab), &fstab, &err), 0);
	assert_int_equal(gs_mounted_is_first(&facts.mounted, &fstab), row->is_first);
	assert_int_equal(gs_mounted_is_shared(&facts, &wanted), row->is_taken);
	if (row->is_new && row->is_taken)
		memcpy(facts.mount_id, seen.id, strlen(seen.id));
	assert_int_equal(gs_mounted_check(&req, &facts, &wanted, &plan, &err) == 0, row->is_taken);
	if (!row->is_taken)
		assert_string_equal(err.id, "TARGET_IN_USE");
}

static const struct in_use_row {
	const char *name, *type, *fstab;
	int code;
	const char *fix;
} in_use[] = {
	{ "a local disk", "ext4", "", 0, "sudo umount /b" },
	{ "NFS by hand", "nfs", "a:/y /b nfs rw 0 0\n", 0, "sudo gshare follower unmount /b" },
	{ "gshare's", "nfs4", SECOND, 0, "sudo gshare follower unmount /b --forget" },
	{ "gshare's, and its server is gone", "nfs4", SECOND, -ETIMEDOUT,
	  "sudo gshare follower unmount /b --forget --lazy" },
	{ "gshare's, and stale", "nfs4", SECOND, -ESTALE,
	  "sudo gshare follower unmount /b --forget" },
};

static void test_in_use(void **state)
{
	const struct in_use_row *row = *state;
	char target[] = "/b", source[] = "c:/y", options[] = "rw", path[] = "/x";
	gs_autofree char *type = gs_strdup(row->type);
	const struct gs_follower_facts facts = {
		.target = target,
		.is_mounted = true,
		.mount_code = row->code,
		.mounted = { .source = source, .target = target, .type = type, .options = options }
	};
	const struct gs_export_seen seen = { .path = path, .id = "7c1e52d0" };
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	const struct gs_mount_wanted wanted = { &seen, "[fd00::1]:/x", "rw", &fstab };
	const struct gs_follower_req req = { .leader = "fd00::1", .target = target };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_fstab_parse(gs_span_of(row->fstab), &fstab, &err), 0);
	assert_int_equal(gs_mounted_check(&req, &facts, &wanted, &plan, &err), -EBUSY);
	assert_string_equal(err.id, "TARGET_IN_USE");
	assert_non_null(strstr(err.fix, row->fix));
	assert_string_equal(strstr(err.fix, "sudo "), row->fix);
}

/* Of several exports, without --export. */
static const struct pick_row {
	const char *name, *fstab, *picked; /* NULL: EXPORT_AMBIGUOUS */
} picks[] = {
	{ "nothing says which", "", NULL },
	{ "gshare's entry does", "# gshare mount /b\n10.0.0.1:/y /b nfs4 rw 0 0\n", "/y" },
	{ "one by hand does", "10.0.0.1:/y/ /b nfs rw 0 0\n", "/y" },
	{ "another leader's entry", "10.0.0.2:/y /b nfs4 rw 0 0\n", NULL },
	{ "of another target", "10.0.0.1:/y /c nfs4 rw 0 0\n", NULL },
	{ "of an export that is gone", "10.0.0.1:/gone /b nfs4 rw 0 0\n", NULL },
	{ "of a directory in one", "10.0.0.1:/y/sub /b nfs4 rw 0 0\n", NULL },
};

static void test_pick(void **state)
{
	const struct pick_row *row = *state;
	char target[] = "/b", one[] = "/x", two[] = "/y";
	struct gs_export_seen seen[] = { { .path = one }, { .path = two } };
	const struct gs_follower_facts facts = { .target = target, .exports = { seen, 2, 2 } };
	const struct gs_follower_req req = { .leader = "10.0.0.1", .target = target };
	const struct gs_export_seen *found = NULL;
	GS_AUTO(gs_fstab_done) struct gs_fstab fstab = { 0 };
	struct gs_err err = { 0 };

	assert_int_equal(gs_fstab_parse(gs_span_of(row->fstab), &fstab, &err), 0);
	assert_int_equal(gs_pick_export(&req, &facts, &fstab, &found, &err) == 0, !!row->picked);
	if (row->picked)
		assert_string_equal(found->path, row->picked);
	else
		assert_string_equal(err.id, "EXPORT_AMBIGUOUS");
}

/* ---- the options ----------------------------------------------------------------------------- */

#define OWN	 "vers=4.2,proto=tcp,hard,timeo=600,retrans=2,nosuid,nodev"
#define FSTAB	 OWN ",_netdev,nofail,x-gshare.id=7c1e52d0"

#define FASTER	 ",x-gshare.profile=fast,nconnect=4"
#define DEFAULT	 (&gs_nfs_profiles[0])
#define FAST	 (&gs_nfs_profiles[1])
#define READONLY (&gs_nfs_profiles[2])

static const struct option_row {
	const char *name;
	struct gs_mount_asked asked;
	const char *mount, *fstab, *replaced;
} options[] = {
	{ "a new entry",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", NULL, NULL },
	  OWN,
	  FSTAB,
	  "" },
	{ "gshare's own entry",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", FSTAB, NULL },
	  OWN,
	  FSTAB,
	  "" },
	{ "read-only over IPv6, without an id",
	  { .minor = 1, 2049, "tcp6", true, "", NULL, NULL },
	  "vers=4.1,proto=tcp6,hard,timeo=600,retrans=2,nosuid,nodev,ro",
	  "vers=4.1,proto=tcp6,hard,timeo=600,retrans=2,nosuid,nodev,ro,_netdev,nofail",
	  "" },
	{ "an administrator's options stay",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "7c1e52d0",
	    FSTAB ",nconnect=4,noatime,actimeo=5,x-systemd.before=a.service",
	    NULL },
	  OWN ",nconnect=4,noatime,actimeo=5",
	  FSTAB ",nconnect=4,noatime,actimeo=5,x-systemd.before=a.service",
	  "" },
	{ "so do their times, and where they are",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "7c1e52d0",
	    "timeo=150,vers=4.2,retrans=5,proto=tcp,hard,nosuid,nodev,user,x-gshare.id=7c1e52d0",
	    NULL },
	  "timeo=150,vers=4.2,retrans=5,proto=tcp,hard,nosuid,nodev",
	  "timeo=150,vers=4.2,retrans=5,proto=tcp,hard,nosuid,nodev,user,x-gshare.id=7c1e52d0,"
	  "_netdev,nofail",
	  "" },
	{ "noauto with an automount is a boot's, too",
	  { .minor = 2, 2049, "tcp", false, "", OWN ",noauto,x-systemd.automount", NULL },
	  OWN,
	  OWN ",noauto,x-systemd.automount,_netdev,nofail",
	  "" },
	{ "without, it goes, and is named",
	  { .minor = 2, 2049, "tcp", false, "", "auto," OWN ",noauto,_netdev,nofail", NULL },
	  OWN,
	  OWN ",_netdev,nofail",
	  "noauto" },
	{ "what contradicts goes, and is named",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "",
	    "nfsvers=3,udp,soft,bg,suid,dev,ro,fail,lookupcache=none",
	    NULL },
	  "vers=4.2,proto=tcp,hard,nosuid,nodev,lookupcache=none,timeo=600,retrans=2",
	  "vers=4.2,proto=tcp,hard,nosuid,nodev,nofail,lookupcache=none,timeo=600,retrans=2,"
	  "_netdev",
	  "nfsvers=3, udp, soft, bg, suid, dev, ro, fail" },
	{ "another way to say the same is no loss",
	  { .minor = 1,
	    2049,
	    "tcp6",
	    true,
	    "7c1e52d1",
	    "defaults,nfsvers=4.1,proto=tcp,rw,x-gshare.id=7c1e52d0",
	    NULL },
	  "vers=4.1,proto=tcp6,ro,hard,timeo=600,retrans=2,nosuid,nodev",
	  "defaults,vers=4.1,proto=tcp6,ro,x-gshare.id=7c1e52d1,hard,timeo=600,retrans=2,nosuid,"
	  "nodev,_netdev,nofail",
	  "" },
	{ "another port",
	  { .minor = 2, 2050, "tcp", false, "", NULL, NULL },
	  "vers=4.2,proto=tcp,port=2050,hard,timeo=600,retrans=2,nosuid,nodev",
	  "vers=4.2,proto=tcp,port=2050,hard,timeo=600,retrans=2,nosuid,nodev,_netdev,nofail",
	  "" },
	{ "the port of the entry",
	  { .minor = 2, 2050, "tcp", false, "", "port=2050," OWN, NULL },
	  "port=2050," OWN,
	  "port=2050," OWN ",_netdev,nofail",
	  "" },
	{ "the usual port, said or not",
	  { .minor = 2, 2049, "tcp", false, "", "port=2049," OWN, NULL },
	  OWN,
	  OWN ",_netdev,nofail",
	  "" },
	{ "another port than the entry's",
	  { .minor = 2, 2049, "tcp", false, "", "port=2050," OWN, NULL },
	  OWN,
	  OWN ",_netdev,nofail",
	  "port=2050" },
	{ "the host of PostgreSQL",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", NULL, "10.0.0.1" },
	  OWN,
	  FSTAB ",x-gshare.postgres=10.0.0.1",
	  "" },
	{ "another host of PostgreSQL",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "7c1e52d0",
	    FSTAB ",x-gshare.postgres=10.0.0.1,noatime",
	    "fd00::1" },
	  OWN ",noatime",
	  FSTAB ",x-gshare.postgres=fd00::1,noatime",
	  "" },
	{ "the host of PostgreSQL stays",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", FSTAB ",x-gshare.postgres=10.0.0.1", NULL },
	  OWN,
	  FSTAB ",x-gshare.postgres=10.0.0.1",
	  "" },
	{ "a comma in quotes",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "",
	    OWN ",context=\"u:r:t:s0:c1,c2\",_netdev,nofail",
	    NULL },
	  OWN ",context=\"u:r:t:s0:c1,c2\"",
	  OWN ",context=\"u:r:t:s0:c1,c2\",_netdev,nofail",
	  "" },
	{ "fast",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", NULL, NULL, FAST, 4, NULL },
	  OWN ",nconnect=4",
	  OWN ",nconnect=4,_netdev,nofail,x-gshare.id=7c1e52d0,x-gshare.profile=fast",
	  "" },
	{ "fast again: the number stays, whatever the link is now",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", FSTAB FASTER, NULL, FAST, 16, NULL },
	  OWN ",nconnect=4",
	  FSTAB FASTER,
	  "" },
	{ "fast once, and nothing is asked for",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", FSTAB FASTER },
	  OWN ",nconnect=4",
	  FSTAB FASTER,
	  "" },
	{ "back to the default: what the profile put there goes",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", FSTAB FASTER ",noac", NULL, DEFAULT },
	  OWN ",noac",
	  FSTAB ",noac",
	  "" },
	{ "a number of the administrator's stays",
	  { .minor = 2, 2049, "tcp", false, "7c1e52d0", FSTAB ",nconnect=2", NULL, FAST, 4 },
	  OWN ",nconnect=2",
	  FSTAB ",nconnect=2,x-gshare.profile=fast",
	  "" },
	{ "from fast to read-only",
	  { .minor = 2, 2049, "tcp", true, "7c1e52d0", FSTAB FASTER, NULL, READONLY },
	  OWN ",nocto,actimeo=600,ro",
	  FSTAB ",x-gshare.profile=readonly-dataset,nocto,actimeo=600,ro",
	  "" },
	{ "and back, without a word of what is lost",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "7c1e52d0",
	    FSTAB ",x-gshare.profile=readonly-dataset,nocto,actimeo=600,ro",
	    NULL,
	    DEFAULT },
	  OWN,
	  FSTAB,
	  "" },
	{ "an administrator's cto beats the profile's nocto",
	  { .minor = 2, 2049, "tcp", true, "", OWN ",cto,ro,_netdev,nofail", NULL, READONLY },
	  OWN ",cto,ro,actimeo=600",
	  OWN ",cto,ro,_netdev,nofail,actimeo=600,x-gshare.profile=readonly-dataset",
	  "" },
	{ "options that are typed",
	  { .minor = 2, 2049, "tcp", false, "", NULL, .options = "nocto,timeo=300,hard" },
	  "vers=4.2,proto=tcp,hard,retrans=2,nosuid,nodev,nocto,timeo=300",
	  "vers=4.2,proto=tcp,hard,retrans=2,nosuid,nodev,nocto,timeo=300,_netdev,nofail",
	  "" },
	{ "they beat the entry's, and the profile's",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "",
	    OWN ",acregmin=5,noac,_netdev,nofail",
	    NULL,
	    FAST,
	    4,
	    "nconnect=8,actimeo=9,ac" },
	  OWN ",nconnect=8,actimeo=9,ac",
	  OWN ",_netdev,nofail,nconnect=8,actimeo=9,ac,x-gshare.profile=fast",
	  "" },
	{ "typed again, they stay where they are",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "",
	    OWN ",nocto,_netdev,nofail",
	    NULL,
	    .options = "nocto" },
	  OWN ",nocto",
	  OWN ",nocto,_netdev,nofail",
	  "" },
	{ "unless one behind them counts",
	  { .minor = 2,
	    2049,
	    "tcp",
	    false,
	    "",
	    OWN ",acregmin=3,actimeo=9,_netdev,nofail",
	    NULL,
	    .options = "acregmin=3" },
	  OWN ",actimeo=9,acregmin=3",
	  OWN ",actimeo=9,_netdev,nofail,acregmin=3",
	  "" },
};

static void test_options(void **state)
{
	const struct option_row *row = *state;
	struct gs_mount_asked again = row->asked;
	gs_autostr struct gs_str mount = { 0 }, fstab = { 0 }, replaced = { 0 };
	gs_autostr struct gs_str mount2 = { 0 }, fstab2 = { 0 }, none = { 0 };

	gs_mount_options(&row->asked, &mount, &fstab, &replaced);
	assert_string_equal(mount.ptr, row->mount);
	assert_string_equal(fstab.ptr, row->fstab);
	assert_string_equal(replaced.ptr ? replaced.ptr : "", row->replaced);
	again.line = fstab.ptr;
	gs_mount_options(&again, &mount2, &fstab2, &none);
	assert_string_equal(fstab2.ptr, fstab.ptr);
	assert_int_equal(none.len, 0);
}

/* ---- the port -------------------------------------------------------------------------------- */

#define KEPT                                                                                         \
	"a:/x /m nfs4 port=2050 0 0\na:/y /n nfs 0 0 0\n[fd00::1]:/x /o nfs vers=4,port=20490 0 0\n" \
	"ab:/x /p nfs port=7 0 0\nb:/x /q cifs port=9 0 0\nc:/x /r nfs port=0 0 0\n"

static const struct port_row {
	const char *name, *leader, *target;
	unsigned typed, port;
	const char *mounted; /* its options, of d:/x on /s */
} ports[] = {
	{ "a new leader", "z", NULL, 0, 2049, NULL },
	{ "as typed", "a", "/m", 111, 111, NULL },
	{ "as in fstab", "a", "/m", 0, 2050, NULL },
	{ "the first in fstab", "a", NULL, 0, 2050, NULL },
	{ "as in fstab at that place", "a", "/n", 0, 2049, NULL },
	{ "IPv6", "fd00::1", NULL, 0, 20490, NULL },
	{ "another type", "b", "/q", 0, 2049, NULL },
	{ "0 is the usual one", "c", "/r", 0, 2049, NULL },
	{ "as mounted", "d", "/s", 0, 2051, "rw,port=2051" },
	{ "mounted by another leader", "e", "/s", 0, 2049, "rw,port=2051" },
};

static void test_port(void **state)
{
	const struct port_row *row = *state;
	const struct gs_follower_req req = { .leader = row->leader,
					     .target = row->target,
					     .port = row->typed };
	char source[] = "d:/x", target[] = "/s", path[] = "/etc/fstab";
	gs_autofree char *given = gs_strdup(row->mounted ? row->mounted : "rw");
	struct gs_mounted mounted = { .source = source, .target = target, .options = given };
	const struct gs_mounts mounts = { &mounted, 1, 1 };
	gs_autostr struct gs_str text = { 0 };
	struct gs_file fstab = { .path = path, .exists = true };

	gs_str_adds(&text, KEPT);
	fstab.text = text;
	assert_int_equal(gs_follower_port(&req, &fstab, &mounts), row->port);
}

/* ---- security ------------------------------------------------------------------------------- */

static const struct secure_row {
	const char *name, *options, *security;
	const char *leader, *target, *export_; /* of the request; the mount is of a:/x on /m */
	bool is_it;
} secures[] = {
	{ "AUTH_SYS in clear", "rw,sec=sys,xprtsec=none", "", "a", "/m", NULL, false },
	{ "Kerberos", "rw,sec=krb5p", "sec=krb5p", "a", "/m", "/x", true },
	{ "TLS", "rw,sec=sys,xprtsec=mtls", "xprtsec=mtls", "a", NULL, NULL, true },
	{ "both", "sec=krb5,xprtsec=tls", "sec=krb5,xprtsec=tls", "a", "/m", NULL, true },
	{ "another leader", "xprtsec=tls", "xprtsec=tls", "b", "/m", NULL, false },
	{ "another place", "xprtsec=tls", "xprtsec=tls", "a", "/n", NULL, false },
	{ "another export", "xprtsec=tls", "xprtsec=tls", "a", "/m", "/y", false },
};

static void test_secured(void **state)
{
	const struct secure_row *row = *state;
	const struct gs_follower_req req = { .leader = row->leader,
					     .target = row->target,
					     .export_ = row->export_ };
	char source[] = "a:/x", target[] = "/m";
	gs_autofree char *given = gs_strdup(row->options);
	struct gs_mounted mounted = { .source = source, .target = target, .options = given };
	const struct gs_mounts mounts = { &mounted, 1, 1 };
	gs_autostr struct gs_str security = { 0 };

	gs_mountopt_security(row->options, &security);
	assert_string_equal(security.ptr ? security.ptr : "", row->security);
	assert_ptr_equal(gs_follower_secured(&req, &mounts), row->is_it ? &mounted : NULL);
}

/* ---- LEADER ---------------------------------------------------------------------------------- */

static const struct leader_row {
	const char *name, *word, *host, *path; /* host NULL: refused */
} leaders[] = {
	{ "a name", "lead", "lead", NULL },
	{ "an address and a path", "10.0.0.1:/x/y", "10.0.0.1", "/x/y" },
	{ "a name and a path with a colon", "lead:/x:/y", "lead", "/x:/y" },
	{ "bare IPv6", "fd00::1", "fd00::1", NULL },
	{ "bare IPv6 and a path", "fd00::1:/x", "fd00::1", "/x" },
	{ "in brackets", "[fd00::1]", "fd00::1", NULL },
	{ "in brackets with a path", "[fd00::1]:/x", "fd00::1", "/x" },
	{ "link-local", "fe80::1%eth0.5", "fe80::1%eth0.5", NULL },
	{ "link-local in brackets", "[fe80::1%2]:/x", "fe80::1%2", "/x" },
	{ "a zone of another address", "fd00::1%eth0", NULL, NULL },
	{ "an empty zone", "fe80::1%", NULL, NULL },
	{ "an odd zone", "fe80::1%a]b", NULL, NULL },
	{ "a name in brackets", "[lead]:/x", NULL, NULL },
	{ "more behind the bracket", "[fd00::1]x:/y", NULL, NULL },
	{ "an open bracket", "[fd00::1", NULL, NULL },
	{ "a network", "10.0.0.0/24", NULL, NULL },
	{ "a wildcard", "*.lan:/x", NULL, NULL },
	{ "no host", ":/x", NULL, NULL },
	{ "no path", "lead:", NULL, NULL },
};

static void test_leader(void **state)
{
	const struct leader_row *row = *state;
	gs_autofree char *host = NULL, *path = NULL;
	struct gs_err err = { 0 };
	int r = gs_leader_word_parse(row->word, &host, &path, &err);

	assert_int_equal(r, row->host ? 0 : -GS_E_USAGE);
	if (row->host)
		assert_string_equal(host, row->host);
	assert_int_equal(!path, !row->path);
	if (row->path)
		assert_string_equal(path, row->path);
}

static const struct transfer_row {
	const char *name, *mounted, *asked;
	struct gs_transfer is;
	bool is_capped;
	const char *size; /* of rsize */
} transfers[] = {
	{ "as the kernel asks",
	  "rw,rsize=1048576,wsize=1048576",
	  NULL,
	  { 1048576, 1048576, 1048576, 1048576, 0 },
	  false,
	  "1 MiB" },
	{ "a leader with little memory",
	  "rw,rsize=262144,wsize=262144",
	  "vers=4.2",
	  { 262144, 262144, 1048576, 1048576, 0 },
	  true,
	  "256 KiB" },
	{ "small by wish",
	  "rw,rsize=65536,wsize=32768",
	  "rsize=65536,wsize=32768,nconnect=4",
	  { 65536, 32768, 65536, 32768, 4 },
	  false,
	  "64 KiB" },
	{ "only writes are capped",
	  "rw,rsize=65536,wsize=32768",
	  "rsize=65536,nconnect=99",
	  { 65536, 32768, 65536, 1048576, 0 },
	  true,
	  "64 KiB" },
	{ "not known", "rw", "", { 0, 0, 1048576, 1048576, 0 }, false, "0 MiB" },
};

static void test_transfer(void **state)
{
	const struct transfer_row *row = *state;
	gs_autostr struct gs_str size = { 0 };
	struct gs_transfer t = { 0 };

	gs_mountpoint_transfer(row->mounted, row->asked, &t);
	assert_memory_equal(&t, &row->is, sizeof t);
	assert_int_equal(gs_mountpoint_is_capped(&t), row->is_capped);
	gs_size_add(t.rsize, &size);
	assert_string_equal(size.ptr, row->size);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, paths, test_path);
	TABLE_ADD(&table, offers, test_offer);
	table_add(&table, "the command names a target", the_command_names_a_target, NULL);
	table_add(&table, "places are offered in order", places_are_offered_in_order, NULL);
	TABLE_ADD(&table, guards, test_guard);
	TABLE_ADD(&table, stickies, test_sticky);
	TABLE_ADD(&table, differs, test_differs);
	TABLE_ADD(&table, shared, test_shared);
	TABLE_ADD(&table, in_use, test_in_use);
	TABLE_ADD(&table, picks, test_pick);
	TABLE_ADD(&table, transfers, test_transfer);
	TABLE_ADD(&table, ports, test_port);
	TABLE_ADD(&table, secures, test_secured);
	TABLE_ADD(&table, options, test_options);
	TABLE_ADD(&table, leaders, test_leader);
	return table_run("mountpoint", &table);
}
