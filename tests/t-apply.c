/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/follower/plan_mount.h"
#include "core/follower/request.h"
#include "core/leader/firewall.h"
#include "core/leader/plan_leader.h"
#include "core/leader/request.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "engine/observe/common.h"
#include "engine/observe/remount.h"
#include "engine/observe/repair.h"
#include "engine/observe/unmount.h"
#include "engine/run/journal.h"
#include "engine/run/mount_fallback.h"
#include "engine/run/undo_facts.h"
#include "engine/verify/converge.h"
#include "fake/fake.h"

/*
 * The engine on a machine in memory: every call fails once, and from then on; the run must either
 * reach its end or leave the machine as it was, and the next run must get there.
 */

#define FOREIGN "# mine\n/srv/a 10.0.0.1(ro)\n/srv/b -sync 10.0.0.2(rw) \\"

enum verb {
	INIT,
	ADD,
	REMOVE,
	SWITCH,
	DESTROY,
	REOWN,
	RECHECK,
	MOUNT,
	UNMOUNT,
	REMOUNT,
	RECOVER,
	UNDO
};

static const struct row {
	const char *name;
	enum verb verb;
	bool running;			 /* the server, before */
	enum verb undone;		 /* of UNDO: the run before it */
	enum { PLAIN, UFW, UNITS } kind; /* ufw is enabled; systemd runs a node that has Docker */
} rows[] = {
	{ "leader init, server down", INIT, false, INIT, PLAIN },
	{ "leader init, server running", INIT, true, INIT, PLAIN },
	{ "leader add", ADD, true, INIT, PLAIN },
	{ "leader remove", REMOVE, true, INIT, PLAIN },
	{ "leader ro", SWITCH, true, INIT, PLAIN },
	{ "leader destroy", DESTROY, true, INIT, PLAIN },
	{ "leader init --owner", REOWN, true, INIT, PLAIN },
	{ "follower mount", MOUNT, true, INIT, PLAIN },
	{ "follower unmount --forget", UNMOUNT, true, INIT, PLAIN },
	{ "follower mount, with units", MOUNT, true, INIT, UNITS },
	{ "follower unmount --forget, with units", UNMOUNT, true, INIT, UNITS },
	{ "follower remount --ro", REMOUNT, true, INIT, PLAIN },
	{ "follower remount --recover", RECOVER, true, INIT, PLAIN },
	{ "undo of leader init, server down", UNDO, false, INIT, PLAIN },
	{ "undo of leader init, server running", UNDO, true, INIT, PLAIN },
	{ "undo of leader add", UNDO, true, ADD, PLAIN },
	{ "undo of leader remove", UNDO, true, REMOVE, PLAIN },
	{ "undo of leader ro", UNDO, true, SWITCH, PLAIN },
	{ "undo of leader destroy", UNDO, true, DESTROY, PLAIN },
	{ "undo of leader init --owner", UNDO, true, REOWN, PLAIN },
	{ "undo of follower mount", UNDO, true, MOUNT, PLAIN },
	{ "undo of follower unmount", UNDO, true, UNMOUNT, PLAIN },
	{ "undo of follower mount, with units", UNDO, true, MOUNT, UNITS },
	{ "undo of follower unmount, with units", UNDO, true, UNMOUNT, UNITS },
	{ "undo of follower remount --ro", UNDO, true, REMOUNT, PLAIN },
	{ "leader init, ufw", INIT, true, INIT, UFW },
	{ "leader add, ufw", ADD, true, INIT, UFW },
	{ "leader remove, ufw", REMOVE, true, INIT, UFW },
	{ "leader destroy, ufw", DESTROY, true, INIT, UFW },
	{ "undo of leader init, ufw", UNDO, true, INIT, UFW },
	{ "undo of leader add, ufw", UNDO, true, ADD, UFW },
	{ "undo of leader remove, ufw", UNDO, true, REMOVE, UFW },
	{ "undo of leader destroy, ufw", UNDO, true, DESTROY, UFW },
};

#define UFW_RULE "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n"

static void put_ufw(struct fake *fake)
{
	fake_put(fake, "/etc/ufw/ufw.conf", "ENABLED=yes\n");
	fake_put(fake, "/etc/default/ufw", "DEFAULT_INPUT_POLICY=\"DROP\"\n");
	fake_put(fake, "/etc/ufw/user.rules", UFW_RULE);
	fake_put(fake, "/etc/ufw/user6.rules", "");
}

static void start_leader(struct fake *fake, bool running)
{
	struct gs_err err = { 0 };

	fake_put(fake, "/etc/exports", FOREIGN);
	if (running)
		assert_int_equal(fake->sys.ops->server->start(&fake->sys, &err), 0);
}

static int run_leader(struct fake *fake, enum verb verb, const char *host, struct gs_err *err)
{
	static const enum gs_leader_verb verbs[] = {
		[INIT] = GS_LEADER_INIT,       [ADD] = GS_LEADER_ADD,
		[REMOVE] = GS_LEADER_REMOVE,   [SWITCH] = GS_LEADER_SWITCH,
		[DESTROY] = GS_LEADER_DESTROY, [REOWN] = GS_LEADER_INIT,
		[RECHECK] = GS_LEADER_INIT,
	};
	struct gs_client_spec spec = { .access = verb == SWITCH ? GS_ACCESS_RO : GS_ACCESS_RW,
				       .access_given = verb == SWITCH };
	struct gs_leader_req req = {
		.verb = verbs[verb],
		.access = GS_ACCESS_RO,
		.drain_s = fake->force ? 0 : 30,
		.force = fake->force,
		.spec = &spec,
		.n_specs = verb == DESTROY ? 0 : 1,
		.exports_file = "/etc/exports",
		.caller = "1000",
		.owner = verb == REOWN ? "data" : NULL,
		.subtree = verb == RECHECK ? GS_SUBTREE_NO_CHECK : GS_SUBTREE_UNSAID,
	};
	GS_AUTO(gs_leader_facts_done) struct gs_leader_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	int r = gs_hostspec_parse(gs_span_of(host), &spec.host, err);

	if (r == 0)
		r = gs_lock(&fake->sys, err);
	if (r == 0)
		r = gs_observe_leader(&fake->sys, &req, NULL, &facts, err);
	if (r == 0)
		r = gs_plan_leader(&req, &facts, &plan, err);
	if (r == 0)
		r = gs_leader_check_firewall(&req, &facts, err);
	for (size_t i = 0; i < plan.findings.n; i++)
		fake->lints |= !strcmp(plan.findings.v[i].id, "EXPORTS_NAME_UNKNOWN");
	if (r == 0)
		r = gs_apply(&fake->sys, &plan, &done, err);
	if (r == 0)
		r = gs_verify_leader(&fake->sys, &req, &plan, &done, err);
	gs_hostspec_done(&spec.host);
	fake->last_finding = done.findings.n ? done.findings.v[done.findings.n - 1].id : NULL;
	if (done.findings.n)
		gs_str_adds(&fake->last_text, done.findings.v[done.findings.n - 1].text);
	return r;
}

static int mount_follower(struct fake *fake, struct gs_done *done, struct gs_err *err)
{
	struct gs_follower_req req = { .leader = "192.168.18.13" };
	GS_AUTO(gs_follower_facts_done) struct gs_follower_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };

	if (gs_observe_follower(&fake->sys, &req, NULL, &facts, err) < 0 ||
	    gs_plan_follower(&req, &facts, &plan, err) < 0 ||
	    gs_apply_mount(&fake->sys, &req, &facts, &plan, done, err) < 0)
		return err->code;
	return gs_verify_follower(&fake->sys, &req, &facts, &plan, done, err);
}

static int run_follower(struct fake *fake, struct gs_err *err)
{
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };

	return mount_follower(fake, &done, err);
}

