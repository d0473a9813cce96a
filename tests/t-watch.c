/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "engine/watch/watch.h"
#include "fake/fake.h"

/* follower watch on a machine in memory: what a round does, and says, in each state. */

#define SHARE "/mnt/data/shared"
#define ENTRY                                                                                      \
	"# gshare mount " SHARE "\n192.168.18.13:" SHARE " " SHARE                                 \
	" nfs4 rw,hard,_netdev,nofail,x-gshare.id=7c1e52d0 0 0\n"
#define PLACE  "192.168.18.13:" SHARE
#define SECOND INT64_C(1000000000)

/* What happens before a round. */
enum event { NOTHING, LATER, UNMOUNTED, MOUNTED, STALE, OTHER_WORKS, OTHER_ID };

static const struct row {
	const char *name;
	bool mounted; /* when it begins */
	enum event event[4];
	const char *told;	   /* all lines */
	enum gs_watch_state state; /* at the end */
	bool is_mounted, starts;   /* at the end; docker.service was started */
} rows[] = {
	{ "the leader is there",
	  false,
	  { NOTHING, NOTHING },
	  PLACE " mounted on " SHARE "\nstarting docker.service\n",
	  GS_WATCH_PRESENT,
	  true,
	  true },
	{ "mounted at boot",
	  true,
	  { NOTHING, NOTHING },
	  PLACE " is mounted on " SHARE "\nstarting docker.service\n",
	  GS_WATCH_PRESENT,
	  true,
	  true },
	{ "unmounted by a hand",
	  true,
	  { NOTHING, UNMOUNTED, NOTHING },
	  PLACE " is mounted on " SHARE "\nstarting docker.service\nunmounted from " SHARE
		", and not by me: it stays so until it is mounted again\n",
	  GS_WATCH_RELEASED,
	  false,
	  true },
	{ "and mounted again",
	  true,
	  { NOTHING, UNMOUNTED, MOUNTED },
	  PLACE " is mounted on " SHARE "\nstarting docker.service\nunmounted from " SHARE
		", and not by me: it stays so until it is mounted again\n" PLACE
		" is mounted on " SHARE "\n",
	  GS_WATCH_PRESENT,
	  true,
	  true },
	{ "stale, and not in use",
	  true,
	  { NOTHING, STALE, LATER },
	  PLACE " is mounted on " SHARE
		"\nstarting docker.service\nthe mount is stale: it is replaced if "
		"that lasts for a minute\n" PLACE " replaces a stale mount on " SHARE "\n",
	  GS_WATCH_PRESENT,
	  true,
	  true },
	{ "another gshare works",
	  false,
	  { OTHER_WORKS, NOTHING },
	  PLACE " mounted on " SHARE "\nstarting docker.service\n",
	  GS_WATCH_PRESENT,
	  true,
	  true },
	{ "another share there",
	  false,
	  { OTHER_ID, NOTHING },
	  "the leader is there, but its share is not: " PLACE
	  " has no id, but /etc/fstab has 7c1e52d0\n",
	  GS_WATCH_WAITING,
	  false,
	  false },
	{ "another share was mounted at boot",
	  true,
	  { OTHER_ID, NOTHING },
	  "another share is mounted: " PLACE " has no id, but /etc/fstab has 7c1e52d0\n",
	  GS_WATCH_OTHER,
	  true,
	  false },
};

static void happen(struct fake *fake, enum event event)
{
	struct gs_err err = { 0 };

	switch (event) {
	case NOTHING:
		return;
	case LATER:
		fake->now_ns += 60 * SECOND;
		return;
	case UNMOUNTED:
		fake->mounted = false;
		return;
	case MOUNTED:
		assert_int_equal(fake->sys.ops->mount->mount(&fake->sys, "", SHARE, "", "", &err),
				 0);
		return;
	case STALE:
		fake->stale = true;
		return;
	case OTHER_WORKS:
		fake->other_until_ns = fake->now_ns + SECOND;
		return;
	case OTHER_ID:
		fake->shows = SHARE;
		return;
	}
}

static void begin(const struct row *row, struct fake *fake)
{
	static const char *const dirs[] = { "/etc/systemd/system",
					    "/etc/systemd/system/docker.service.d" };
	const struct gs_dir_spec spec = { .mode = 0755 };

	fake_init(fake);
	fake->systemd = true;
	fake_put(fake, "/etc/fstab", ENTRY);
	for (size_t i = 0; i < GS_COUNT(dirs); i++)
		fake_put_dir(fake, dirs[i], &spec);
	fake_put(fake, "/etc/systemd/system/docker.service.d/gshare-mnt-data-shared.conf", "\n");
	gs_strs_add(&fake->skipped, "docker.service");
	if (row->mounted)
		happen(fake, MOUNTED);
}

