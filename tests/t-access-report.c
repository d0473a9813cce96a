/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/format/fstab.h"
#include "engine/verify/converge.h"
#include "fake/fake.h"
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

static int report(struct fake *fake, const char *as, struct gs_access_report *ret,
		  struct gs_err *err)
{
	GS_AUTO(gs_strs_done) struct gs_strs users = { 0 };
	struct gs_verify_req req = { .path = "/mnt/data/shared", .exports_file = "/etc/exports" };

	if (as)
		gs_strs_add(&users, as);
	req.as = users;
	return gs_access_report(&fake->sys, &req, ret, err);
}

static const struct report_row {
	const char *name, *as, *refuses, *hides;
	int code;
	size_t rows, findings;
	bool measured;
	unsigned trip_ms;
	bool leaves, swaps;
	const char *finding, *fix;
} reports[] = {
	{ "root is always asked", .rows = 1, .measured = true },
	{ "another", "1000", .rows = 2, .measured = true },
	{ "the users of containers", "container", .rows = 4, .measured = true },
	{ "nobody of that name", "nobody-knows", .code = -GS_E_USAGE },
	{ "one directory refuses both", "1000", .refuses = "/mnt/data/shared/files", .rows = 2,
	  .findings = 2, .measured = true },
	{ "the share's directory hides the others, and is judged", "1000",
	  .hides = "/mnt/data/shared", .rows = 2, .findings = 2 },
	{ "too far for a probe to end in time: none begins", "container", .rows = 4, .findings = 1,
	  .trip_ms = 500, .finding = "LINK_SLOW",
	  .fix = "sudo gshare verify /mnt/data/shared --as 999:999 --as 1000:1000 --as 65534:65534 "
		 "--timeout 125" },
	{ "far, and there is time", "1000", .rows = 2, .measured = true, .trip_ms = 400 },
	{ "a file that stays is told, once in each directory", .rows = 1, .findings = 3,
	  .measured = true, .leaves = true, .finding = "PROBE_LEFT",
	  .fix = "on 192.168.18.13 run: sudo rm -f /mnt/data/shared/uploads/.gshare-probe-1 "
		 "/mnt/data/shared/uploads/.gshare-probe-1.b" },
	{ "a swap is told, once in each directory", .rows = 1, .findings = 3, .measured = true,
	  .swaps = true, .finding = "PROBE_SWAPPED", .fix = "sudo gshare verify /mnt/data/shared" },
};

static void test_report(void **state)
{
	const struct report_row *row = *state;
	GS_AUTO(gs_access_report_done) struct gs_access_report is = { 0 };
	GS_AUTO(fake_done) struct fake fake;
	struct gs_err err = { 0 };
	int r;

	begin(&fake);
	fake.refuses = row->refuses;
	fake.hides = row->hides;
	fake.leaves = row->leaves;
	fake.swaps = row->swaps;
	fake.trip_ms = row->trip_ms;
	fake.sys.deadline_ns = 10 * INT64_C(1000000000);
	r = report(&fake, row->as, &is, &err);
	if (r != row->code)
		fail_msg("%d: %s", r, err.msg);
	assert_int_equal(is.n, row->rows);
	assert_int_equal(is.findings.n, row->findings);
	assert_int_equal(is.seen.measured, row->measured);
	if (row->finding) {
		assert_string_equal(is.findings.v[0].id, row->finding);
		assert_string_equal(is.findings.v[0].fix, row->fix);
	}
	for (size_t i = 0; !row->finding && is.findings.n && i < is.n; i++)
		assert_string_equal(is.row[i].refused[0].dir,
				    row->refuses ? row->refuses : row->hides);
	assert_int_equal(fake.changes, 0);
}

/* On the leader: where followers can forge handles root is not tried, by what is active. */
static const struct leader_row {
	const char *name, *etab, *fix;
	bool whole, tries_root;
} leaders[] = {
	{ "a share among other files", "/mnt/data/shared\t10.0.0.1(rw,no_subtree_check)\n",
	  .fix = "sudo gshare leader init /mnt/data/shared --subtree-check" },
	{ "another export of the same file system", "/mnt/x\t10.0.0.1(rw,no_subtree_check)\n",
	  .fix = NULL },
	{ "with subtree_check", "/mnt/data/shared\t10.0.0.1(rw,subtree_check)\n",
	  .tries_root = true },
	{ "read only", "/mnt/data/shared\t10.0.0.1(ro,no_subtree_check)\n", .tries_root = true },
	{ "opened by a read-only export, and written by another",
	  "/mnt/x\t10.0.0.1(ro,no_subtree_check)\n/mnt/data/shared\t10.0.0.1(rw,subtree_check)\n",
	  .fix = NULL },
	{ "written first, and opened by a read-only client of its own",
	  "/mnt/data/shared\t10.0.0.1(rw,subtree_check)\n"
	  "/mnt/data/shared\t10.0.0.2(ro,no_subtree_check)\n",
	  .fix = "sudo gshare leader init /mnt/data/shared --subtree-check" },
	{ "read only for some",
	  "/mnt/data/shared\t10.0.0.1(sec=sys,ro,no_subtree_check,sec=krb5,rw)\n",
	  .fix = "sudo gshare leader init /mnt/data/shared --subtree-check" },
	{ "a file system of its own", "/mnt/data/shared\t10.0.0.1(rw,no_subtree_check)\n",
	  .whole = true, .tries_root = true },
	{ "nothing is exported", "", .tries_root = true },
};

static void test_leader(void **state)
{
	const struct leader_row *row = *state;
	GS_AUTO(gs_access_report_done) struct gs_access_report is = { 0 };
	GS_AUTO(fake_done) struct fake fake;
	struct gs_err err = { 0 };

	begin(&fake);
	fake.mounted = false;
	fake_put(&fake, "/etc/fstab", "");
	fake.server.threads = 8;
	fake.whole = row->whole;
	gs_str_done(&fake.etab);
	gs_str_adds(&fake.etab, row->etab);
	if (report(&fake, "1000", &is, &err) < 0)
		fail_msg("%s", err.msg);
	assert_int_equal(is.n, 2);
	assert_int_equal(is.row[0].create.answer,
			 row->tries_root ? GS_ANSWER_YES : GS_ANSWER_UNTRIED);
	assert_int_equal(is.row[1].create.answer, GS_ANSWER_YES);
	assert_int_equal(is.findings.n, !row->tries_root);
	if (row->tries_root)
		return;
	assert_string_equal(is.findings.v[0].id, "PROBE_UNSAFE");
	assert_int_equal(is.findings.v[0].severity, GS_WARN);
	if (row->fix)
		assert_string_equal(is.findings.v[0].fix, row->fix);
	else
		assert_null(is.findings.v[0].fix);
}

/* What is only told beside the table may fail; all else ends the command. */
static void test_fails_anywhere(void **state)
{
	unsigned n = 1, failed = 0;

	(void)state;
	for (; n < 1000; n++) {
		GS_AUTO(gs_access_report_done) struct gs_access_report is = { 0 };
		GS_AUTO(fake_done) struct fake fake;
		struct gs_err err = { 0 };
		int r;

		begin(&fake);
		fake.fail_at = n;
		r = report(&fake, "1000", &is, &err);
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

	TABLE_ADD(&table, reports, test_report);
	TABLE_ADD(&table, leaders, test_leader);
	table_add(&table, "every call fails", test_fails_anywhere, NULL);
	return table_run("survey", &table);
}
