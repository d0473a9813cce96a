/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/verb/follower_watch.h"

#include <stdio.h>

#include "cmd/call/words.h"
#include "engine/watch/watch.h"
#include "sys/proc/running.h"

/* It runs until it is ended, as the unit of a share: its output goes to the journal. */

static int parse(const struct gs_call *call, char **target, struct gs_err *err)
{
	if (call->json)
		return gs_err_set(err, GS_E_USAGE,
				  "'%s' prints lines for the journal, and no JSON object",
				  call->name);
	if (gs_words_target(call, target, err) < 0)
		return err->code;
	if (*target)
		return 0;
	gs_err_set(err, GS_E_USAGE, "'%s' needs TARGET", call->name);
	return gs_err_advise(err, "gshare %s --help", call->name);
}

/* Each round has a machine of its own: its deadline, its lock, its pins end with it. */
static int look(const struct gs_call *call, struct gs_watch *watch, unsigned *ret_pause_ms,
		struct gs_err *err)
{
	GS_AUTO(gs_sys_done) struct gs_sys sys = { 0 };
	gs_autostr struct gs_str line = { 0 };

	if (gs_sys_init(&sys, NULL, call->timeout_ms, err) < 0 ||
	    gs_watch_round(&sys, watch, &line, ret_pause_ms, err) < 0)
		return err->code;
	if (line.len) {
		printf("%s\n", line.ptr);
		fflush(stdout);
	}
	return 0;
}

int gs_cmd_follower_watch(struct gs_call *call, struct gs_err *err)
{
	gs_autofree char *target = NULL;
	GS_AUTO(gs_watch_done) struct gs_watch watch = { 0 };
	struct gs_sys idle = { 0 };
	unsigned pause_ms = 0;

	if (parse(call, &target, err) < 0)
		return err->code;
	watch.target = target;
	gs_call_self("gshare-watch");
	while (look(call, &watch, &pause_ms, err) == 0)
		gs_sys_host.clock->pause(&idle, pause_ms);
	return err->code;
}
