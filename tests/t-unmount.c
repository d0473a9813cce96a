/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <string.h>

#include "core/check/judge.h"
#include "core/follower/plan_unmount.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/report/report_follower.h"
#include "core/step/step.h"
#include "core/verify/access_report.h"

/* follower unmount and status: facts and words in, steps or a refusal out, a verdict out. */

#define OTHERS "# mine\n/dev/sda1 / ext4 defaults 0 1\n"
#define MANAGED                                                                                    \
	"# gshare mount /mnt/a\n10.0.0.1:/x /mnt/a nfs4 rw,_netdev,x-gshare.id=7c1e52d0 0 0\n"
#define FOREIGN "10.0.0.1:/x /mnt/a nfs4 defaults 0 0\n"

/* ---- the plan ---------------------------------------------------------------------------- */

static const struct plan_row {
	const char *name, *fstab;
	const char *type; /* mounted there; NULL: nothing */
	bool named, forget, lazy, force, is_silent, is_held, is_guarded, is_trigger;
	const char *steps; /* kinds; NULL: refused */
	const char *id;	   /* of the refusal, or of the only finding */
} plans[] = {
	{ "ours", OTHERS MANAGED, "nfs4", .steps = "U", .id = "MOUNTED_AT_BOOT" },
	{ "ours, forgotten: the file first", OTHERS MANAGED, "nfs4", .forget = true,
	  .steps = "WU" },
	{ "twice", OTHERS MANAGED, NULL, .steps = "", .id = "MOUNTED_AT_BOOT" },
	{ "not mounted, forgotten", OTHERS MANAGED, NULL, .forget = true, .steps = "W" },
	{ "not mounted, nothing to forget", OTHERS, NULL, .named = true, .forget = true,
	  .steps = "" },
	{ "by hand, not named", OTHERS, "nfs4", .id = "NOT_MANAGED" },
	{ "by hand, named", OTHERS, "nfs", .named = true, .steps = "U" },
	{ "a line of others stays", FOREIGN, "nfs4", .named = true, .forget = true, .steps = "U",
	  .id = "FOREIGN_LINE" },
	{ "not NFS", OTHERS, "ext4", .named = true, .id = "NOT_NFS" },
	{ "not NFS over ours", MANAGED, "tmpfs", .id = "NOT_NFS" },
	{ "a guard stays", MANAGED, "nfs4", .is_guarded = true, .steps = "U",
	  .id = "MOUNTED_AT_BOOT" },
	{ "a guard goes with the line", MANAGED, "nfs4", .is_guarded = true, .forget = true,
	  .steps = "WGU" },
	{ "a guard left by a killed run", OTHERS, NULL, .named = true, .forget = true,
	  .is_guarded = true, .steps = "G" },
	{ "an immutable directory of others", FOREIGN, NULL, .named = true, .forget = true,
	  .is_guarded = true, .steps = "", .id = "FOREIGN_LINE" },
	{ "an automount point stays", OTHERS, "nfs4", .named = true, .is_trigger = true,
	  .steps = "U", .id = "AUTOMOUNT_STAYS" },
	{ "silent", MANAGED, "nfs4", .is_silent = true, .id = "SERVER_NOT_RESPONDING" },
	{ "silent, lazy", MANAGED, "nfs4", .is_silent = true, .lazy = true, .forget = true,
	  .steps = "WU" },
	{ "silent, by force", MANAGED, "nfs4", .is_silent = true, .force = true, .forget = true,
	  .steps = "WU" },
	{ "in use", MANAGED, "nfs4", .is_held = true, .forget = true, .id = "MOUNT_BUSY" },
	{ "in use, by force", MANAGED, "nfs4", .is_held = true, .force = true, .id = "MOUNT_BUSY" },
	{ "in use, lazy", MANAGED, "nfs4", .is_held = true, .lazy = true, .forget = true,
	  .steps = "WU", .id = "STILL_USED" },
};