static int run_unmount(struct fake *fake, struct gs_err *err)
{
	struct gs_unmount_req req = { .target = "/mnt/data/shared", .forget = true };
	GS_AUTO(gs_unmount_facts_done) struct gs_unmount_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };

	if (gs_observe_unmount(&fake->sys, &req, &facts, err) < 0 ||
	    gs_plan_unmount(&req, &facts, &plan, err) < 0 ||
	    gs_apply(&fake->sys, &plan, &done, err) < 0)
		return err->code;
	return gs_verify_unmount(&fake->sys, &req, &plan, &done, err);
}

static int run_remount(struct fake *fake, bool recover, struct gs_err *err)
{
	const struct gs_remount_req req = { .recover = recover,
					    .access = recover ? GS_REMOUNT_AS_KEPT
							      : GS_REMOUNT_RO };
	GS_AUTO(gs_remount_facts_done) struct gs_remount_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };

	if (gs_observe_remount(&fake->sys, &req, &facts, err) < 0 ||
	    gs_plan_remount(&req, &facts, &plan, err) < 0 ||
	    gs_apply(&fake->sys, &plan, &done, err) < 0)
		return err->code;
	return gs_verify_remount(&fake->sys, &req, &plan, &done, err);
}

/* Given again after it was done, it is refused: that counts as done here. */
static int run_undo(struct fake *fake, struct gs_err *err)
{
	struct gs_undo_req req = { .id = fake->undo, .drain_s = 30 };
	GS_AUTO(gs_undo_facts_done) struct gs_undo_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	int r = gs_observe_undo(&fake->sys, &req, &facts, err);

	if (r == -EALREADY) {
		*err = (struct gs_err){ 0 };
		return 0;
	}
	if (r < 0 || gs_plan_undo(&req, &facts, &plan, err) < 0 ||
	    gs_apply(&fake->sys, &plan, &done, err) < 0)
		return err->code;
	return gs_verify_undo(&fake->sys, &plan, &done, err);
}

static int recover(struct fake *fake, bool act, struct gs_err *err)
{
	GS_AUTO(gs_findings_done) struct gs_findings findings = { 0 };
	int r = gs_recover(&fake->sys, act, &findings, err);

	fake->recovered = findings.n ? findings.v[findings.n - 1].id : NULL;
	return r;
}

static int run(struct fake *fake, enum verb verb, struct gs_err *err)
{
	static const char *const host[] = { "192.168.18.8", "192.168.18.9", "192.168.18.8",
					    "192.168.18.8", "192.168.18.8", "192.168.18.8",
					    "192.168.18.8" };

	if (recover(fake, true, err) < 0)
		return err->code;
	if (verb == UNDO)
		return run_undo(fake, err);
	if (verb == UNMOUNT)
		return run_unmount(fake, err);
	if (verb == REMOUNT || verb == RECOVER)
		return run_remount(fake, verb == RECOVER, err);
	return verb == MOUNT ? run_follower(fake, err) : run_leader(fake, verb, host[verb], err);
}

static bool is_follower(const struct row *row)
{
	enum verb verb = row->verb == UNDO ? row->undone : row->verb;

	return verb == MOUNT || verb == UNMOUNT || verb == REMOUNT || verb == RECOVER;
}

static void put_systemd(struct fake *fake)
{
	static const char *const dirs[] = { "/etc/systemd/system", "/usr/lib/systemd/system" };
	const struct gs_dir_spec spec = { .mode = 0755 };

	fake->systemd = true;
	for (size_t i = 0; i < GS_COUNT(dirs); i++)
		fake_put_dir(fake, dirs[i], &spec);
	fake_put(fake, "/usr/lib/systemd/system/docker.service", "[Unit]\n");
}

/* The machine before the command of a row. */
static void begin(const struct row *row, struct fake *fake)
{
	enum verb verb = row->verb == UNDO ? row->undone : row->verb;
	struct gs_err err = { 0 };

	fake_init(fake);
	if (row->kind == UFW)
		put_ufw(fake);
	if (row->kind == UNITS)
		put_systemd(fake);
	if (is_follower(row))
		fake_put(fake, "/etc/fstab", "# no mounts\n");
	else
		start_leader(fake, row->running);
	if (verb != INIT && !is_follower(row))
		assert_int_equal(run_leader(fake, INIT, "192.168.18.8", &err), 0);
	if (verb == UNMOUNT || verb == REMOUNT || verb == RECOVER)
		assert_int_equal(run_follower(fake, &err), 0);
	fake->stale = verb == RECOVER;
	fake->undo = verb == INIT || verb == MOUNT ? 1 : 2;
	if (row->verb == UNDO)
		assert_int_equal(run(fake, verb, &err), 0);
	fake->calls = fake->changes = 0;
}

static char *picture(struct fake *fake)
{
	struct gs_str text = { 0 };

	fake_picture(fake, &text);
	return text.ptr;
}

static void test_twice_is_once(void **state)
{
	const struct row *row = *state;
	struct gs_err err = { 0 };
	gs_autofree char *first = NULL;
	gs_autofree char *second = NULL;
	GS_AUTO(fake_done) struct fake fake;

	begin(row, &fake);
	assert_int_equal(run(&fake, row->verb, &err), 0);
	assert_true(fake.changes > 0);
	first = picture(&fake);
	fake.changes = 0;
	assert_int_equal(run(&fake, row->verb, &err), 0);
	second = picture(&fake);
	assert_string_equal(first, second);
	assert_int_equal(fake.changes, 0);
}

static void test_foreign_bytes_stay(void **state)
{
	const struct row *row = *state;
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake = { 0 };

	if (is_follower(row))
		return;
	begin(row, &fake);
	assert_int_equal(run(&fake, row->verb, &err), 0);
	assert_memory_equal(fake_text(&fake, "/etc/exports"), FOREIGN, strlen(FOREIGN));
}

/* One failure at call n; false once the run is over before it. */
static bool fail_once(const struct row *row, unsigned n, const char *undisturbed)
{
	struct gs_err err = { 0 }, again = { 0 };
	gs_autofree char *before = NULL;
	gs_autofree char *after = NULL;
	gs_autofree char *end = NULL;
	GS_AUTO(fake_done) struct fake fake;
	int r;

	begin(row, &fake);
	before = picture(&fake);
	fake.fail_at = n;
	r = run(&fake, row->verb, &err);
	after = picture(&fake);
	if (fake.calls < n)
		return false;
	if (r == 0 && strcmp(after, undisturbed) != 0)
		fail_msg("call %u failed, and the run said done: %s", n, after);
	if (r < 0 && (!err.msg[0] || strcmp(after, before) != 0))
		fail_msg("call %u failed (%s) and left: %s", n, err.msg, after);
	fake.fail_at = 0;
	if (run(&fake, row->verb, &again) < 0)
		fail_msg("the run after the failure of call %u: %s", n, again.msg);
	end = picture(&fake);
	assert_string_equal(end, undisturbed);
	return true;
}

static void test_every_call_fails_once(void **state)
{
	const struct row *row = *state;
	struct gs_err err = { 0 };
	gs_autofree char *undisturbed = NULL;
	GS_AUTO(fake_done) struct fake fake;
	unsigned n = 1;

	begin(row, &fake);
	assert_int_equal(run(&fake, row->verb, &err), 0);
	undisturbed = picture(&fake);
	while (n < 1000 && fail_once(row, n, undisturbed))
		n++;
	assert_in_range(n, 10, 999);
}

/* SIGTERM at every look for it: rolled back by the run itself, and said so. */
static void test_interrupted_anywhere(void **state)
{
	const struct row *row = *state;
	unsigned n = 1;

	for (;; n++) {
		struct gs_err err = { 0 }, again = { 0 };
		gs_autofree char *before = NULL;
		gs_autofree char *after = NULL;
		GS_AUTO(fake_done) struct fake fake;
		int r;

		begin(row, &fake);
		before = picture(&fake);
		fake.interrupt_at = n;
		r = run(&fake, row->verb, &err);
		if (fake.interrupt_looks < n)
			break;
		after = picture(&fake);
		assert_int_equal(r, -EINTR);
		assert_string_equal(err.id, "INTERRUPTED");
		if (!strstr(err.msg, "interrupted by SIGTERM") || strcmp(after, before) != 0)
			fail_msg("look %u (%s) left: %s", n, err.msg, after);
		fake.interrupt_at = 0;
		assert_int_equal(run(&fake, row->verb, &again), 0);
	}
	assert_in_range(n, 3, 99);
}

