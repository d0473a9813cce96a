/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "table.h"

#include <string.h>

#include "core/plan/install.h"
#include "core/plan/plan.h"
#include "engine/run/install.h"
#include "fake/fake.h"

/* The INSTALL step on a machine in memory, whose package manager plays a script. */

#define UNKNOWN "E: Unable to locate package nfs-common\n"
#define LOCKED	"E: Could not get lock /var/lib/dpkg/lock. It is held by process 812 (apt)\n"
#define FOUND	"Get:1 file:/srv ./ Packages\n"
#define WORKS	"Unpacking nfs-common (1) ...\nSetting up nfs-common (1) ...\n"
#define SECOND	INT64_C(1000000000)

enum { LIMIT_S = 20 };

static const struct row {
	const char *name;
	struct fake_tool tools[4];
	int64_t held_ns;
	const char *id;	  /* NULL: it is installed */
	const char *told; /* all that is told */
	int64_t took_ns;
} rows[] = {
	{ "it works",
	  { { WORKS, .ends = true, .brings = true } },
	  0,
	  NULL,
	  "nfs-common: installing\nrun nfs-common\nnfs-common: unpacking\nnfs-common: "
	  "configuring\n",
	  0 },
	{ "it says that it does", { { WORKS, .ends = true } }, 0, "PACKAGE_INCOMPLETE", NULL, 0 },
	{ "it fails, though the programs are there",
	  { { "E: no\n", .brings = true } },
	  0,
	  "PACKAGE_FAILED",
	  NULL,
	  0 },
	{ "the lists are fetched first",
	  { { .says = UNKNOWN }, { FOUND, .ends = true }, { WORKS, .ends = true, .brings = true } },
	  0,
	  NULL,
	  "nfs-common: installing\nrun nfs-common\nnfs-common: fetching the lists of packages\n"
	  "run update\nnfs-common: installing\nrun nfs-common\nnfs-common: unpacking\n"
	  "nfs-common: configuring\n",
	  0 },
	{ "and only once",
	  { { .says = UNKNOWN }, { FOUND, .ends = true }, { .says = UNKNOWN } },
	  0,
	  "PACKAGE_UNKNOWN",
	  NULL,
	  0 },
	{ "there are none",
	  { { .says = UNKNOWN }, { "Reading package lists...\n", .ends = true } },
	  0,
	  "PACKAGE_NO_REPOSITORY",
	  NULL,
	  0 },
	{ "they are not reachable, and it ends well",
	  { { .says = UNKNOWN }, { FOUND "W: Failed to fetch http://x\n", .ends = true } },
	  0,
	  "PACKAGE_NO_NETWORK",
	  NULL,
	  0 },
	{ "the lock is waited for",
	  { { WORKS, .ends = true, .brings = true } },
	  3 * SECOND,
	  NULL,
	  "nfs-common: waiting for the package lock, held by upd\\033ater (pid 812)\n"
	  "nfs-common: installing\nrun nfs-common\nnfs-common: unpacking\nnfs-common: "
	  "configuring\n",
	  3 * SECOND },
	{ "not for ever",
	  { { WORKS, .ends = true, .brings = true } },
	  3600 * SECOND,
	  "PACKAGE_LOCKED",
	  "nfs-common: waiting for the package lock, held by upd\\033ater (pid 812)\n",
	  LIMIT_S *SECOND },
	{ "it is taken between a look and the run",
	  { { .says = LOCKED }, { WORKS, .ends = true, .brings = true } },
	  0,
	  NULL,
	  NULL,
	  SECOND / 2 },
	{ "it says so itself, again and again: that is told once",
	  { { .says = LOCKED }, { .says = LOCKED }, { WORKS, .ends = true, .brings = true } },
	  0,
	  NULL,
	  "nfs-common: installing\nrun nfs-common\nnfs-common: waiting for the package lock: " LOCKED
	  "run nfs-common\nrun nfs-common\nnfs-common: unpacking\nnfs-common: configuring\n",
	  SECOND },
	{ "it hangs", { { WORKS, .hangs = true } }, 0, "PACKAGE_TIMEOUT", NULL, LIMIT_S *SECOND },
	{ "it brings the programs, and hangs",
	  { { WORKS, .hangs = true, .brings = true } },
	  0,
	  "PACKAGE_TIMEOUT",
	  NULL,
	  LIMIT_S *SECOND },
	{ "it cannot be started", { { .says = NULL } }, 0, NULL, NULL, 0 },
};

static void progress(void *arg, enum gs_progress kind, const char *line)
{
	struct fake *fake = arg;

	if (kind == GS_PROGRESS_LONG)
		gs_str_addf(&fake->told, "%s\n", line);
}

static void test_install(void **state)
{
	const struct row *row = *state;
	GS_AUTO(fake_done) struct fake fake = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	const struct gs_install install = { &gs_manager_apt, GS_ROLE_FOLLOWER, LIMIT_S };
	gs_autofree char *kept = NULL;
	struct gs_err err = { 0 };
	bool fails = row->id || !row->tools[0].says;
	int r;

	fake_init(&fake);
	fake.who.progress = progress;
	fake.lacks_programs = true;
	fake.held_until_ns = row->held_ns;
	fake.tools = row->tools;
	fake.sys.deadline_ns = fake.sys.end_ns = 5 * SECOND;
	gs_plan_install(&plan, &install);
	r = gs_install_run(&fake.sys, &plan, &done, &kept, &err);
	assert_int_equal(r < 0, fails);
	assert_true(done.run);
	if (row->id)
		assert_string_equal(err.id, row->id);
	if (row->told)
		assert_string_equal(fake.told.ptr, row->told);
	assert_int_equal(fake.now_ns, row->took_ns);
	/* Its time is none of the command's. */
	assert_true(fake.sys.end_ns - fake.now_ns >= 5 * SECOND);
	assert_int_equal(!kept, row->id && !strcmp(row->id, "PACKAGE_LOCKED"));
}

/* Whatever was planned before: it comes first, and what is there needs no manager. */
static void test_order(void **state)
{
	GS_AUTO(fake_done) struct fake fake = { 0 };
	GS_AUTO(gs_plan_done) struct gs_plan plan = { 0 };
	GS_AUTO(gs_done_done) struct gs_done done = { 0 };
	const struct gs_install install = { &gs_manager_apt, GS_ROLE_LEADER, LIMIT_S };
	gs_autofree char *kept = NULL;
	struct gs_err err = { 0 };

	(void)state;
	gs_plan_step(&plan, GS_STEP_MAKE_DIR, "/srv/x", "because");
	gs_plan_item(&plan, '+', "create", "/srv/x");
	gs_plan_install(&plan, &install);
	assert_int_equal(plan.v[0].kind, GS_STEP_INSTALL);
	assert_string_equal(plan.v[0].path, "nfs-kernel-server");
	assert_string_equal(plan.items.v[0].what, "install");
	assert_string_equal(plan.v[1].path, "/srv/x");
	fake_init(&fake);
	assert_int_equal(gs_install_run(&fake.sys, &plan, &done, &kept, &err), 0);
	assert_null(fake.told.ptr);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, rows, test_install);
	table_add(&table, "it comes first, and is done where the programs are there", test_order,
		  NULL);
	return table_run("install", &table);
}