static void check_steps(const struct plan_row *row, const struct gs_plan *plan)
{
	assert_int_equal(plan->n, strlen(row->steps));
	for (size_t i = 0; i < plan->n; i++) {
		const struct gs_step *step = &plan->v[i];

		assert_int_equal(step->kind, row->steps[i] == 'W'   ? GS_STEP_WRITE_FILE
					     : row->steps[i] == 'G' ? GS_STEP_GUARD
								    : GS_STEP_UMOUNT);
		if (step->kind == GS_STEP_GUARD) {
			assert_false(step->guard.on);
			continue;
		}
		if (step->kind == GS_STEP_WRITE_FILE) {
			assert_null(
				memmem(step->write.text.ptr, step->write.text.len, "/mnt/a", 6));
			continue;
		}
		assert_string_equal(step->umount.options, "rw,vers=4.2,hard");
		assert_int_equal(step->umount.lazy, row->lazy);
		assert_int_equal(step->umount.force, row->force);
	}
	assert_int_equal(plan->findings.n, row->id ? 1 : 0);
	if (row->id)
		assert_string_equal(plan->findings.v[0].id, row->id);
}

static void test_plan(void **state)
{
	const struct plan_row *row = *state;
	char target[] = "/mnt/a", source[] = "10.0.0.1:/x", type[8] = "", path[] = "/etc/fstab";
	char options[] = "rw,vers=4.2,hard,clientaddr=10.0.0.2,local_lock=none,addr=10.0.0.1";
	char name[] = "bash", silence[] = "port 2049 did not answer";
	struct gs_mount_user user = { 7, GS_USE_CWD, name, target };
	const struct gs_unmount_req req = { row->named ? target : NULL, row->forget, row->force,
					    row->lazy };
	struct gs_unmount_facts facts = {
		.fstab = { .path = path, .exists = true },
		.target = target,
		.is_mounted = row->type,
		.is_trigger = row->is_trigger,
		.mounted = { .source = source,
			     .target = target,
			     .type = type,
			     .options = options,
			     .id = 1 },
		.bare = { .type = GS_INODE_DIR, .is_guarded = row->is_guarded },
		.use = { .is_silent = row->is_silent,
			 .silence = silence,
			 .silence_id = "PORT_FILTERED",
			 .users = { &user, row->is_held ? 1 : 0, 1, false } },
	};
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };
	int r;

	if (row->type)
		memcpy(type, row->type, strlen(row->type));
	gs_str_adds(&facts.fstab.text, row->fstab);
	r = gs_plan_unmount(&req, &facts, &plan, &err);
	gs_str_done(&facts.fstab.text);
	if (row->steps) {
		assert_int_equal(r, 0);
		check_steps(row, &plan);
		return;
	}
	assert_true(r < 0);
	assert_string_equal(err.id, row->id);
	assert_true(err.fix[0]);
}

static void test_no_share(void **state)
{
	char path[] = "/etc/fstab";
	const struct gs_unmount_req req = { .forget = true };
	const struct gs_unmount_facts facts = { .fstab = { .path = path } };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(gs_plan_unmount(&req, &facts, &plan, &err), 0);
	assert_int_equal(plan.n, 0);
	assert_int_equal(plan.items.n, 1);
}

static void test_many_holders(void **state)
{
	char name[] = "evil\nname", path[] = "/mnt/a/\033[2J";
	struct gs_mount_user v[9];
	const struct gs_mount_users users = { v, GS_COUNT(v), GS_COUNT(v), false };
	struct gs_err err = { 0 };

	(void)state;
	for (size_t i = 0; i < GS_COUNT(v); i++)
		v[i] = (struct gs_mount_user){ (pid_t)i + 1, (enum gs_use)(i % 5), name, path };
	assert_int_equal(gs_unmount_busy("/mnt/a", &users, &err), -EBUSY);
	assert_non_null(strstr(err.msg, " and 4 more"));
	assert_null(strpbrk(err.msg, "\n\033"));
}