/* From call n on everything fails, taking back too: what stays must be said. */
static void test_every_call_fails_for_good(void **state)
{
	const struct row *row = *state;

	for (unsigned n = 1; n < 1000; n++) {
		struct gs_err err = { 0 };
		gs_autofree char *before = NULL;
		gs_autofree char *after = NULL;
		GS_AUTO(fake_done) struct fake fake;
		int r;

		begin(row, &fake);
		before = picture(&fake);
		fake.fail_at = n;
		fake.fail_on = true;
		r = run(&fake, row->verb, &err);
		after = picture(&fake);
		if (fake.calls < n)
			return;
		/* The last call has systemd read fstab again: the run is done by then. */
		assert_true(r < 0 || row->verb != MOUNT || fake.calls == n);
		if (r < 0 && r != -GS_E_LEFT && strcmp(after, before) != 0)
			fail_msg("from call %u on: '%s' does not say what is left: %s", n, err.msg,
				 after);
	}
}

/* ---- killed ------------------------------------------------------------------------------ */

/* A run that dies at call n: from there on nothing has any effect. False: it was over before. */
static bool die_at(const struct row *row, unsigned n, struct fake *fake)
{
	struct gs_err err = { 0 };

	begin(row, fake);
	fake->fail_at = n;
	fake->fail_on = true;
	(void)run(fake, row->verb, &err);
	if (fake->calls < n) {
		fake_done(fake);
		return false;
	}
	fake->fail_at = 0;
	fake->fail_on = false;
	fake->calls = 0;
	return true;
}

static void must_converge(struct fake *fake, const struct row *row, unsigned n,
			  const char *undisturbed)
{
	gs_autofree char *end = NULL;
	struct gs_err err = { 0 };

	if (run(fake, row->verb, &err) < 0)
		fail_msg("the run after the death at call %u: %s", n, err.msg);
	end = picture(fake);
	if (strcmp(end, undisturbed) != 0)
		fail_msg("after the death at call %u:\n%s\nnot\n%s", n, end, undisturbed);
	assert_int_equal(recover(fake, false, &err), 0);
	assert_null(fake->recovered);
}

static char *undisturbed_end(const struct row *row)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	begin(row, &fake);
	assert_int_equal(run(&fake, row->verb, &err), 0);
	return picture(&fake);
}

/* A server that serves others by now is not stopped, so that its picture may stay new. */
static void must_be_old(const struct row *row, struct fake *fake, unsigned n, const char *end)
{
	gs_autofree char *before = NULL;
	gs_autofree char *after = picture(fake);
	GS_AUTO(fake_done) struct fake fresh;
	size_t files;

	begin(row, &fresh);
	before = picture(&fresh);
	files = (size_t)(strstr(before, "server ") - before);
	if (strcmp(after, end) != 0 &&
	    (row->verb == INIT && !row->running ? strncmp(after, before, files)
						: strcmp(after, before)))
		fail_msg("recovered from the death at call %u:\n%s\nnot\n%s", n, after, before);
}

static void test_killed_at_every_call(void **state)
{
	const struct row *row = *state;
	gs_autofree char *undisturbed = undisturbed_end(row);
	unsigned n = 1;

	for (; n < 1000; n++) {
		struct gs_err err = { 0 };
		GS_AUTO(fake_done) struct fake fake;
		gs_autofree char *dead = NULL;
		gs_autofree char *told = NULL;

		if (!die_at(row, n, &fake))
			break;
		dead = picture(&fake);
		assert_int_equal(recover(&fake, false, &err), 0);
		told = picture(&fake);
		assert_string_equal(dead, told);
		if (recover(&fake, true, &err) < 0)
			fail_msg("recovery from the death at call %u: %s", n, err.msg);
		must_be_old(row, &fake, n, undisturbed);
		must_converge(&fake, row, n, undisturbed);
	}
	assert_in_range(n, 10, 999);
}

static void test_undone_is_as_before(void **state)
{
	const struct row *row = *state;
	struct gs_err err = { 0 };
	gs_autofree char *before = NULL;
	gs_autofree char *after = NULL;
	struct row undo = *row;
	GS_AUTO(fake_done) struct fake fake = { 0 };
	size_t files;

	if (row->verb != UNDO)
		return;
	undo.verb = row->undone;
	begin(&undo, &fake);
	before = picture(&fake);
	assert_int_equal(run(&fake, row->undone, &err), 0);
	assert_int_equal(run(&fake, UNDO, &err), 0);
	after = picture(&fake);
	/* With others in the files a server that was started goes on. */
	files = (size_t)(strstr(before, "server ") - before);
	if (row->running ? strcmp(before, after) : strncmp(before, after, files))
		fail_msg("undone:\n%s\nnot\n%s", after, before);
}

/* GSHARE_STRIDE=N looks at every N-th pair of instants only: valgrind takes a hundred times as
 * long. */
static unsigned stride(void)
{
	const char *text = getenv("GSHARE_STRIDE");
	unsigned long n = text ? strtoul(text, NULL, 10) : 1;

	return n > 0 && n < 1000 ? (unsigned)n : 1;
}

static void test_killed_again_while_recovering(void **state)
{
	const struct row *row = *state;
	gs_autofree char *undisturbed = undisturbed_end(row);
	bool more = true;

	for (unsigned m = 1; m < 100 && more; m++) {
		more = false;
		for (unsigned n = 1 + m % stride(); n < 1000; n += stride()) {
			struct gs_err err = { 0 };
			GS_AUTO(fake_done) struct fake fake;

			if (!die_at(row, n, &fake))
				break;
			fake.fail_at = m;
			fake.fail_on = true;
			(void)recover(&fake, true, &err);
			more |= fake.calls >= m;
			fake.fail_at = 0;
			fake.fail_on = false;
			must_converge(&fake, row, n, undisturbed);
		}
	}
	assert_false(more);
}

static void test_somebody_else_wrote_since(void **state)
{
	const struct row as = { .verb = ADD, .running = true };
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;
	gs_autofree char *text = NULL;
	unsigned n = 1;

	(void)state;
	/* Killed once the file is new. */
	for (; die_at(&as, n, &fake); n++) {
		if (strstr(fake_text(&fake, "/etc/exports"), "192.168.18.9"))
			break;
		fake_done(&fake);
	}
	text = gs_printf("%s/srv/new 10.0.0.9(ro)\n", fake_text(&fake, "/etc/exports"));
	fake_put(&fake, "/etc/exports", text);
	assert_int_equal(recover(&fake, false, &err), 0);
	assert_string_equal(fake.recovered, "RUN_UNFINISHED");
	assert_int_equal(recover(&fake, true, &err), 0);
	assert_string_equal(fake.recovered, "RUN_ROLLED_BACK");
	assert_string_equal(fake_text(&fake, "/etc/exports"), text);
	assert_non_null(strstr(fake_text(&fake, "/var/lib/gshare/2.jsonl"), "\"LEFT\""));
}

/* Room is looked for with all that is written before exportfs runs, which is told what comes. */
static void test_room_for_etab(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	start_leader(&fake, true);
	assert_int_equal(run_leader(&fake, INIT, "192.168.18.8", &err), 0);
	fake.room_files = 0;
	fake.force = true;
	assert_int_equal(run_leader(&fake, REMOVE, "192.168.18.8", &err), 0);
	assert_int_equal(fake.room_files, 1);
	assert_true(fake.etab_bytes > 0);
	assert_int_equal(fake.etab_bytes, fake.etab.len);
}

static void test_exportfs_that_lies(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	start_leader(&fake, true);
	fake.lies = true;
	assert_true(run_leader(&fake, INIT, "192.168.18.8", &err) < 0);
	assert_string_equal(err.id, "EXPORT_MISSING");
	assert_string_equal(fake_text(&fake, "/etc/exports"), FOREIGN);
}

