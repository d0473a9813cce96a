/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/check/mount.h"
#include "sys/sys.h"

/**
 * gs_health_look - a follower's share as it is now: the verb follower status
 * @target: clean, NULL for the only share. Reads the mount table, fstab and mountstats; asks the
 * server over a connection of its own; only if that answers, asks through the mount, in a child.
 * Works as an ordinary user.
 * @ret: filled on success, judged; free with gs_health_done()
 * Errors: -GS_E_FOUND (NO_SHARE, NOT_MOUNTED) where there is nothing to look at; SHARE_AMBIGUOUS.
 */
int gs_health_look(struct gs_sys *sys, const char *target, struct gs_health *ret,
		   struct gs_err *err);
/**
 * gs_list_mounts - the mount points of gshare's entries of fstab, else of NFS mounts
 * @every: of both: gs_local_shares_paths()
 */
int gs_list_mounts(struct gs_sys *sys, bool every, struct gs_strs *ret, struct gs_err *err);

/**
 * gs_healths_look - every share of this follower; none is no error
 * They share the time: a server that does not respond takes none of the others'.
 */
int gs_healths_look(struct gs_sys *sys, struct gs_healths *ret, struct gs_err *err);
void gs_healths_done(struct gs_healths *healths);