/* What is mounted below is unmounted from the innermost on; processes are stopped. */
static void test_below(void **state)
{
	char name[] = "tmpfs", path[] = "/mnt/a/x", inner[] = "/mnt/a/x/y", sh[] = "sh";
	struct gs_mount_user v[] = { { 0, GS_USE_MOUNT, name, path },
				     { 0, GS_USE_MOUNT, name, inner },
				     { 7, GS_USE_CWD, sh, path } };
	struct gs_mount_users users = { v, 2, 2, false };
	struct gs_err err = { 0 };

	(void)state;
	gs_unmount_busy("/mnt/a", &users, &err);
	assert_string_equal(err.fix,
			    "first: sudo umount /mnt/a/x/y && sudo umount /mnt/a/x; or "
			    "unmount when no longer in use: sudo gshare follower unmount "
			    "/mnt/a --lazy");
	users.n = 3;
	gs_unmount_busy("/mnt/a", &users, &err);
	assert_string_equal(err.fix,
			    "first: sudo umount /mnt/a/x/y && sudo umount /mnt/a/x; then "
			    "stop the processes, or unmount when no longer in use: sudo "
			    "gshare follower unmount /mnt/a --lazy");
}

/* A search that came to no end does not say that there is nobody. */
static void test_search_cut_short(void **state)
{
	struct gs_mount_users users = { .cut = true };
	char name[] = "sh", path[] = "/mnt/a";
	struct gs_mount_user one = { 7, GS_USE_CWD, name, path };
	struct gs_err err = { 0 };

	(void)state;
	gs_unmount_busy("/mnt/a", &users, &err);
	assert_string_equal(err.msg,
			    "'/mnt/a' is in use: by unknown processes: time ran out before all "
			    "processes were checked");
	users = (struct gs_mount_users){ &one, 1, 1, true };
	gs_unmount_busy("/mnt/a", &users, &err);
	assert_string_equal(err.msg,
			    "'/mnt/a' is in use: sh (pid 7) works in /mnt/a; time ran out before "
			    "all processes were checked");
}

/* ---- status ------------------------------------------------------------------------------ */

#define FIX_ID                                                                                     \
	"on 10.0.0.1 run: sudo mv -T --backup=numbered /x/.gshare-id /x/.gshare-id.old && "        \
	"sudo gshare leader init /x --new-id"