/* What was not applied need not be taken out of it: a flush now would hang every follower. */
static void test_mountd_dies_meanwhile(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	start_leader(&fake, true);
	fake.mountd_dies = true;
	assert_int_equal(run_leader(&fake, INIT, "192.168.18.8", &err), -EPROTO);
	assert_string_equal(err.id, "MOUNTD_DEAD");
	assert_string_equal(fake_text(&fake, "/etc/exports"), FOREIGN);
	assert_int_equal(fake.flushes, 0);
}

/* What exportfs would flush nobody would look up again. */
static void test_mountd_stopped(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	start_leader(&fake, true);
	fake.server.mountd_stopped = true;
	assert_int_equal(run_leader(&fake, INIT, "192.168.18.8", &err), -EPROTO);
	assert_string_equal(err.id, "MOUNTD_DEAD");
	assert_string_equal(fake_text(&fake, "/etc/exports"), FOREIGN);
	assert_int_equal(fake.flushes, 0);
}

/* A flag that is there and was said to have failed would stay where nobody looks for it. */
static void test_guard_half_set(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_put(&fake, "/etc/fstab", "# no mounts\n");
	fake.guard_sticks = true;
	assert_int_equal(run_follower(&fake, &err), -EIO);
	assert_false(fake.guarded);
	assert_false(fake.mounted);
	assert_false(fake.staged);
}

static void test_second_choice(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_put(&fake, "/etc/fstab", "# no mounts\n");
	fake.is_old = true;
	assert_int_equal(run_follower(&fake, &err), 0);
	assert_true(fake.mounted);
	assert_non_null(strstr(fake_text(&fake, "/etc/fstab"), "vers=4.1,"));
}

/* Where a leader would have a follower run or read what it put there. */
static const char *const wicked[] = {
	"/var/lib/cloud/scripts/per-boot",
	"/home/alice/.local/bin",
	"/home/alice",
	"/etc/cron.d",
	"/etc",
	"/opt/x",
	"/root/x",
	"/usr/local/bin",
	"/mnt",
	"/mnt/.x",
	"/srv/../etc/cron.d",
	"/srv/a b#$(id)';touch x;",
	"/srv/a\033[2J",
};

static void test_server_names_no_place(void **state)
{
	(void)state;
	for (size_t i = 0; i < GS_COUNT(wicked); i++) {
		gs_autostr struct gs_str before = { 0 }, after = { 0 };
		struct gs_err err = { 0 };
		GS_AUTO(fake_done) struct fake fake;

		fake_init(&fake);
		fake_put(&fake, "/etc/fstab", "# no mounts\n");
		fake.shows = wicked[i];
		fake.shows_rw = true;
		fake_picture(&fake, &before);
		assert_int_equal(run_follower(&fake, &err), -EINVAL);
		assert_string_equal(err.id, "TARGET_UNNAMED");
		assert_string_equal(err.fix,
				    "sudo gshare follower mount 192.168.18.13 /mnt/data/shared");
		fake_picture(&fake, &after);
		assert_string_equal(before.ptr, after.ptr);
		assert_int_equal(fake.changes, 0);
	}
}

/* What fstab mounts is somebody's, also while it is not mounted. */
static const struct offer_row {
	const char *name, *fstab;
	const char *place; /* NULL: none */
} offers[] = {
	{ "nothing in fstab", "# no mounts\n", "/mnt/data/shared" },
	{ "another leader's share",
	  "10.0.0.1:/srv/x /mnt/data/shared nfs4 rw,x-gshare.id=01234567 0 0\n", "/mnt/alice" },
	{ "a disk, with a slash behind", "/dev/sdb1 /mnt/data/shared/ ext4 noauto 0 0\n",
	  "/mnt/alice" },
	{ "two of them",
	  "/dev/sdb1 /mnt/data/shared ext4 noauto\n10.0.0.1:/x /mnt/alice nfs noauto\n",
	  "/mnt/shared" },
	{ "all of them",
	  "a:/ /mnt/data/shared nfs\na:/ /mnt/alice nfs\na:/ /mnt/shared nfs\n"
	  "a:/ /srv/shared nfs\na:/ /mnt/data/gshare nfs\na:/ /srv/gshare nfs\n",
	  NULL },
};

static void test_offered_place_is_free(void **state)
{
	const struct offer_row *row = *state;
	gs_autofree char *fix =
		row->place ? gs_printf("sudo gshare follower mount 192.168.18.13 %s", row->place)
			   : gs_strdup("specify an empty directory of root as TARGET");
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	fake_init(&fake);
	fake_put(&fake, "/etc/fstab", row->fstab);
	fake.shows = "/home/alice";
	fake.shows_rw = true;
	assert_int_equal(run_follower(&fake, &err), -EINVAL);
	assert_string_equal(err.id, "TARGET_UNNAMED");
	assert_string_equal(err.fix, fix);
}

/* A directory that only leads to an export is no share; one that grants writing is. */
static void test_what_only_leads(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	fake_put(&fake, "/etc/fstab", "# no mounts\n");
	fake.shows = "/mnt/data/shared";
	assert_int_equal(run_follower(&fake, &err), -EINVAL);
	assert_string_equal(err.id, "EXPORT_UNCLEAR");
	assert_string_equal(err.fix,
			    "on 192.168.18.13 run: sudo gshare leader status; if it was exported "
			    "by hand: on 192.168.18.13 run: sudo gshare leader status --path "
			    "/mnt/data/shared; to mount it anyway: sudo gshare follower mount "
			    "192.168.18.13 --export /mnt/data/shared");
	assert_false(fake.mounted);
	fake.shows_rw = true;
	assert_int_equal(run_follower(&fake, &err), 0);
	assert_true(fake.mounted);
}

/* What is left for the last child is not the time of the command. */
static void test_time_is_used_up(void **state)
{
	const struct gs_plan plan = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	for (unsigned late = 0; late < 2; late++) {
		GS_AUTO(gs_done_done) struct gs_done done = { 0 };
		struct gs_err err = { 0 };

		fake.sys.deadline_ns = fake.now_ns + !late;
		gs_err_set(&err, ETIMEDOUT, "timed out after 0.2 s");
		assert_int_equal(gs_roll_back(&fake.sys, &plan, &done, &err), -ETIMEDOUT);
		assert_int_equal(err.id && !strcmp(err.id, "COMMAND_TIMEOUT"), late);
		assert_int_equal(err.fix[0] != '\0', late);
	}
}

/* Told by what is mounted, not by this node's settings alone. */
static void test_sticky_top_is_seen(void **state)
{
	(void)state;
	for (unsigned mode = 0755; mode; mode = mode == 0755 ? 03775 : 0) {
		struct gs_err err = { 0 };
		bool told = false;
		GS_AUTO(fake_done) struct fake fake;
		GS_AUTO(gs_done_done) struct gs_done done = { 0 };

		fake_init(&fake);
		fake_put(&fake, "/etc/fstab", "# no mounts\n");
		fake_put(&fake, "/proc/sys/fs/protected_regular", "2\n");
		fake.top_mode = mode;
		assert_int_equal(mount_follower(&fake, &done, &err), 0);
		for (size_t i = 0; i < done.findings.n; i++)
			told |= !strcmp(done.findings.v[i].id, "STICKY_TOP");
		assert_int_equal(told, mode == 03775);
	}
}

/* What was verified is named so that nobody takes it for a dataset directory. */
static void test_hollow_share(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };

	(void)state;
	fake_init(&fake);
	fake_put(&fake, "/etc/fstab", "# no mounts\n");
	fake.hollow = "/mnt/data/shared";
	assert_int_equal(mount_follower(&fake, &done, &err), 0);
	assert_non_null(strstr(done.verified.v[0],
			       "removed a file in /mnt/data/shared itself: it "
			       "has no dataset directories"));
}

