/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "engine/observe/package.h"
#include "engine/step/json.h"
#include "engine/step/step.h"

/*
 * INSTALL: wait for the manager's lock, run it, read what it says; and fetch its lists once where
 * they seem to be missing. It has a deadline of its own. Whether it worked is not its word: the
 * programs are there then.
 */

enum { LOCK_EVERY_MS = 500, LINE_BYTES = 256 };

struct work {
	struct gs_sys *sys;
	const struct gs_install *install;
	int64_t end_ns;
	const char *stage; /* the last one told */
	struct gs_str line;
	struct gs_package_end end; /* of the last program */
	bool refreshed;
	struct gs_str locked; /* the manager's last word on another one that is at work */
	char holder[GS_HOLDER_BYTES];
	unsigned long pid;
};

static void work_done(struct work *w)
{
	gs_str_done(&w->line);
	gs_str_done(&w->locked);
	gs_str_done(&w->end.output);
}

/* @more: of the manager's, untrusted; empty: none */
static void tell_more(struct work *w, const char *text, struct gs_span more)
{
	gs_autostr struct gs_str line = { 0 };

	if (w->stage && !strcmp(w->stage, text))
		return;
	w->stage = text;
	gs_str_addf(&line, "%s: %s", gs_install_package(w->install), text);
	if (more.len)
		gs_str_adds(&line, ": ");
	gs_str_add_safe(&line, more);
	gs_tell_progress(w->sys, GS_PROGRESS_LONG, line.ptr);
}

static void tell(struct work *w, const char *text)
{
	tell_more(w, text, gs_span(NULL, 0));
}

/* A line that is longer than any of the manager's own is not one of them. */
static void said(void *arg, struct gs_span piece)
{
	struct work *w = arg;

	for (size_t i = 0; i < piece.len; i++) {
		const struct gs_package_stage *stage;
		struct gs_span line;

		if (piece.ptr[i] != '\n') {
			if (w->line.len < LINE_BYTES)
				gs_str_addc(&w->line, piece.ptr[i]);
			continue;
		}
		line = gs_str_span(&w->line);
		stage = gs_package_stage(w->install->manager, line);
		if (stage)
			tell_more(w, stage->text, stage->whole ? line : gs_span(NULL, 0));
		w->line.len = 0;
	}
}

static int run_tool(struct work *w, const char *const *argv, struct gs_err *err)
{
	bool installs = argv != w->install->manager->refresh;
	const struct gs_package_run run = {
		.argv = argv,
		.env = w->install->manager->env,
		.deadline_ns = w->end_ns,
		.said = installs ? said : NULL,
		.arg = w,
	};

	w->line.len = 0;
	gs_str_done(&w->end.output);
	w->end = (struct gs_package_end){ 0 };
	return w->sys->ops->package->run(w->sys, &run, &w->end, err);
}

static int run_install(struct work *w, struct gs_err *err)
{
	const char *const *words = w->install->manager->install;
	const char *argv[GS_INSTALL_WORDS + 2];
	size_t n = 0;

	while (words[n] && n < GS_INSTALL_WORDS) {
		argv[n] = words[n];
		n++;
	}
	argv[n++] = gs_install_package(w->install);
	argv[n] = NULL;
	if (!w->locked.len)
		tell(w, "installing");
	return run_tool(w, argv, err);
}

static bool is_held(struct work *w)
{
	const char *const *locks = w->install->manager->locks;

	w->pid = 0;
	for (size_t i = 0; locks && locks[i] && !w->pid; i++)
		w->pid = w->sys->ops->package->holder(w->sys, locks[i], w->holder);
	return w->pid;
}

static void tell_holder(const struct work *w)
{
	gs_autostr struct gs_str line = { 0 };

	gs_str_addf(&line, "%s: waiting for the package lock, held by ",
		    gs_install_package(w->install));
	gs_str_add_safe(&line, gs_span_of(w->holder));
	gs_str_addf(&line, " (pid %lu)", w->pid);
	gs_tell_progress(w->sys, GS_PROGRESS_LONG, line.ptr);
}

static bool may_wait(const struct work *w)
{
	return w->sys->ops->clock->now_ns(w->sys) < w->end_ns &&
	       !w->sys->ops->clock->interrupted(w->sys);
}

/* Returns false at the deadline, or when gshare is to end. */
static bool wait_for_lock(struct work *w)
{
	unsigned long told = 0;

	while (is_held(w)) {
		if (!may_wait(w))
			return false;
		if (w->pid != told)
			tell_holder(w);
		told = w->pid;
		w->sys->ops->clock->pause(w->sys, LOCK_EVERY_MS);
	}
	return true;
}