static const struct health_row {
	const char *name;
	bool is_mounted, is_nfs, is_kept;
	enum gs_answer reached;
	enum gs_mount_state says;
	const char *id, *kept, *options;
	const char *found; /* id of the first finding, NULL: none */
	bool is_healthy;
	const char *cause; /* what it says was because of */
	const char *fix;
	bool is_trigger; /* an automount point */
	size_t foreign_line;
	const char *asked, *asked_source, *boot_unit;
	bool is_broken; /* what is in the place of the id holds none */
	bool is_given_ro;
	bool shows_first;
	const char *own_addr;
	int error; /* of GS_STATE_ERROR; 0: EIO */
	bool is_masked, is_orphaned, lacks_client, is_unguarded, is_closed, is_over, is_hiding,
		is_covered;
} healths[] = {
	{ "healthy", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "7c1e52d0", "7c1e52d0", "rw",
	  .is_healthy = true },
	{ "no id anywhere", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "", "rw",
	  .is_healthy = true },
	{ "for this boot only", true, true, false, GS_ANSWER_YES, GS_STATE_FINE, "7c1e52d0", "",
	  "rw", .found = "NOT_PERSISTED", .is_healthy = true },
	{ "an entry that is left out at boot", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "",
	  "", "rw", .found = "BOOT_NOAUTO", .is_healthy = true, .asked = "noauto",
	  .cause = "in /etc/fstab, noauto", .fix = "sudo gshare follower mount 10.0.0.1 /mnt/a" },
	{ "an automount point that waits", false, false, true, GS_ANSWER_UNTRIED, GS_STATE_UNASKED,
	  "", "7c1e52d0", "", .found = "AUTOMOUNT_IDLE", .is_healthy = true,
	  .cause = "mounted      no, automount: idle\n",
	  .fix = "to use it and test it: sudo gshare verify /mnt/a", .is_trigger = true },
	{ "an automount point that mounted", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "",
	  "rw", .is_healthy = true, .cause = "rw, by automount", .is_trigger = true },
	{ "mounted at boot by a line of others", true, true, false, GS_ANSWER_YES, GS_STATE_FINE,
	  "", "", "ro", .found = "FOREIGN_LINE", .is_healthy = true,
	  .cause = "in /etc/fstab, line 2, not managed",
	  .fix = "to have it managed: sudo gshare follower mount 10.0.0.1 /mnt/a --export /x --ro",
	  .foreign_line = 2 },
	{ "other options than asked", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "", "rw",
	  .found = "MOUNT_OPTIONS_DIFFER", .is_healthy = true,
	  .cause = "fstab: suid (expected nosuid)", .fix = "sudo gshare follower remount /mnt/a",
	  .asked = "nosuid" },
	{ "options that only a new mount changes", true, true, true, GS_ANSWER_YES, GS_STATE_FINE,
	  "", "", "rw,soft", .found = "MOUNT_OPTIONS_DIFFER", .is_healthy = true,
	  .fix = "sudo gshare follower unmount /mnt/a && sudo mount /mnt/a", .asked = "hard" },
	{ "another path than asked", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "", "rw",
	  .found = "SOURCE_DIFFERS", .cause = "10.0.0.1:/x is mounted, but /etc/fstab has lead:/y",
	  .fix = "sudo gshare follower unmount /mnt/a && sudo mount /mnt/a",
	  .asked_source = "lead:/y" },
	{ "another address than asked", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "",
	  "rw", .found = "SOURCE_DIFFERS", .asked_source = "[fd00::1]:/x" },
	{ "another address, which shares the first mount", true, true, true, GS_ANSWER_YES,
	  GS_STATE_FINE, "7c1e52d0", "7c1e52d0", "rw", .is_healthy = true,
	  .asked_source = "[fd00::1]:/x", .shows_first = true },
	{ "another address of a mount of its own", true, true, true, GS_ANSWER_YES, GS_STATE_FINE,
	  "7c1e52d0", "7c1e52d0", "rw", .found = "SOURCE_DIFFERS", .asked_source = "[fd00::1]:/x" },
	{ "another path, beside another mount", true, true, true, GS_ANSWER_YES, GS_STATE_FINE,
	  "7c1e52d0", "7c1e52d0", "rw", .found = "SOURCE_DIFFERS", .asked_source = "[fd00::1]:/y",
	  .shows_first = true },
	{ "another address, and no id that tells", true, true, true, GS_ANSWER_YES, GS_STATE_FINE,
	  "", "", "rw", .found = "SOURCE_DIFFERS", .asked_source = "[fd00::1]:/x",
	  .shows_first = true },
	{ "another address, not responding", true, true, true, GS_ANSWER_YES,
	  GS_STATE_NOT_RESPONDING, "", "7c1e52d0", "rw", .found = "MOUNT_NOT_RESPONDING",
	  .asked_source = "[fd00::1]:/x", .shows_first = true },
	{ "a name may be that address", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "",
	  "rw", .is_healthy = true, .asked_source = "lead:/x/" },
	{ "a unit file in place of the entry", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "",
	  "", "rw", .found = "BOOT_UNIT", .is_healthy = true, .boot_unit = "/etc/a.mount",
	  .fix = "sudo mv -T --backup=numbered /etc/a.mount /etc/a.mount.old && sudo systemctl "
		 "daemon-reload" },
	{ "ro, asked rw", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "", "ro",
	  .found = "MOUNT_OPTIONS_DIFFER", .is_healthy = true },
	{ "rw, and the leader gives ro", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "",
	  "rw", .found = "LEADER_READONLY", .cause = "rw), read-only on the leader\n",
	  .is_given_ro = true },
	{ "not mounted", false, false, true, GS_ANSWER_UNTRIED, GS_STATE_UNASKED, "", "7c1e52d0",
	  "", .found = "NOT_MOUNTED" },
	{ "mounted, and hidden", false, false, true, GS_ANSWER_UNTRIED, GS_STATE_UNASKED, "",
	  "7c1e52d0", "", .found = "MOUNT_COVERED", .cause = "none of type tmpfs",
	  .fix = "if that is not meant: sudo umount /mnt", .is_covered = true },
	{ "another file system", true, false, true, GS_ANSWER_UNTRIED, GS_STATE_UNASKED, "", "",
	  "rw", .found = "NOT_NFS",
	  .fix = "if that is not meant: sudo umount /mnt/a && sudo gshare follower mount "
		 "10.0.0.1 /mnt/a" },
	{ "silent", true, true, true, GS_ANSWER_NO, GS_STATE_UNASKED, "", "7c1e52d0", "rw",
	  .found = "SERVER_NOT_RESPONDING", .cause = "(PORT_REFUSED)" },
	{ "stuck", true, true, true, GS_ANSWER_YES, GS_STATE_NOT_RESPONDING, "", "7c1e52d0", "rw",
	  .found = "MOUNT_NOT_RESPONDING" },
	{ "stuck, and why", true, true, true, GS_ANSWER_YES, GS_STATE_NOT_RESPONDING, "",
	  "7c1e52d0", "rw", .found = "MOUNT_NOT_RESPONDING", .cause = "(NFS_GRACE)" },
	{ "stale", true, true, true, GS_ANSWER_YES, GS_STATE_STALE, "", "7c1e52d0", "rw",
	  .found = "EXPORT_STALE" },
	{ "denied", true, true, true, GS_ANSWER_YES, GS_STATE_DENIED, "", "", "rw",
	  .found = "EXPORT_DENIED" },
	{ "denied at the address of now", true, true, true, GS_ANSWER_YES, GS_STATE_DENIED, "", "",
	  "rw", .found = "EXPORT_DENIED", .own_addr = "10.0.0.77",
	  .fix = "on 10.0.0.1 run: sudo gshare leader add 10.0.0.77 --path /x; if it is listed "
		 "already: on 10.0.0.1 run: sudo gshare leader status" },
	{ "denied, and exported: closed", true, true, true, GS_ANSWER_YES, GS_STATE_DENIED, "", "",
	  "rw", .found = "PATH_CLOSED", .fix = "on 10.0.0.1 run: sudo gshare doctor",
	  .is_closed = true },
	{ "the version is gone", true, true, true, GS_ANSWER_YES, GS_STATE_ERROR, "", "", "rw",
	  .found = "VERSION_REFUSED", .error = EPROTONOSUPPORT,
	  .fix = "to use another one: sudo gshare follower unmount /mnt/a && sudo gshare follower "
		 "mount 10.0.0.1 /mnt/a; or enable it again in nfsd on 10.0.0.1: vers4.2 in "
		 "/etc/nfs.conf" },
	{ "a mask in place of the entry", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "",
	  "rw", .found = "BOOT_MASKED", .is_healthy = true, .is_masked = true,
	  .boot_unit = "/etc/systemd/system/mnt-a.mount",
	  .fix = "sudo systemctl unmask mnt-a.mount" },
	{ "a mask until the next boot", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "",
	  "rw", .found = "BOOT_MASKED", .is_healthy = true, .is_masked = true,
	  .boot_unit = "/run/systemd/system/mnt-a.mount",
	  .fix = "sudo systemctl unmask --runtime mnt-a.mount" },
	{ "the entry is gone, its unit is not", true, true, false, GS_ANSWER_YES, GS_STATE_FINE,
	  "7c1e52d0", "", "rw", .found = "NOT_PERSISTED", .is_healthy = true,
	  .cause = "gshare-mnt-a.service of gshare is still there", .is_orphaned = true },
	{ "no client any more", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "", "rw",
	  .found = "CLIENT_MISSING", .is_healthy = true, .lacks_client = true },
	{ "no guard any more", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "", "rw",
	  .found = "GUARD_LOST", .is_healthy = true, .is_unguarded = true },
	{ "files below it", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "", "rw",
	  .found = "TARGET_NOT_EMPTY", .is_healthy = true, .is_hiding = true,
	  .fix = "sudo gshare follower unmount /mnt/a; move the files away; then mount it again: "
		 "sudo gshare follower mount 10.0.0.1 /mnt/a" },
	{ "another share over it", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "", "rw",
	  .found = "SOURCE_DIFFERS", .fix = "sudo umount /mnt/a", .asked_source = "10.0.0.1:/y",
	  .is_over = true },
	{ "broken", true, true, true, GS_ANSWER_YES, GS_STATE_ERROR, "", "", "rw",
	  .found = "MOUNT_BROKEN" },
	{ "another share", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "00000001", "7c1e52d0",
	  "rw", .found = "ID_DIFFERS",
	  .cause = "sudo gshare follower mount 10.0.0.1 /mnt/a --export /x --id 00000001\n" },
	{ "the id has gone", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "7c1e52d0", "rw",
	  .found = "ID_DIFFERS", .cause = "or its .gshare-id is lost" },
	{ "the id is no file", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "", "7c1e52d0", "rw",
	  .found = "ID_BROKEN", .fix = FIX_ID, .is_broken = true },
	{ "the id is no file, and none is kept", true, true, true, GS_ANSWER_YES, GS_STATE_FINE, "",
	  "", "rw", .found = "ID_BROKEN", .fix = FIX_ID, .is_broken = true, .is_healthy = true },
	{ "the id is no file, and the mount stale", true, true, true, GS_ANSWER_YES, GS_STATE_STALE,
	  "", "7c1e52d0", "rw", .found = "EXPORT_STALE", .is_broken = true },
};

