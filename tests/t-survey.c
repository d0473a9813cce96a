/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/fstab.h"
#include "engine/verify.h"
#include "fake-sys.h"
#include "table.h"

/* verify on a follower whose machine is in memory: whom it asks, and what it makes of failures. */

static void begin(struct fake *fake)
{
	fake_init(fake);
	fake_put(fake, "/etc/fstab",
		 "# gshare\n192.168.18.13:/mnt/data/shared /mnt/data/shared nfs4 "
		 "vers=4.2,x-gshare.id=7c1e52d0 0 0\n");
	fake->mounted = true;
}

static int survey(struct fake *fake, const char *as, struct gs_survey *ret, struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs users = { 0 };
	struct gs_verify_req req = { .path = "/mnt/data/shared", .exports_file = "/etc/exports" };

	if (as)
		gs_strs_add(&users, as);
	req.as = users;
	return gs_survey(&fake->sys, &req, ret, err);
}

static const struct survey_row {
	const char *name, *as, *refuses, *hides;
	int code;
	size_t rows, findings;
	bool measured;
} surveys[] = {
	{ "root is always asked", NULL, NULL, NULL, 0, 1, 0, true },
	{ "another", "1000", NULL, NULL, 0, 2, 0, true },
	{ "the users of containers", "container", NULL, NULL, 0, 4, 0, true },
	{ "nobody of that name", "nobody-knows", NULL, NULL, -GS_E_USAGE, 0, 0, false },
	{ "one directory refuses both", "1000", "/mnt/data/shared/files", NULL, 0, 2, 2, true },
	{ "the share's directory hides the others, and is judged", "1000", NULL, "/mnt/data/shared",
	  0, 2, 2, false },
};

static void test_survey(void **state)
{
	const struct survey_row *row = *state;
	GS_AUTO(gs_survey_done) struct gs_survey is = { 0 };
	GS_AUTO(fake_done) struct fake fake;
	struct gs_err err = { 0 };
	int r;

	begin(&fake);
	fake.refuses = row->refuses;
	fake.hides = row->hides;
	r = survey(&fake, row->as, &is, &err);
	if (r != row->code)
		fail_msg("%d: %s", r, err.msg);
	assert_int_equal(is.n, row->rows);
	assert_int_equal(is.findings.n, row->findings);
	assert_int_equal(is.seen.measured, row->measured);
	for (size_t i = 0; is.findings.n && i < is.n; i++)
		assert_string_equal(is.row[i].refused[0].dir,
				    row->refuses ? row->refuses : row->hides);
	assert_int_equal(fake.changes, 0);
}

/* What is only told beside the table may fail; all else ends the command. */
static void test_fails_anywhere(void **state)
{
	unsigned n = 1, failed = 0;

	(void)state;
	for (; n < 1000; n++) {
		GS_AUTO(gs_survey_done) struct gs_survey is = { 0 };
		GS_AUTO(fake_done) struct fake fake;
		struct gs_err err = { 0 };
		int r;

		begin(&fake);
		fake.fail_at = n;
		r = survey(&fake, "1000", &is, &err);
		if (fake.calls < n)
			break;
		failed += r < 0;
		assert_int_equal(fake.changes, 0);
		if (r == 0 && !is.seen.measured)
			assert_true(is.seen.why || is.silence.code || is.is_stuck);
	}
	assert_in_range(n, 10, 999);
	assert_in_range(failed, 5, n);
}

int main(void)
{
	struct table table = { 0 };

	TABLE_ADD(&table, surveys, test_survey);
	table_add(&table, "every call fails", test_fails_anywhere, NULL);
	return table_run("survey", &table);
}