static void test_rounds(void **state)
{
	const struct row *row = *state;
	GS_AUTO(gs_watch_done) struct gs_watch watch = { .target = SHARE };
	GS_AUTO(fake_done) struct fake fake;
	gs_autostr struct gs_str told = { 0 };
	struct gs_err err = { 0 };
	unsigned pause_ms = 0;

	begin(row, &fake);
	for (size_t i = 0; i < GS_COUNT(row->event); i++) {
		gs_autostr struct gs_str line = { 0 };

		happen(&fake, row->event[i]);
		assert_int_equal(gs_watch_round(&fake.sys, &watch, &line, &pause_ms, &err), 0);
		assert_in_range(pause_ms, 1000, 10000);
		fake.now_ns += pause_ms * INT64_C(1000000);
		if (line.len)
			gs_str_addf(&told, "%s\n", line.ptr);
	}
	assert_string_equal(told.ptr, row->told);
	assert_int_equal(watch.state, row->state);
	assert_int_equal(fake.mounted, row->is_mounted);
	assert_int_equal(fake.active.n, row->starts);
}

/* Without an entry it has nothing to do, and ends. */
static void test_no_entry(void **state)
{
	GS_AUTO(gs_watch_done) struct gs_watch watch = { .target = SHARE };
	GS_AUTO(fake_done) struct fake fake;
	gs_autostr struct gs_str line = { 0 };
	struct gs_err err = { 0 };
	unsigned pause_ms = 0;

	(void)state;
	begin(&rows[0], &fake);
	fake_put(&fake, "/etc/fstab", "# none\n");
	assert_int_equal(gs_watch_round(&fake.sys, &watch, &line, &pause_ms, &err), -GS_E_FOUND);
	assert_false(fake.mounted);
}

/* As long as nothing changes, it is in nobody's way. */
static void test_no_lock(void **state)
{
	GS_AUTO(gs_watch_done) struct gs_watch watch = { .target = SHARE };
	GS_AUTO(fake_done) struct fake fake;
	gs_autostr struct gs_str line = { 0 };
	struct gs_err err = { 0 };
	unsigned pause_ms = 0;

	(void)state;
	begin(&rows[0], &fake);
	for (int i = 0; i < 5; i++) {
		fake.locked = false;
		assert_int_equal(gs_watch_round(&fake.sys, &watch, &line, &pause_ms, &err), 0);
		assert_int_equal(fake.locked, i < 4);
	}
	fake.silent = true;
	assert_int_equal(gs_watch_round(&fake.sys, &watch, &line, &pause_ms, &err), 0);
	assert_int_equal(watch.state, GS_WATCH_SILENT);
	assert_false(fake.locked);
	fake.silent = false;
	assert_int_equal(gs_watch_round(&fake.sys, &watch, &line, &pause_ms, &err), 0);
	assert_int_equal(watch.state, GS_WATCH_PRESENT);
	fake.mounted = false;
	assert_int_equal(gs_watch_round(&fake.sys, &watch, &line, &pause_ms, &err), 0);
	assert_int_equal(watch.state, GS_WATCH_RELEASED);
}

/* Whatever fails in a round, the next ones get there. */
static void test_every_call_fails_once(void **state)
{
	(void)state;
	for (unsigned n = 1, calls = n; n <= calls; n++) {
		GS_AUTO(gs_watch_done) struct gs_watch watch = { .target = SHARE };
		GS_AUTO(fake_done) struct fake fake;
		unsigned pause_ms = 0;

		begin(&rows[0], &fake);
		fake.fail_at = n;
		for (int i = 0; i < 3; i++) {
			gs_autostr struct gs_str line = { 0 };
			struct gs_err err = { 0 };

			(void)gs_watch_round(&fake.sys, &watch, &line, &pause_ms, &err);
			fake.now_ns += 10 * SECOND;
		}
		if (!fake.mounted || fake.staged || fake.active.n != 1)
			fail_msg("call %u failed: mounted %d, staged %d, %zu started", n,
				 fake.mounted, fake.staged, fake.active.n);
		calls = fake.calls;
	}
}

int main(void)
{
	struct table t = { 0 };

	TABLE_ADD(&t, rows, test_rounds);
	table_add(&t, "no entry in fstab", test_no_entry, NULL);
	table_add(&t, "no lock where nothing changes", test_no_lock, NULL);
	table_add(&t, "every call fails once", test_every_call_fails_once, NULL);
	return table_run("watch", &t);
}
