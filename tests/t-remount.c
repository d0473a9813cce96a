/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <string.h>

#include "core/check/judge.h"
#include "core/follower/plan_remount.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "core/verify/access_report.h"

/* follower remount: what is mounted, what is asked and what the server says; steps or a refusal. */

#define OTHERS "# mine\n/dev/sda1 / ext4 defaults 0 1\n"
#define LINE(options)                                                                              \
	OTHERS "# gshare mount /mnt/a\n10.0.0.1:/x /mnt/a nfs4 " options                           \
	       ",_netdev,nofail,x-gshare.id=7c1e52d0 0 0\n"
#define FOREIGN OTHERS "10.0.0.1:/x /mnt/a nfs4 defaults,ro 0 0\n"
#define SAFE	"vers=4.2,hard,timeo=600,nosuid,nodev"

static const struct row {
	const char *name, *fstab, *options;
	enum gs_remount_access access;
	enum gs_mount_state says;
	bool named, recover, is_held, is_bare, is_slow;
	const char *steps; /* kinds; NULL: refused */
	const char *id;	   /* of the refusal, or of the only finding */
	const char *text;  /* flags of R, options of S, or in the refusal */
} rows[] = {
	{ "as kept", LINE(SAFE), "rw," SAFE, .says = GS_STATE_FINE, .steps = "" },
	{ "ro by hand since", LINE(SAFE), "ro," SAFE, .says = GS_STATE_FINE, .steps = "RP",
	  .text = "rw,nosuid,nodev" },
	{ "the line says ro now", LINE(SAFE ",ro"), "rw," SAFE, .says = GS_STATE_FINE,
	  .steps = "RP", .text = "ro,nosuid,nodev" },
	{ "asked for ro", LINE(SAFE), "rw," SAFE, GS_REMOUNT_RO, GS_STATE_FINE, .steps = "RPW",
	  .text = "ro,nosuid,nodev" },
	{ "asked for ro, only fstab lacks it", LINE(SAFE), "ro," SAFE, GS_REMOUNT_RO, GS_STATE_FINE,
	  .steps = "W" },
	{ "asked for rw", LINE(SAFE ",ro"), "ro," SAFE, GS_REMOUNT_RW, GS_STATE_FINE,
	  .steps = "RPW", .text = "rw,nosuid,nodev" },
	{ "asked for what is", LINE(SAFE), "rw," SAFE, GS_REMOUNT_RW, GS_STATE_FINE, .steps = "" },
	{ "what takes a new mount", LINE("vers=4.1,soft"), "rw," SAFE, .says = GS_STATE_FINE,
	  .id = "MOUNT_OPTIONS_DIFFER", .text = "hard (expected soft); vers 4.2 (expected 4.1)" },
	{ "a time that takes a new mount", LINE("vers=4.2,timeo=100"), "rw,vers=4.2,timeo=600",
	  .says = GS_STATE_FINE, .id = "MOUNT_OPTIONS_DIFFER", .text = "timeo 600 (expected 100)" },
	{ "it does not stop ro", LINE("vers=4.2,timeo=100"), "rw,vers=4.2,timeo=600", GS_REMOUNT_RO,
	  GS_STATE_FINE, .steps = "RPW", .text = "ro" },
	{ "by hand, not named", OTHERS, "rw,hard", .says = GS_STATE_FINE, .id = "NOT_MANAGED" },
	{ "by hand, named: made safe", OTHERS, "rw,hard", .says = GS_STATE_FINE, .named = true,
	  .steps = "RP", .text = "rw,nosuid,nodev" },
	{ "a line of others counts for nothing", FOREIGN, "rw," SAFE, .says = GS_STATE_FINE,
	  .named = true, .steps = "" },
	{ "guard and read-ahead are missing", LINE(SAFE), "rw," SAFE, .says = GS_STATE_FINE,
	  .is_bare = true, .is_slow = true, .steps = "GA" },
	{ "nothing is mounted", LINE(SAFE), NULL, .id = "NOT_MOUNTED" },
	{ "stuck", LINE(SAFE), "rw," SAFE, .says = GS_STATE_NOT_RESPONDING, .recover = true,
	  .id = "MOUNT_NOT_RESPONDING" },
	{ "denied", LINE(SAFE), "rw," SAFE, .says = GS_STATE_DENIED, .recover = true,
	  .id = "EXPORT_DENIED" },
	{ "stale", LINE(SAFE), "rw," SAFE, .says = GS_STATE_STALE, .id = "EXPORT_STALE" },
	{ "stale, recovered", LINE(SAFE), "rw," SAFE, .says = GS_STATE_STALE, .recover = true,
	  .steps = "SPNA", .text = SAFE },
	{ "stale, made ro on the way", LINE(SAFE), "rw," SAFE, GS_REMOUNT_RO, GS_STATE_STALE,
	  .recover = true, .steps = "SPNAW", .text = SAFE ",ro" },
	{ "stale, by hand", OTHERS, "rw,hard,addr=10.0.0.1", .says = GS_STATE_STALE, .named = true,
	  .recover = true, .steps = "SPNA", .text = "hard,nosuid,nodev" },
	{ "stale and used", LINE(SAFE), "rw," SAFE, .says = GS_STATE_STALE, .recover = true,
	  .is_held = true, .steps = "SPNA", .id = "STILL_USED", .text = SAFE },
	{ "broken, recovered", LINE(SAFE), "rw," SAFE, .says = GS_STATE_ERROR, .recover = true,
	  .steps = "SPNA", .text = SAFE },
	{ "nothing to recover", LINE(SAFE), "rw," SAFE, .says = GS_STATE_FINE, .recover = true,
	  .steps = "" },
};