/* A node that was taken out of DNS: by the name as the client, and as recorded above its address */
#define OF(host)                                                                                   \
	"/mnt/data/shared " host "(rw,sync,subtree_check,all_squash,anonuid=1000,anongid=1000)\n"

static const struct nameless_row {
	const char *name, *block;
	enum verb verb;
	bool other; /* a name that no entry has */
} nameless[] = {
	{ "removed, an entry by name", OF("gpu-3"), REMOVE, false },
	{ "removed, an entry with its name above", "# gshare name gpu-3\n" OF("192.168.18.3"),
	  REMOVE, false },
	{ "switched, an entry with its name above", "# gshare name gpu-3\n" OF("192.168.18.3"),
	  SWITCH, false },
	{ "another one", OF("192.168.18.3"), REMOVE, true },
};

static void test_name_is_gone(void **state)
{
	const struct nameless_row *row = *state;
	gs_autofree char *exports = NULL;
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	fake_init(&fake);
	start_leader(&fake, true);
	assert_int_equal(run_leader(&fake, INIT, "192.168.18.8", &err), 0);
	exports = gs_printf("%s%s", fake_text(&fake, "/etc/exports"), row->block);
	fake_put(&fake, "/etc/exports", exports);
	fake.unknown = "gpu-3";
	if (row->other) {
		assert_int_equal(run_leader(&fake, row->verb, "gpu-3", &err), -ENOENT);
		return;
	}
	if (run_leader(&fake, row->verb, "gpu-3", &err) < 0)
		fail_msg("%s", err.msg);
	assert_false(fake.lints);
	assert_int_equal(!strstr(fake_text(&fake, "/etc/exports"), "gpu-3"), row->verb == REMOVE);
	assert_null(strstr(fake_text(&fake, "/etc/exports"), row->block));
}

static void test_verification_refused(void **state)
{
	struct gs_err err = { 0 };
	gs_autofree char *before = NULL;
	gs_autofree char *after = NULL;
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	fake_init(&fake);
	start_leader(&fake, true);
	before = picture(&fake);
	fake.refuses = "/mnt/data/shared/files";
	assert_true(run_leader(&fake, INIT, "192.168.18.8", &err) < 0);
	assert_string_equal(err.id, "WRITE_TEST_FAILED");
	assert_non_null(strstr(err.msg, "/mnt/data/shared/files"));
	assert_string_equal(err.fix, "sudo gshare verify /mnt/data/shared --as 1000:1000");
	after = picture(&fake);
	assert_string_equal(before, after);
}

/* ---- the drain --------------------------------------------------------------------------- */

static const struct drain_row {
	const char *name;
	enum verb verb;
	const char *writes;
	int64_t until_s;
	bool races;
	const char *error, *finding; /* one of them, or neither */
	bool force;
	unsigned unread;  /* from that look on the server's clients cannot be looked at, */
	int unread_error; /* for that reason */
	int64_t timeout_s;
	const char *says; /* the error or finding */
	const char *told; /* while it waits */
} drains[] = {
	{ "nothing is open", SWITCH, .writes = NULL },
	{ "a gap comes", SWITCH, "files/a", .until_s = 12,
	  .told = "waiting up to 29 s more for 1 file open for writing: 'files/a' on gpu-1 "
		  "(192.168.18.8)\n" },
	{ "a gap comes soon", SWITCH, "files/a", .until_s = 1, .told = "" },
	{ "a file stays open", SWITCH, "files/a", .until_s = 31, .error = "FILES_OPEN" },
	{ "remove waits too", REMOVE, "files/a", .until_s = 12 },
	{ "remove with an open file", REMOVE, "files/a", .until_s = 31, .error = "FILES_OPEN" },
	{ "another owner waits too", REOWN, "files/a", .until_s = 12 },
	{ "destroy with an open file", DESTROY, "files/a", .until_s = 31, .error = "FILES_OPEN" },
	{ "a deadline that leaves less", SWITCH, "files/a", .until_s = 31, .timeout_s = 20,
	  .error = "FILES_OPEN",
	  .says = "after 13.0 s, all that the command's deadline leaves, 1 file is",
	  .told = "waiting up to 12 s more for 1 file open for writing: 'files/a' on gpu-1 "
		  "(192.168.18.8)\n" },
	{ "a deadline that leaves all", SWITCH, "files/a", .until_s = 31, .timeout_s = 60,
	  .error = "FILES_OPEN", .says = "after 30.0 s 1 file is" },
	{ "a file is opened after the last look", SWITCH, "files/a", .races = true,
	  .finding = "SWITCH_RACED" },
	{ "by force", SWITCH, "files/a", .until_s = 31, .finding = "SWITCH_FORCED", .force = true,
	  .says = "1 file was open for writing when write access ended: 'files/a'" },
	{ "another owner by force", REOWN, "files/a", .until_s = 31, .finding = "SWITCH_FORCED",
	  .force = true,
	  .says = "open for writing when the user that followers are mapped to changed: 'files/a'" },
	{ "no_subtree_check by force", RECHECK, "files/a", .until_s = 31,
	  .finding = "SWITCH_FORCED", .force = true,
	  .says = "open for writing when the form of file handles changed: 'files/a'" },
	{ "nobody can look", SWITCH, .error = "CLIENTS_UNREADABLE", .unread = 1,
	  .unread_error = EIO },
	{ "nor in time", REMOVE, .until_s = 30, .error = "CLIENTS_SLOW", .unread = 1,
	  .unread_error = ETIMEDOUT,
	  .told = "waiting up to 29 s more to see which files are open for writing\n" },
	{ "nobody can look, by force", SWITCH, .finding = "SWITCH_UNSEEN", .force = true,
	  .unread = 1, .unread_error = EIO },
	{ "remove in time, by force", REMOVE, .finding = "SWITCH_UNSEEN", .force = true,
	  .unread = 1, .unread_error = ETIMEDOUT },
	{ "destroy in time, by force", DESTROY, .finding = "SWITCH_UNSEEN", .force = true,
	  .unread = 1, .unread_error = ETIMEDOUT },
	{ "nobody can look after the switch", SWITCH, .finding = "SWITCH_UNSEEN", .unread = 2,
	  .unread_error = EIO },
};

static void test_drain(void **state)
{
	const struct drain_row *row = *state;
	const struct row as = { .verb = row->verb, .running = true };
	struct gs_err err = { 0 };
	gs_autofree char *before = NULL;
	gs_autofree char *after = NULL;
	GS_AUTO(fake_done) struct fake fake;
	int r;

	begin(&as, &fake);
	before = picture(&fake);
	fake.looks = 0;
	fake.writes = row->writes;
	fake.writes_until_ns = row->until_s * INT64_C(1000000000);
	fake.races = row->races;
	fake.force = row->force;
	fake.unread = row->unread;
	fake.unread_error = row->unread_error;
	if (row->timeout_s) {
		fake.sys.end_ns = row->timeout_s * INT64_C(1000000000);
		fake.sys.aside_ns = fake.sys.end_ns / GS_ASIDE_PART;
	}
	r = run(&fake, row->verb, &err);
	if (row->told)
		assert_string_equal(fake.told.ptr ? fake.told.ptr : "", row->told);
	if (row->error) {
		assert_int_equal(r, row->unread ? -row->unread_error : -EBUSY);
		assert_string_equal(err.id, row->error);
		if (!row->unread)
			assert_non_null(strstr(err.msg, "'files/a' on gpu-1 (192.168.18.8)"));
		if (row->says)
			assert_non_null(strstr(err.msg, row->says));
		assert_non_null(strstr(err.fix, ": sudo gshare "));
		assert_non_null(strstr(err.fix, " --force"));
		after = picture(&fake);
		assert_string_equal(before, after);
		return;
	}
	assert_int_equal(r, 0);
	if (!row->force)
		assert_in_range(fake.now_ns, row->until_s * INT64_C(1000000000),
				row->until_s * INT64_C(1000000000) + 10000000);
	assert_int_equal(!strstr(fake_text(&fake, "/etc/exports"), "192.168.18.8(ro,"),
			 row->verb != SWITCH);
	if (row->finding)
		assert_string_equal(fake.last_finding, row->finding);
	else
		assert_null(fake.last_finding);
	if (row->says)
		assert_non_null(strstr(fake.last_text.ptr, row->says));
}