static void test_health(void **state)
{
	const struct health_row *row = *state;
	char path[] = "/mnt/a", server[] = "10.0.0.1", source[] = "10.0.0.1:/x", type[] = "nfs4";
	char options[8] = "", none[] = "none", above[] = "/mnt", tmpfs[] = "tmpfs";
	gs_autofree char *asked = row->asked ? gs_strdup(row->asked) : NULL;
	gs_autofree char *asked_source = row->asked_source ? gs_strdup(row->asked_source) : NULL;
	gs_autofree char *own_addr = row->own_addr ? gs_strdup(row->own_addr) : NULL;
	gs_autofree char *boot_unit = row->boot_unit ? gs_strdup(row->boot_unit) : NULL;
	struct gs_health h = {
		.path = path,
		.server = server,
		.is_mounted = row->is_mounted,
		.is_nfs = row->is_nfs,
		.is_kept = row->is_kept,
		.is_trigger = row->is_trigger,
		.foreign_line = row->foreign_line,
		.asked = asked,
		.asked_source = asked_source,
		.boot_unit = boot_unit,
		.own_addr = own_addr,
		.mount = { .source = source,
			   .target = path,
			   .type = type,
			   .options = options,
			   .id = 1 },
		.has_stats = true,
		.reached = row->reached,
		.says = row->says,
		.says_error = row->error ? row->error : EIO,
		.is_masked = row->is_masked,
		.is_orphaned = row->is_orphaned,
		.lacks_client = row->lacks_client,
		.is_unguarded = row->is_unguarded,
		.is_closed = row->is_closed,
		.is_over = row->is_over,
		.bare = { .has_entries = row->is_hiding },
		.id_read = row->says == GS_STATE_FINE,
		.id_broken = row->is_broken,
		.is_given_ro = row->is_given_ro,
		.shows_first = row->shows_first,
	};
	gs_autostr struct gs_str text = { 0 };

	if (row->is_covered)
		h.cover = (struct gs_mounted){ .source = none, .target = above, .type = tmpfs };
	if (row->cause) {
		gs_err_cause(&h.silence, "PORT_REFUSED");
		gs_err_cause(&h.stuck, "NFS_GRACE");
	}
	memcpy(options, row->options, strlen(row->options));
	memcpy(h.id, row->id, strlen(row->id));
	memcpy(h.kept, row->kept, strlen(row->kept));
	gs_health_judge(&h);
	gs_health_report(&h, &text);
	assert_int_equal(h.findings.n, row->found ? 1 : 0);
	if (row->found)
		assert_string_equal(h.findings.v[0].id, row->found);
	if (row->fix)
		assert_string_equal(h.findings.v[0].fix, row->fix);
	if (row->cause)
		assert_non_null(strstr(text.ptr, row->cause));
	assert_int_equal(strstr(text.ptr, "\nhealthy\n") != NULL, row->is_healthy);
	gs_findings_done(&h.findings);
}