static void check_steps(const struct row *row, const struct gs_plan *plan)
{
	static const char letter[] = {
		[GS_STEP_REMOUNT] = 'R', [GS_STEP_VERIFY] = 'P',     [GS_STEP_WRITE_FILE] = 'W',
		[GS_STEP_GUARD] = 'G',	 [GS_STEP_READ_AHEAD] = 'A', [GS_STEP_STAGE] = 'S',
		[GS_STEP_RENEW] = 'N'
	};
	char steps[9] = "";

	assert_true(plan->n < sizeof steps);
	for (size_t i = 0; i < plan->n; i++) {
		const struct gs_step *step = &plan->v[i];

		steps[i] = letter[step->kind];
		if (step->kind == GS_STEP_REMOUNT)
			assert_string_equal(step->remount.flags, row->text);
		if (step->kind == GS_STEP_STAGE)
			assert_string_equal(step->mount.options, row->text);
		if (step->kind == GS_STEP_RENEW) {
			assert_string_equal(step->umount.options, row->text);
			assert_int_equal(step->umount.ahead_kib, 16384);
		}
		if (step->kind == GS_STEP_READ_AHEAD)
			assert_int_equal(step->ahead.kib, row->is_slow ? 15360 : 16384);
	}
	assert_string_equal(steps, row->steps);
	assert_int_equal(plan->findings.n, row->id ? 1 : 0);
	if (row->id)
		assert_string_equal(plan->findings.v[0].id, row->id);
}

static void test_plan(void **state)
{
	const struct row *row = *state;
	char target[] = "/mnt/a", source[] = "10.0.0.1:/x", type[] = "nfs4", path[] = "/etc/fstab";
	char server[] = "10.0.0.1", name[] = "bash";
	struct gs_mount_user user = { 7, GS_USE_CWD, name, target };
	gs_autofree char *options = gs_strdup(row->options ? row->options : "");
	const struct gs_remount_req req = { row->named ? target : NULL, row->recover, row->access };
	bool is_kept = strstr(row->fstab, "gshare");
	struct gs_remount_facts facts = {
		.health = {
			.path = target,
			.server = server,
			.is_mounted = row->options,
			.is_nfs = row->options,
			.is_kept = is_kept,
			.asked_ro = strstr(row->fstab, ",ro"),
			.mount = { .source = source, .target = target, .type = type, .options = options, .id = 1 },
			.bare = { .type = GS_INODE_DIR, .can_guard = true,
				  .is_guarded = !row->is_bare },
			.ahead_kib = row->is_slow ? 128 : 16384,
			.reached = row->options ? GS_ANSWER_YES : GS_ANSWER_UNTRIED,
			.says = row->says,
			.says_error = EIO,
		},
		.fstab = { .path = path, .exists = true },
		.users = { .v = &user, .n = row->is_held ? 1 : 0, .room = 1 },
	};
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	struct gs_err err = { 0 };
	int r;

	gs_health_judge(&facts.health);
	gs_str_adds(&facts.fstab.text, row->fstab);
	r = gs_plan_remount(&req, &facts, &plan, &err);
	gs_str_done(&facts.fstab.text);
	gs_findings_done(&facts.health.findings);
	assert_int_equal(r == 0, row->steps != NULL);
	if (row->steps) {
		check_steps(row, &plan);
		return;
	}
	assert_string_equal(err.id, row->id);
	assert_true(err.fix[0]);
	if (row->text)
		assert_non_null(strstr(err.msg, row->text));
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_plan);
	return table_run("remount", &table);
}