/* ---- what followers put into the share --------------------------------------------------- */

#define ID	"/mnt/data/shared/.gshare-id"
#define UPLOADS "/mnt/data/shared/uploads"

/*
 * Where the share's owner owns its top, a follower puts there what it likes, whenever it likes: no
 * right stays by that. Once for each that takes, and each that is put.
 */
static const struct odd_row {
	const char *name, *path;
	int error;	  /* of opening it; 0: it opens, and holds: */
	const char *text; /* NULL: what it held */
	const char *from; /* the call of the run at which it is put there */
} odds[] = {
	{ "a FIFO or directory as id", ID, EINVAL, NULL, NULL },
	{ "a link as id", ID, ELOOP, NULL, NULL },
	{ "65 MiB as id", ID, EFBIG, NULL, NULL },
	{ "an id that comes and goes", ID, ESTALE, NULL, NULL },
	{ "garbage as id", ID, 0, "gshare 1\nid none\n", NULL },
	{ "nothing as id", ID, 0, "", NULL },
	{ "a file as uploads", UPLOADS, ENOTDIR, NULL, NULL },
	{ "a FIFO as id, after the look", ID, EINVAL, NULL, "check_exports" },
	{ "another id, after the look", ID, 0, NULL, "check_exports" },
	{ "a FIFO as id, before the look after it", ID, EINVAL, NULL, "apply_exports" },
	{ "a file as uploads, before that look", UPLOADS, ENOTDIR, NULL, "apply_exports" },
};

static const struct taker {
	enum verb verb, undone;
	const char *host; /* whose access it takes */
} takers[] = {
	{ REMOVE, INIT, "192.168.18.8(" },  { SWITCH, INIT, "192.168.18.8(rw" },
	{ DESTROY, INIT, "192.168.18.8(" }, { UNDO, ADD, "192.168.18.9(" },
	{ UNDO, INIT, "192.168.18.8(" },
};

static void take(const struct odd_row *row, const struct taker *taker)
{
	const struct row as = { .verb = taker->verb, .undone = taker->undone, .running = true };
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;
	int r;

	begin(&as, &fake);
	if (row->text)
		fake_put(&fake, row->path, row->text);
	else
		fake.odd = row->path;
	fake.odd_error = row->error;
	fake.odd_from = row->from;
	assert_non_null(strstr(fake.etab.ptr, taker->host));
	r = run(&fake, taker->verb, &err);
	if (r < 0)
		fail_msg("verb %d: %s", taker->verb, err.msg);
	assert_null(strstr(fake_text(&fake, "/etc/exports"), taker->host));
	assert_null(strstr(fake.etab.ptr ? fake.etab.ptr : "", taker->host));
	assert_null(fake.odd_from);
	if (row->text)
		assert_string_equal(fake_text(&fake, ID), row->text);
}

static void test_nobody_keeps_rights(void **state)
{
	for (size_t i = 0; i < GS_COUNT(takers); i++)
		take(*state, &takers[i]);
}

/* What gives them is refused, and names what is there. */
static void test_odd_share_is_not_given(void **state)
{
	const struct odd_row *row = *state;
	const struct row as = { .verb = ADD, .running = true };
	struct gs_err err = { 0 };

	if (row->from)
		return;
	GS_AUTO(fake_done) struct fake fake;
	begin(&as, &fake);
	if (row->text)
		fake_put(&fake, row->path, row->text);
	else
		fake.odd = row->path;
	fake.odd_error = row->error;
	assert_true(run(&fake, ADD, &err) < 0);
	assert_string_equal(err.id, strcmp(row->path, ID) ? "PATH_NOT_DIRECTORY" : "ID_BROKEN");
	assert_non_null(strstr(err.msg, row->path));
}

/* ---- the account that init makes --------------------------------------------------------- */

static const struct account_row {
	const char *name;
	const char *groups[4]; /* that are there without a user: name, number */
	const char *users[3];
	uid_t owner; /* of postgresql_data; 0: root */
	const char *found;
	uid_t uid;
	bool missing;
	const char *free_name; /* for yet another one; NULL: not looked for, or none */
} accounts[] = {
	{ "made", { NULL }, { NULL }, 0, "gshare", 997, true, NULL },
	{ "half made", { "gshare", "900" }, { NULL }, 0, "gshare", 900, true, NULL },
	{ "there", { NULL }, { "gshare" }, 0, "gshare", 997, false, NULL },
	{ "a group of an image's number",
	  { "gshare", "999" },
	  { NULL },
	  999,
	  "gshare-data",
	  997,
	  true,
	  NULL },
	{ "a group of Alpine's postgres",
	  { "gshare", "70" },
	  { NULL },
	  0,
	  "gshare-data",
	  997,
	  true,
	  NULL },
	{ "a group of who owns the data",
	  { "gshare", "900" },
	  { NULL },
	  900,
	  "gshare-data",
	  997,
	  true,
	  NULL },
	{ "a group whose number is a user's",
	  { "gshare", "1000" },
	  { NULL },
	  0,
	  "gshare-data",
	  997,
	  true,
	  NULL },
	{ "the second is there",
	  { "gshare", "999" },
	  { "gshare-data" },
	  0,
	  "gshare-data",
	  997,
	  false,
	  NULL },
	{ "so is its group",
	  { "gshare", "999", "gshare-data", "70" },
	  { NULL },
	  0,
	  "gshare-share",
	  997,
	  true,
	  NULL },
	{ "the data is its own", { NULL }, { "gshare" }, 997, "gshare", 997, false, "gshare-data" },
	{ "and the next name is taken",
	  { NULL },
	  { "gshare", "gshare-data" },
	  997,
	  "gshare",
	  997,
	  false,
	  "gshare-share" },
	{ "and the next name is a group",
	  { "gshare-data", "500" },
	  { "gshare" },
	  997,
	  "gshare",
	  997,
	  false,
	  "gshare-share" },
};

static void test_account(void **state)
{
	const struct account_row *row = *state;
	struct gs_leader_req req = { .verb = GS_LEADER_INIT,
				     .path = "/mnt/data/shared",
				     .exports_file = "/etc/exports",
				     .owner = "gshare" };
	GS_AUTO(gs_leader_facts_done) struct gs_leader_facts facts = { 0 };
	struct gs_dir_spec data = { .mode = 0700, .uid = row->owner, .gid = row->owner };
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	fake_init(&fake);
	start_leader(&fake, true);
	for (size_t i = 0; i < GS_COUNT(row->groups) && row->groups[i]; i++)
		gs_strs_add(&fake.groups, row->groups[i]);
	for (size_t i = 0; i < GS_COUNT(row->users) && row->users[i]; i++)
		gs_strs_add(&fake.accounts, row->users[i]);
	assert_int_equal(fake.sys.ops->fs->make_dir(&fake.sys, "/mnt/data/shared/postgresql_data",
						    &data, &err),
			 0);
	assert_int_equal(gs_observe_leader(&fake.sys, &req, NULL, &facts, &err), 0);
	assert_string_equal(facts.owner.name, row->found);
	assert_int_equal(facts.owner.uid, row->uid);
	assert_int_equal(facts.owner.gid, row->uid);
	assert_int_equal(facts.owner_missing, row->missing);
	if (row->free_name)
		assert_string_equal(facts.spare.free_name, row->free_name);
	else
		assert_null(facts.spare.free_name);
}

