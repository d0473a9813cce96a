/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "sys/proc/child.h"
#include "sys/proc/fd.h"
#include "sys/proc/privs.h"
#include "sys/proc/seal.h"
#include "table.h"

enum { USER = 12345, GROUP = 12346 };

/* A line of /proc/self/status: "CapEff:\t0000000000000000" */
static void add_status(struct gs_str *answer, const char *key)
{
	gs_autoclose int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
	gs_autofree char *bytes = gs_alloc(8192);
	struct gs_span text, line;
	ssize_t n = read(fd, bytes, 8191);

	text = gs_span(bytes, n < 0 ? 0 : (size_t)n);
	while (gs_span_cut(&text, '\n', &line)) {
		if (!gs_span_has_prefix(line, key))
			continue;
		line = gs_span_trim(line);
		for (size_t i = 0; i < line.len; i++)
			gs_str_addc(answer, line.ptr[i] == '\t' ? ' ' : line.ptr[i]);
		gs_str_adds(answer, ";");
	}
}

static void add_all(struct gs_str *answer)
{
	static const char *const keys[] = { "Uid:",    "Gid:",	  "Groups:",
					    "CapInh:", "CapPrm:", "CapEff:",
					    "CapBnd:", "CapAmb:", "NoNewPrivs:" };
	int signal = 0;

	for (size_t i = 0; i < GS_COUNT(keys); i++)
		add_status(answer, keys[i]);
	prctl(PR_GET_PDEATHSIG, &signal);
	gs_str_addf(answer, "death %d", signal);
}

struct row {
	const char *name;
	uid_t uid;
	gid_t gid;
	enum gs_keep keep;
	const char *want;
};

#define NONE "0000000000000000"
#define NO_CAPS(held)                                                                              \
	"Groups:;CapInh: " NONE ";CapPrm: " held ";CapEff: " held ";CapBnd: " NONE                 \
	";CapAmb: " NONE ";NoNewPrivs: 1;death 9"

static const struct row rows[] = {
	{ "an ordinary user", USER, GROUP, GS_KEEP_NOTHING,
	  "Uid: 12345 12345 12345 12345;Gid: 12346 12346 12346 12346;" NO_CAPS(NONE) },
	{ "nobody with a low port", GS_NOBODY, GS_NOBODY, GS_KEEP_NET_BIND,
	  "Uid: 65534 65534 65534 65534;Gid: 65534 65534 65534 65534;" NO_CAPS(
		  "0000000000000400") },
	{ "root without anything", 0, 0, GS_KEEP_NOTHING,
	  "Uid: 0 0 0 0;Gid: 0 0 0 0;" NO_CAPS(NONE) },
	{ "root with its files", 0, 0, GS_KEEP_FILES,
	  "Uid: 0 0 0 0;Gid: 0 0 0 0;" NO_CAPS("000000000000001b") },
};

static int become_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	const struct row *row = arg;
	static const gid_t groups[] = { 0, 4, 27 };

	if (setgroups(GS_COUNT(groups), groups) < 0)
		return gs_err_set(err, errno, "setgroups");
	gs_privs_leave(); /* as between phases: the child raises what it needs */
	if (gs_privs_become(row->uid, row->gid, row->keep, err) < 0)
		return err->code;
	add_all(ret_answer);
	return 0;
}

static int run(int (*fn)(void *, struct gs_str *, struct gs_err *), const void *arg,
	       struct gs_str *ret, struct gs_err *err)
{
	static const char *const ids[] = { "NEED_ROOT", NULL };
	struct gs_child_req req = {
		.fn = fn,
		.arg = (void *)(uintptr_t)arg,
		.ids = ids,
		.deadline_ns = gs_deadline_in(2000),
		.max_answer = 4096,
	};

	return gs_child_run(&req, ret, err);
}

static void child_becomes(void **state)
{
	const struct row *row = *state;
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	if (run(become_in_child, row, &answer, &err) < 0)
		fail_msg("%s", err.msg);
	assert_string_equal(answer.ptr, row->want);
}

static int twice_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	if (gs_privs_become(USER, GROUP, GS_KEEP_NOTHING, err) < 0)
		return err->code;
	/* No way back; but staying who one is works without privileges. */
	if (gs_privs_become(0, 0, GS_KEEP_NOTHING, err) != -GS_E_PRIVILEGE ||
	    gs_privs_become(USER, GROUP, GS_KEEP_NOTHING, err) < 0 ||
	    gs_privs_confine(GS_KEEP_NET_BIND, err) < 0 || gs_privs_init(err) < 0 ||
	    gs_privs_enter(GS_PHASE_APPLY, err) < 0)
		return gs_err_set(err, EINVAL, "unexpected: %s", err->msg);
	gs_privs_leave();
	add_status(ret_answer, "CapPrm:");
	return gs_privs_need(GS_PHASE_APPLY, err);
}

static void an_ordinary_user_is_told_what_is_missing(void **state)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(run(twice_in_child, NULL, &answer, &err), -GS_E_PRIVILEGE);
	assert_string_equal(err.msg, "this needs root");
	assert_string_equal(err.id, "NEED_ROOT");
	assert_string_equal(err.fix, "run it with sudo");
}

static int phases_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	if (gs_privs_init(err) < 0)
		return err->code;
	add_status(ret_answer, "CapEff:");
	if (gs_privs_enter(GS_PHASE_OBSERVE, err) < 0)
		return err->code;
	add_status(ret_answer, "CapEff:");
	gs_privs_leave();
	add_status(ret_answer, "CapEff:");
	return gs_privs_need(GS_PHASE_APPLY, err);
}

static void between_phases_nothing_is_raised(void **state)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };

	(void)state;
	assert_int_equal(run(phases_in_child, NULL, &answer, &err), 0);
	/* CAP_DAC_READ_SEARCH and CAP_KILL */
	assert_string_equal(answer.ptr,
			    "CapEff: " NONE ";CapEff: 0000000000000024;CapEff: " NONE ";");
}

static int hang_as_nobody(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	(void)arg;
	(void)ret_answer;
	if (gs_privs_confine(GS_KEEP_NOTHING, err) < 0)
		return err->code;
	for (;;)
		pause();
	return 0;
}

static int kill_in_child(void *arg, struct gs_str *ret_answer, struct gs_err *err)
{
	struct gs_child_req req = { .fn = hang_as_nobody, .deadline_ns = gs_deadline_in(200) };

	(void)arg;
	gs_privs_leave();
	return gs_child_run(&req, ret_answer, err);
}

/* uid 0 without CAP_KILL may not signal nobody's process: the deadline must hold all the same. */
static void a_child_of_another_user_is_killed_at_its_deadline(void **state)
{
	gs_autostr struct gs_str answer = { 0 };
	struct gs_err err = { 0 };
	int64_t begin_ns = gs_now_ns();

	(void)state;
	assert_int_equal(run(kill_in_child, NULL, &answer, &err), -ETIMEDOUT);
	assert_in_range((gs_now_ns() - begin_ns) / 1000000, 190, 380);
	assert_null(strstr(err.msg, "cannot be ended"));
}

int main(void)
{
	static struct table table;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_user_is_told_what_is_missing),
		cmocka_unit_test(between_phases_nothing_is_raised),
		cmocka_unit_test(a_child_of_another_user_is_killed_at_its_deadline),
	};

	if (geteuid())
		return table_skip("root");
	TABLE_ADD(&table, rows, child_becomes);
	for (size_t i = 0; i < GS_COUNT(tests); i++)
		table.test[table.n++] = tests[i];
	return table_run("privs", &table);
}
