/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/follower_status.h"
#include "sys/sys.h"

/**
 * gs_health_look - a follower's share as it is now: the verb follower status
 * @target: clean, NULL for the only share. The mount table, fstab and mountstats first; then the
 * server over a connection of its own; only one that answers is asked through the mount, in a
 * child. Works as an ordinary user.
 * @ret: filled on success, judged; free with gs_health_done()
 * Errors: -GS_E_FOUND (NO_SHARE, NOT_MOUNTED) where there is nothing to look at; SHARES_SEVERAL.
 */
int gs_health_look(struct gs_sys *sys, const char *target, struct gs_health *ret,
		   struct gs_err *err);
void gs_health_done(struct gs_health *health);

/**
 * gs_reach_server - does the server of an NFS mount answer, over a connection of its own?
 * @ret_rtt_us: of a connection, where it does
 * @silence: why it does not
 * Returns UNTRIED where no address is known, or another port than NFS' own is used: what waits for
 * that server has a bound of its own.
 */
enum gs_answer gs_reach_server(struct gs_sys *sys, const struct gs_mounted *mount,
			       unsigned *ret_rtt_us, struct gs_err *silence);

/**
 * gs_ask_anew - where a mount does not answer though its server does: what hears somebody new?
 * @rtt_us: of the connection to that server; a slow one is the cause
 * @why: untouched where the share can be read
 */
void gs_ask_anew(struct gs_sys *sys, const struct gs_mounted *mount, unsigned rtt_us,
		 struct gs_err *why);