static int init_as(struct fake *fake, const char *owner, struct gs_err *err)
{
	const struct gs_leader_req req = { .verb = GS_LEADER_INIT,
					   .path = "/mnt/data/shared",
					   .exports_file = "/etc/exports",
					   .owner = owner };
	GS_AUTO(gs_leader_facts_done) struct gs_leader_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };

	if (gs_lock(&fake->sys, err) < 0 ||
	    gs_observe_leader(&fake->sys, &req, NULL, &facts, err) < 0 ||
	    gs_plan_leader(&req, &facts, &plan, err) < 0)
		return err->code;
	return gs_apply(&fake->sys, &plan, &done, err);
}

/* Killed, and what it made was changed by somebody else: the owner of what stays has a name. */
static void test_account_stays(void **state)
{
	static const char dir[] = "/mnt/data/shared/uploads";
	unsigned stayed = 0, gone = 0;

	(void)state;
	for (unsigned n = 1; n < 1000; n++) {
		struct gs_path_inode *made;
		struct gs_err err = { 0 };
		GS_AUTO(fake_done) struct fake fake;

		fake_init(&fake);
		start_leader(&fake, true);
		fake.fail_at = n;
		fake.fail_on = true;
		(void)init_as(&fake, "gshare", &err);
		if (fake.calls < n)
			break;
		fake.fail_at = 0;
		fake.fail_on = false;
		if (!gs_strs_has(&fake.accounts, "gshare"))
			continue;
		made = fake_find_dir(&fake, dir);
		if (made)
			made->inode.mode = 0700;
		err = (struct gs_err){ 0 };
		assert_int_equal(recover(&fake, true, &err), 0);
		assert_int_equal(gs_strs_has(&fake.accounts, "gshare"), made != NULL);
		stayed += made != NULL;
		gone += !made;
	}
	assert_true(stayed && gone);
}

/* What is typed may end its options: what comes after is no option any more. */
static void test_again_before_words(void **state)
{
	const struct row as = { .verb = REMOVE, .running = true };
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	(void)state;
	begin(&as, &fake);
	gs_strs_done(&fake.command);
	gs_strs_add(&fake.command, "leader");
	gs_strs_add(&fake.command, "remove");
	gs_strs_add(&fake.command, "--");
	gs_strs_add(&fake.command, "192.168.18.8");
	fake.looks = 0;
	fake.writes = "files/a";
	fake.writes_until_ns = 31 * INT64_C(1000000000);
	assert_int_equal(run(&fake, REMOVE, &err), -EBUSY);
	assert_non_null(strstr(err.fix, ": sudo gshare leader remove --force -- 192.168.18.8"));
}

/* ---- repair ------------------------------------------------------------------------------ */

static int run_repair(struct fake *fake, struct gs_err *err)
{
	const struct gs_leader_req req = { .verb = GS_LEADER_REPAIR,
					   .exports_file = "/etc/exports" };
	GS_AUTO(gs_repair_facts_done) struct gs_repair_facts facts = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	int r = gs_observe_repair(&fake->sys, &req, &facts, err);

	if (r == 0)
		r = gs_plan_repair(&facts, false, &plan, err);
	if (r == 0)
		r = gs_apply(&fake->sys, &plan, &done, err);
	if (r == 0)
		r = gs_verify_repair(&fake->sys, &req, &plan, &done, err);
	fake->last_finding = done.findings.n ? done.findings.v[done.findings.n - 1].id : NULL;
	return r;
}

#define SHARED "/mnt/data/shared\t192.168.18.8(rw,subtree_check)\n"

static const struct repair_row {
	const char *name;
	bool stubborn, slow;
	const char *refuses; /* the owner, after the repair */
	bool shared_fs;	     /* with what is not the share's */
	const char *etab;    /* what is active, then; NULL: what the files say */
	const char *bound;   /* where its file system is mounted once more */
	int code;
	const char *id; /* of the error, or of the finding; NULL: neither */
	bool repaired;
} repairs[] = {
	{ "repaired, then nothing to do", .repaired = true },
	{ "what keeps its ACL is told", .stubborn = true, .id = "REPAIR_NEEDED" },
	{ "cut after a change", .slow = true, .code = -GS_E_PARTLY, .id = "REPAIR_CUT",
	  .repaired = true },
	{ "cut before any", .slow = true, .stubborn = true, .code = -110, .id = "REPAIR_CUT" },
	{ "the owner cannot write all the same", .refuses = "/mnt/data/shared/files",
	  .code = -GS_E_PARTLY, .id = "WRITE_TEST_FAILED", .repaired = true },
	{ "followers can forge handles", .shared_fs = true, .code = -EPERM, .id = "REPAIR_UNSAFE" },
	{ "the file says so, what is in force does not", .shared_fs = true,
	  .etab = "/mnt/data/shared\t192.168.18.8(rw,subtree_check)\n", .repaired = true },
	{ "by another export of that file system", .shared_fs = true,
	  .etab = "/mnt/data/shared\t192.168.18.8(rw,subtree_check)\n"
		  "/mnt/other\t192.168.18.8(rw,no_subtree_check)\n",
	  .code = -EPERM, .id = "REPAIR_UNSAFE" },
	{ "by one that crosses into it", .shared_fs = true,
	  .etab = SHARED "/ *(ro,fsid=0,crossmnt,no_subtree_check)\n", .code = -EPERM,
	  .id = "REPAIR_UNSAFE" },
	{ "by one that crosses into it with a slash at its end", .shared_fs = true,
	  .etab = SHARED "/far/ *(ro,crossmnt,no_subtree_check)\n", .bound = "/far/a",
	  .code = -EPERM, .id = "REPAIR_UNSAFE" },
	{ "by one that crosses into another mount of it", .shared_fs = true,
	  .etab = SHARED "/far *(ro,crossmnt,no_subtree_check)\n", .bound = "/far/a/b",
	  .code = -EPERM, .id = "REPAIR_UNSAFE" },
	{ "written by one that crosses, and opened by it", .shared_fs = true,
	  .etab = "/ *(rw,crossmnt,no_subtree_check)\n", .code = -EPERM, .id = "REPAIR_UNSAFE" },
	{ "by one that crosses, and checks no further than itself", .shared_fs = true,
	  .etab = SHARED "/ *(ro,fsid=0,crossmnt,subtree_check)\n", .code = -EPERM,
	  .id = "REPAIR_UNSAFE" },
	{ "by one around the share, which checks no further than itself", .shared_fs = true,
	  .etab = SHARED "/mnt/data *(ro,subtree_check)\n", .code = -EPERM, .id = "REPAIR_UNSAFE" },
	{ "one inside the share that checks", .shared_fs = true,
	  .etab = SHARED "/mnt/data/shared/files *(ro,subtree_check)\n", .repaired = true },
	{ "one beside the share that checks", .shared_fs = true,
	  .etab = SHARED "/mnt/data/sharedtoo *(ro,subtree_check)\n", .repaired = true },
	{ "the root of a tree crosses nowhere by that", .shared_fs = true,
	  .etab = SHARED "/ *(ro,fsid=0,nohide,no_subtree_check)\n", .repaired = true },
	{ "one that crosses elsewhere", .shared_fs = true,
	  .etab = SHARED "/far *(ro,crossmnt,no_subtree_check)\n", .repaired = true },
	{ "one whose name the other mount's begins with", .shared_fs = true,
	  .etab = SHARED "/far/a *(ro,crossmnt,no_subtree_check)\n", .bound = "/far/ab",
	  .repaired = true },
	{ "reading links nothing", .shared_fs = true,
	  .etab = "/mnt/data/shared\t192.168.18.8(ro,no_subtree_check)\n", .repaired = true },
};

static void begin_repair(struct fake *fake)
{
	const struct row as = { .verb = ADD, .running = true };

	begin(&as, fake);
	fake->whole = true;
	fake->unfit = "uploads/a";
}

