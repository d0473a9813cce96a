/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sys/service/service_ops.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "sys/fs/root.h"
#include "sys/proc/spawn.h"

#define SYSTEMCTL  "/usr/bin/systemctl"
#define JOURNALCTL "/usr/bin/journalctl"

enum {
	RELOAD_MS = 8000, /* of systemd's generators */
	UNIT_MS = 8000,	  /* of a unit's start or stop */
	SHOW_MS = 3000,
	EARLIER_MS = 8000, /* it asks for each unit, one after the other */
	LOG_MS = 3000,
};

/* sd_booted(3) */
static bool runs(struct gs_sys *sys)
{
	struct stat st;

	(void)sys;
	return lstat("/run/systemd/system", &st) == 0 && S_ISDIR(st.st_mode);
}

/* @words: of systemctl, NULL at the end; @units: behind them, NULL: none */
static int run(struct gs_sys *sys, const char *const *words, const struct gs_strs *units,
	       unsigned ms, struct gs_str *ret_out, struct gs_err *err)
{
	size_t n = 0, more = units ? units->n : 0;
	gs_autofree const char **argv = NULL;
	struct gs_spawn_result result = { 0 };
	struct gs_spawn_req req = { .path = SYSTEMCTL };
	int r;

	while (words[n])
		n++;
	argv = gs_alloc((n + more + 2) * sizeof *argv);
	argv[0] = SYSTEMCTL;
	for (size_t i = 0; i < n; i++)
		argv[i + 1] = words[i];
	for (size_t i = 0; units && i < units->n; i++)
		argv[n + 1 + i] = units->v[i];
	argv[n + more + 1] = NULL;
	req.argv = argv;
	req.deadline_ns = gs_sys_within(sys, ms);
	r = gs_spawn(&req, &result, err);
	if (r == 0)
		r = gs_spawn_check(&req, &result, err);
	if (r == 0 && ret_out)
		gs_str_add(ret_out, gs_str_span(&result.out));
	gs_spawn_result_done(&result);
	return r;
}

#define WORDS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}

static int show(struct gs_sys *sys, const struct gs_strs *units, const char *properties,
		struct gs_str *ret, struct gs_err *err)
{
	return run(sys, WORDS("show", properties, "--"), units, SHOW_MS, ret, err);
}

/* A line for each, indented by how far away it is. */
static int earlier(struct gs_sys *sys, const struct gs_strs *units, struct gs_strs *ret,
		   struct gs_err *err)
{
	gs_autostr struct gs_str text = { 0 };
	struct gs_span rest, line;

	if (run(sys, WORDS("list-dependencies", "--all", "--after", "--plain", "--no-pager", "--"),
		units, EARLIER_MS, &text, err) < 0)
		return err->code;
	rest = gs_str_span(&text);
	while (gs_span_cut(&rest, '\n', &line)) {
		gs_autofree char *unit = gs_span_dup(gs_span_trim(line));

		gs_strs_add(ret, unit);
	}
	return 0;
}

static int start(struct gs_sys *sys, const char *unit, struct gs_err *err)
{
	if (run(sys, WORDS("daemon-reload"), NULL, RELOAD_MS, NULL, err) < 0 ||
	    run(sys, WORDS("restart", "--", unit), NULL, UNIT_MS, NULL, err) < 0)
		return gs_err_prefix(err, "cannot start %s", unit);
	return 0;
}

/* "stop" of an unknown unit fails, and there is nothing to stop. */
static int stop(struct gs_sys *sys, const char *unit, const char *other, struct gs_err *err)
{
	struct gs_err unknown = { 0 };
	int r = run(sys, WORDS("stop", "--", unit), NULL, UNIT_MS, NULL, &unknown);

	if (r < 0 && r != -GS_E_CHILD) {
		*err = unknown;
		return gs_err_prefix(err, "cannot stop %s", unit);
	}
	(void)run(sys, WORDS("reset-failed", "--", unit, other), NULL, UNIT_MS, NULL, &unknown);
	return 0;
}

static int start_later(struct gs_sys *sys, const struct gs_strs *units, struct gs_err *err)
{
	return run(sys, WORDS("start", "--no-block", "--"), units, UNIT_MS, NULL, err);
}

static int kernel_log(struct gs_sys *sys, struct gs_str *ret, struct gs_err *err)
{
	static const char *const argv[] = {
		JOURNALCTL, "--dmesg", "--lines=2000", "--no-pager", "--output=short-iso",
		"--quiet",  NULL
	};
	const struct gs_spawn_req req = {
		.path = JOURNALCTL,
		.argv = argv,
		.deadline_ns = gs_sys_within(sys, LOG_MS),
	};
	struct gs_spawn_result result = { 0 };
	int r = gs_spawn(&req, &result, err);

	if (r == 0)
		r = gs_spawn_check(&req, &result, err);
	if (r == 0)
		gs_str_add(ret, gs_str_span(&result.out));
	gs_spawn_result_done(&result);
	return r;
}

const struct gs_service_ops gs_service_host = {
	.runs = runs,
	.show = show,
	.earlier = earlier,
	.start = start,
	.stop = stop,
	.start_later = start_later,
	.kernel_log = kernel_log,
};