static int fail(const struct work *w, enum gs_package_cause cause, struct gs_span line,
		struct gs_err *err)
{
	const struct gs_package_failure failure = {
		.install = w->install,
		.cause = cause,
		.line = line,
		.output = gs_str_span(&w->end.output),
		.holder = w->holder,
		.pid = w->pid,
		.typed = w->sys->who ? w->sys->who->command : NULL,
	};

	return gs_package_tell(&failure, err);
}

/* One that was killed before it said anything met what the one before it had met. */
static const struct gs_package_said *read_end(const struct work *w, struct gs_span *ret_line)
{
	static const struct gs_package_said late = { "", GS_PACKAGE_TIMEOUT, false };
	bool silent = w->end.timed_out && !gs_span_trim(gs_str_span(&w->end.output)).len;
	const struct gs_str *output = silent ? &w->locked : &w->end.output;
	const struct gs_package_said *read = gs_package_read(w->install->manager,
							     gs_str_span(output), ret_line);

	return w->end.timed_out && read->cause != GS_PACKAGE_LOCKED ? &late : read;
}

/* The manager said that another one is at work. */
static void wait_for_other(struct work *w, struct gs_span line)
{
	gs_autofree char *said = gs_span_dup(line);

	w->locked.len = 0;
	gs_str_adds(&w->locked, said);
	tell_more(w, "waiting for the package lock", gs_span_of(said));
	w->sys->ops->clock->pause(w->sys, LOCK_EVERY_MS);
}

/* Lists that could not be fetched are the reason why a package is unknown. */
static int refresh(struct work *w, const struct gs_package_said *why, struct gs_err *err)
{
	struct gs_span line = { 0 };
	const struct gs_package_said *read;

	w->refreshed = true;
	tell(w, "fetching the lists of packages");
	if (run_tool(w, w->install->manager->refresh, err) < 0)
		return err->code;
	read = read_end(w, &line);
	if (read->cause != GS_PACKAGE_FAILED)
		return fail(w, read->cause, line, err);
	if (why->cause == GS_PACKAGE_UNKNOWN &&
	    !gs_package_has_repository(w->install->manager, gs_str_span(&w->end.output)))
		return fail(w, GS_PACKAGE_NO_REPOSITORY, gs_span(NULL, 0), err);
	return 0;
}

/* One try: 1 where another one may do better. */
static int try_install(struct work *w, struct gs_err *err)
{
	const struct gs_package_said *read;
	struct gs_span line = { 0 };

	if (!wait_for_lock(w))
		return fail(w, GS_PACKAGE_LOCKED, line, err);
	if (run_install(w, err) < 0)
		return err->code;
	if (w->end.done)
		return gs_observe_programs(w->sys, w->install->role)
			       ? 0
			       : fail(w, GS_PACKAGE_INCOMPLETE, line, err);
	read = read_end(w, &line);
	if (read->cause == GS_PACKAGE_LOCKED && may_wait(w)) {
		wait_for_other(w, line);
		return 1;
	}
	if (!read->refresh || !w->install->manager->refresh || w->refreshed)
		return fail(w, read->cause, line, err);
	return refresh(w, read, err) < 0 ? err->code : 1;
}

static int install(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_sys *sys = run->sys;
	int64_t begin_ns = sys->ops->clock->now_ns(sys), took_ns;
	GS_AUTO(work_done)
	struct work w = {
		.sys = sys,
		.install = &step->install,
		.end_ns = begin_ns + step->install.timeout_s * INT64_C(1000000000),
	};
	int r = 1;

	if (gs_observe_programs(sys, step->install.role))
		return 0;
	while (r > 0)
		r = try_install(&w, err);
	/* The command's own time is beside it. */
	took_ns = sys->ops->clock->now_ns(sys) - begin_ns;
	sys->end_ns += took_ns;
	sys->deadline_ns += took_ns;
	return r;
}

static void put_install(json_t *o, const struct gs_step *step)
{
	const struct gs_manager *manager = step->install.manager;

	json_object_set_new(o, "manager", gs_json_text(manager ? manager->name : NULL));
	json_object_set_new(o, "role", json_integer(step->install.role));
	json_object_set_new(o, "timeout_s", json_integer(step->install.timeout_s));
}

static bool get_install(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	const char *name = NULL;
	uint32_t role = 0;

	if (!gs_json_get_text(o, "manager", plan, &name) ||
	    !gs_json_get_number(o, "role", GS_ROLES - 1, &role) ||
	    !gs_json_get_number(o, "timeout_s", UINT32_MAX, &step->install.timeout_s))
		return false;
	step->install.manager = gs_manager_find(name);
	step->install.role = (enum gs_role)role;
	return step->install.manager;
}

/* Packages stay: other programs may need them by then. */
const struct gs_step_ops gs_step_install = {
	.run = install,
	.back = gs_step_nothing,
	.put = put_install,
	.get = get_install,
};