static const struct connections_row {
	const char *name, *asked;
	unsigned has;
	bool is_told;
} connections[] = {
	{ "fewer connections than asked", "hard,nconnect=4", 2, true },
	{ "as many as asked", "hard,nconnect=2", 2, false },
	{ "more than asked: of another mount", "hard,nconnect=2", 4, false },
	{ "none asked", "hard", 1, false },
};

static void test_connections(void **state)
{
	const struct connections_row *row = *state;
	gs_autofree char *asked = gs_strdup(row->asked);
	char path[] = "/mnt/a", source[] = "10.0.0.1:/x", type[] = "nfs4", options[] = "rw";
	struct gs_health h = {
		.path = path,
		.is_mounted = true,
		.is_nfs = true,
		.is_kept = true,
		.asked = asked,
		.mount = { .source = source,
			   .target = path,
			   .type = type,
			   .options = options,
			   .id = 1 },
		.has_stats = true,
		.stats = { .connections = row->has },
	};

	gs_health_judge(&h);
	assert_int_equal(h.findings.n, row->is_told);
	if (row->is_told)
		assert_string_equal(h.findings.v[0].id, "CONNECTIONS_CAPPED");
	gs_findings_done(&h.findings);
}

static const struct says_row {
	const char *name;
	int code;
	enum gs_mount_state says;
} sayings[] = {
	{ "fine", 0, GS_STATE_FINE },
	{ "not_responding", -ETIMEDOUT, GS_STATE_NOT_RESPONDING },
	{ "stale", -ESTALE, GS_STATE_STALE },
	{ "denied", -EACCES, GS_STATE_DENIED },
	{ "denied too", -EPERM, GS_STATE_DENIED },
	{ "error", -EIO, GS_STATE_ERROR },
};

static void test_says(void **state)
{
	const struct says_row *row = *state;

	assert_int_equal(gs_health_state(row->code), row->says);
	assert_memory_equal(gs_mount_state_name(row->says), row->name,
			    strlen(gs_mount_state_name(row->says)));
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, plans, test_plan);
	TABLE_ADD(&table, healths, test_health);
	TABLE_ADD(&table, connections, test_connections);
	TABLE_ADD(&table, sayings, test_says);
	table_add(&table, "no share at all is nothing to do", test_no_share, NULL);
	table_add(&table, "many holders are counted, names made safe", test_many_holders, NULL);
	table_add(&table, "a search cut short is told", test_search_cut_short, NULL);
	table_add(&table, "mounts below are unmounted first", test_below, NULL);
	return table_run("unmount", &table);
}
