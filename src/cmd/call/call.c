/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <unistd.h>

#include "cmd/call/caller.h"
#include "cmd/call/cmd.h"
#include "cmd/call/progress.h"
#include "cmd/call/words.h"
#include "core/exports/exports.h"
#include "core/exports/word.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/report/report.h"
#include "engine/run/apply.h"
#include "engine/run/journal.h"
#include "engine/step/drain.h"

/* The tree of --root has accounts of its own; the caller has an account of this machine. */
static int find_caller(struct gs_call *call, bool changes, struct gs_sys *sys, struct gs_err *err)
{
	GS_AUTO(gs_sys_done) struct gs_sys here = { 0 };
	bool bundles = gs_words_has(&call->words, GS_OPT_BUNDLE);
	bool writes = call->cmd->changes || gs_words_has(&call->words, GS_OPT_WRITE) || bundles;
	/* A command that only reads trusts nobody; a tree has no journal that needs the name. */
	enum gs_caller_look look = !writes		      ? GS_CALLER_SAID
				   : changes && !sys->offline ? GS_CALLER_NAME
							      : GS_CALLER_NUMBER;

	if (sys->offline && gs_sys_init(&here, NULL, call->timeout_ms, err) < 0)
		return err->code;
	gs_caller_find(sys->offline ? &here : sys, look, &call->caller);
	/*
	 * A dry run needs no sudo: it shows the plan of the run that the same user has with it. Nor
	 * does a bundle, in a directory of that user.
	 */
	if ((call->dry_run || bundles) && !sys->offline && getuid() && !call->caller.number)
		gs_caller_self(&call->caller);
	return 0;
}

static void tell(const struct gs_call *call)
{
	gs_autostr struct gs_str text = { 0 };

	gs_report_findings(&call->recovered, call->quiet ? GS_WARN : GS_NOTE, &text);
	if (call->json || !text.len)
		return;
	gs_progress_clear(call);
	fwrite(text.ptr, 1, text.len, stderr);
}

enum { WAIT_S = 60 }; /* of twenty that begin at once, the last one gets its turn */

/* Waiting for another gshare takes nothing from the time that the command has for its own work. */
static int parse_wait(struct gs_call *call, struct gs_err *err)
{
	const char *word = gs_words_get(&call->words, GS_OPT_WAIT);
	uint64_t seconds = WAIT_S;

	if (word && !gs_span_number(gs_span_of(word), GS_TIMEOUT_MAX_S, &seconds))
		return gs_err_set(err, GS_E_USAGE,
				  "--wait must be a whole number of seconds from 0 to %d",
				  GS_TIMEOUT_MAX_S);
	call->who.wait_ms = (unsigned)seconds * 1000;
	call->who.extend_ms = gs_words_has(&call->words, GS_OPT_TIMEOUT) ? 0 : call->timeout_ms;
	return 0;
}

static void trust(const struct gs_call *call, struct gs_sys *sys)
{
	sys->trust.caller.uid = call->caller.uid;
	sys->trust.others = gs_words_has(&call->words, GS_OPT_ALLOW_USER_PATH);
	sys->who = &call->who;
}

int gs_call_again(const struct gs_call *call, struct gs_sys *sys, struct gs_err *err)
{
	if (gs_sys_init(sys, gs_words_get(&call->words, GS_OPT_ROOT), call->timeout_ms, err) < 0)
		return err->code;
	trust(call, sys);
	return 0;
}

int gs_call_begin(struct gs_call *call, bool changes, struct gs_sys *sys, struct gs_err *err)
{
	const char *root = gs_words_get(&call->words, GS_OPT_ROOT);
	int r = gs_sys_init(sys, root, call->timeout_ms, err);

	if (r < 0 || find_caller(call, changes, sys, err) < 0)
		return err->code;
	call->who = (struct gs_who){ .by = call->caller.name,
				     .command = &call->typed,
				     .again = call->again };
	if (parse_wait(call, err) < 0)
		return err->code;
	gs_progress_begin(call);
	trust(call, sys);
	if (changes && gs_lock(sys, err) < 0)
		return err->code;
	gs_tell_progress(sys, GS_PROGRESS_STEP, "looking at what is there");
	r = gs_recover(sys, changes, &call->recovered, err);
	tell(call);
	return r;
}

enum { DRAIN_S = 30, DRAIN_MAX_S = 3600 };

/* Both options are kept as given: a drain cut short by --timeout could fail without need. */
static int check_fit(const struct gs_call *call, unsigned drain_s, struct gs_err *err)
{
	unsigned timeout_s = call->timeout_ms / 1000, least_s = gs_drain_least_s(drain_s);

	if (!drain_s || !gs_words_has(&call->words, GS_OPT_TIMEOUT) || timeout_s >= least_s)
		return 0;
	gs_err_set(err, GS_E_USAGE,
		   "--drain %u does not fit into --timeout %u, the deadline of the whole command",
		   drain_s, timeout_s);
	if (least_s > GS_TIMEOUT_MAX_S)
		return gs_err_advise(err,
				     "omit --timeout: the drain is then added to the deadline");
	return gs_err_advise(err,
			     "omit --timeout, so that the drain is added to the deadline; or use "
			     "at least --timeout %u",
			     least_s);
}

int gs_call_drain(const struct gs_call *call, unsigned *ret_seconds, bool *ret_force,
		  struct gs_err *err)
{
	const struct gs_words *words = &call->words;
	const char *word = gs_words_get(words, GS_OPT_DRAIN);
	bool force = gs_words_has(words, GS_OPT_FORCE);
	uint64_t seconds = force ? 0 : DRAIN_S;

	if (word && !gs_span_number(gs_span_of(word), DRAIN_MAX_S, &seconds))
		return gs_err_set(err, GS_E_USAGE,
				  "--drain must be a whole number of seconds from 0 to %d",
				  DRAIN_MAX_S);
	if (word && check_fit(call, (unsigned)seconds, err) < 0)
		return err->code;
	*ret_seconds = (unsigned)seconds;
	*ret_force = force;
	return 0;
}

void gs_call_extend(const struct gs_call *call, const struct gs_plan *plan, struct gs_sys *sys)
{
	const struct gs_step *drain = gs_plan_find(plan, GS_STEP_DRAIN);

	if (!drain || gs_words_has(&call->words, GS_OPT_TIMEOUT))
		return;
	sys->end_ns += drain->drain.seconds * INT64_C(1000000000);
	sys->deadline_ns = sys->end_ns;
}

int gs_words_target(const struct gs_call *call, char **ret, struct gs_err *err)
{
	const struct gs_strs *pos = &call->words.pos;

	if (pos->n > 1) {
		gs_err_set(err, GS_E_USAGE, "'%s' accepts at most one TARGET", call->name);
		return gs_err_advise(err, "gshare %s --help", call->name);
	}
	if (gs_words_absolute(call, "TARGET", pos->n ? pos->v[0] : NULL, err) < 0)
		return err->code;
	*ret = pos->n ? gs_exports_clean_path(pos->v[0]) : NULL;
	return 0;
}
