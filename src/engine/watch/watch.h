/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan/finding.h"
#include "sys/sys.h"

/*
 * follower watch: mounts a share once its leader is there, starts what was kept off the bare mount
 * point, then looks after the mount. Nothing of it is a run of the journal: it makes what fstab
 * has, leaves no file, and a mount that it had not attached yet ends with it.
 */

enum gs_watch_state {
	GS_WATCH_BEGIN,
	GS_WATCH_WAITING,  /* for the leader, or for what it exports */
	GS_WATCH_PRESENT,  /* mounted, and it responds */
	GS_WATCH_SILENT,   /* mounted; its server does not respond */
	GS_WATCH_BROKEN,   /* stale, or each request fails; not replaced yet */
	GS_WATCH_OTHER,	   /* another share than the one in fstab is mounted */
	GS_WATCH_RELEASED, /* unmounted by somebody: it stays so */
};

/** struct gs_watch - one share, from round to round; free with gs_watch_done() */
struct gs_watch {
	const char *target;
	enum gs_watch_state state;
	char *why;	   /* of the state, as last told; NULL: nothing */
	int64_t broken_ns; /* when it was first seen stale; 0: it is not */
	unsigned tries;	   /* to mount, since the leader began to answer */
	unsigned quiet;	   /* rounds in a row that found it present, counted up to a few */
	bool is_seen;	   /* it was mounted, by whomever, since this began */
	bool is_ordered;   /* what was kept off has been started */
};

/**
 * gs_watch_round - look once, and do what there is to do
 * @ret_line: one line for the journal where something changed, else empty
 * @ret_pause_ms: until the next round
 * Errors: -GS_E_FOUND: /etc/fstab has no gshare entry for target; -GS_E_PRIVILEGE.
 */
int gs_watch_round(struct gs_sys *sys, struct gs_watch *watch, struct gs_str *ret_line,
		   unsigned *ret_pause_ms, struct gs_err *err);
void gs_watch_done(struct gs_watch *watch);