static void test_repair(void **state)
{
	const struct repair_row *row = *state;
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;

	begin_repair(&fake);
	fake.stubborn = row->stubborn;
	fake.slow = row->slow;
	fake.refuses = row->refuses;
	fake.whole = !row->shared_fs;
	fake.bound = row->bound;
	if (row->etab) {
		gs_str_done(&fake.etab);
		gs_str_adds(&fake.etab, row->etab);
	}
	assert_int_equal(run_repair(&fake, &err), row->code);
	assert_int_equal(!fake.unfit, row->repaired);
	if (row->id)
		assert_string_equal(row->code ? err.id : fake.last_finding, row->id);
	else
		assert_null(fake.last_finding);
	if (!row->repaired || row->code)
		return;
	fake.changes = 0;
	assert_int_equal(run_repair(&fake, &err), 0);
	assert_int_equal(fake.changes, 0);
}

/* A failure after the change says that it stays; the next run gets to the end. */
static void test_repair_fails_anywhere(void **state)
{
	unsigned n = 1;

	(void)state;
	for (;; n++) {
		struct gs_err err = { 0 }, again = { 0 };
		GS_AUTO(fake_done) struct fake fake;
		int r;

		begin_repair(&fake);
		fake.fail_at = n;
		r = run_repair(&fake, &err);
		if (fake.calls < n)
			break;
		if (r < 0 && (r == -GS_E_PARTLY) != !fake.unfit)
			fail_msg("call %u failed: '%s' does not say what became of it", n, err.msg);
		fake.fail_at = 0;
		assert_int_equal(run_repair(&fake, &again), 0);
		assert_null(fake.unfit);
	}
	assert_in_range(n, 10, 999);
}

/* It is not said that all was rolled back: rights stay. */
static void test_repair_is_killed(void **state)
{
	struct gs_err err = { 0 };
	GS_AUTO(fake_done) struct fake fake;
	unsigned n = 1;

	(void)state;
	for (;; n++) {
		begin_repair(&fake);
		fake.fail_at = n;
		fake.fail_on = true;
		(void)run_repair(&fake, &err);
		assert_true(fake.calls >= n);
		if (!fake.unfit)
			break;
		fake_done(&fake);
	}
	fake.fail_at = 0;
	fake.fail_on = false;
	assert_int_equal(recover(&fake, true, &err), 0);
	assert_string_equal(fake.recovered, "RUN_ROLLED_BACK");
	assert_non_null(strstr(fake_text(&fake, "/var/lib/gshare/2.jsonl"), "\"LEFT\""));
}

/* @extend_ms: 0 where --timeout was given */
static const struct lock_row {
	const char *name;
	unsigned wait_ms, extend_ms, time_ms, held_ms, waited_ms;
	int code;
} locks[] = {
	{ "nobody holds it", 10000, 5000, 5000, 0, 0, 0 },
	{ "it is given back", 10000, 5000, 5000, 7000, 7000, 0 },
	{ "it is not", 10000, 5000, 5000, 60000, 10000, -GS_E_LOCKED },
	{ "nobody wants to wait", 0, 5000, 5000, 60000, 0, -GS_E_LOCKED },
	{ "--timeout bounds the wait", 10000, 0, 2000, 60000, 2000, -GS_E_LOCKED },
	{ "within --timeout it is given back", 10000, 0, 2000, 1000, 1000, 0 },
};

static void test_lock(void **state)
{
	const struct lock_row *row = *state;
	struct gs_who who = { .wait_ms = row->wait_ms, .extend_ms = row->extend_ms };
	struct gs_err err = { 0 };
	struct fake fake;
	int64_t begin_ns;

	fake_init(&fake);
	begin_ns = fake.now_ns;
	fake.sys.who = &who;
	fake.sys.deadline_ns = begin_ns + row->time_ms * INT64_C(1000000);
	fake.other_until_ns = begin_ns + row->held_ms * INT64_C(1000000);
	assert_int_equal(gs_lock(&fake.sys, &err), row->code);
	assert_int_equal(fake.locked, row->code == 0);
	assert_int_equal((fake.now_ns - begin_ns) / 1000000, row->waited_ms);
	if (!row->code && row->extend_ms && row->waited_ms)
		assert_true(fake.sys.deadline_ns >= fake.now_ns + row->extend_ms * INT64_C(900000));
	fake_done(&fake);
}

static const struct fault_row {
	const char *name;
	enum fake_firewall_fault fault;
	enum verb verb;
	const char *id;
} faults[] = {
	{ "ufw fails to add", FAKE_FAILS, ADD, "FIREWALL_FAILED" },
	{ "ufw hangs", FAKE_HANGS, ADD, "FIREWALL_TIMEOUT" },
	{ "ufw says yes and adds nothing", FAKE_LIES, ADD, "FIREWALL_NO_EFFECT" },
	{ "ufw says yes and removes nothing", FAKE_LIES, REMOVE, "FIREWALL_NO_EFFECT" },
	{ "ufw fails to remove", FAKE_FAILS, DESTROY, "FIREWALL_FAILED" },
};

/* A firewall that does not do as it is told: the run says so, and nothing of it is left. */
static void test_firewall_faults(void **state)
{
	const struct fault_row *fault = *state;
	const struct row row = { .verb = fault->verb, .running = true, .kind = UFW };
	GS_AUTO(fake_done) struct fake fake;
	gs_autofree char *before = NULL;
	gs_autofree char *after = NULL;
	struct gs_err err = { 0 };

	begin(&row, &fake);
	before = picture(&fake);
	fake.firewall = fault->fault;
	assert_true(run(&fake, fault->verb, &err) < 0);
	after = picture(&fake);
	assert_string_equal(err.id, fault->id);
	assert_string_equal(after, before);
	assert_non_null(strstr(err.fix, "--no-firewall"));
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_twice_is_once);
	TABLE_ADD(&table, rows, test_foreign_bytes_stay);
	TABLE_ADD(&table, rows, test_every_call_fails_once);
	TABLE_ADD(&table, rows, test_interrupted_anywhere);
	TABLE_ADD(&table, rows, test_every_call_fails_for_good);
	TABLE_ADD(&table, rows, test_killed_at_every_call);
	TABLE_ADD(&table, rows, test_killed_again_while_recovering);
	TABLE_ADD(&table, rows, test_undone_is_as_before);
	TABLE_ADD(&table, drains, test_drain);
	TABLE_ADD(&table, locks, test_lock);
	TABLE_ADD(&table, accounts, test_account);
	TABLE_ADD(&table, faults, test_firewall_faults);
	TABLE_ADD(&table, offers, test_offered_place_is_free);
	TABLE_ADD(&table, odds, test_nobody_keeps_rights);
	TABLE_ADD(&table, odds, test_odd_share_is_not_given);
	TABLE_ADD(&table, repairs, test_repair);
	table_add(&table, "repair: every call fails", test_repair_fails_anywhere, NULL);
	table_add(&table, "repair: killed, and what it gave stays", test_repair_is_killed, NULL);
	table_add(&table, "what somebody else wrote since the death stays",
		  test_somebody_else_wrote_since, NULL);
	table_add(&table, "room is looked for with what is written before", test_room_for_etab,
		  NULL);
	table_add(&table, "exportfs that lies is found out", test_exportfs_that_lies, NULL);
	table_add(&table, "mountd that is stopped is not flushed", test_mountd_stopped, NULL);
	table_add(&table, "mountd that dies meanwhile is not flushed", test_mountd_dies_meanwhile,
		  NULL);
	table_add(&table, "a guard that was set half goes", test_guard_half_set, NULL);
	table_add(&table, "a leader without NFS 4.2", test_second_choice, NULL);
	table_add(&table, "a server names no place here", test_server_names_no_place, NULL);
	table_add(&table, "what only leads is no share", test_what_only_leads, NULL);
	table_add(&table, "the time of the command is used up", test_time_is_used_up, NULL);
	TABLE_ADD(&table, nameless, test_name_is_gone);
	table_add(&table, "a share without dataset directories", test_hollow_share, NULL);
	table_add(&table, "a sticky top is seen", test_sticky_top_is_seen, NULL);
	table_add(&table, "a refused proof takes all back", test_verification_refused, NULL);
	table_add(&table, "the account stays with what stays", test_account_stays, NULL);
	table_add(&table, "by force, before the words", test_again_before_words, NULL);
	return table_run("apply", &table);
}
