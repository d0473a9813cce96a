/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sys/sys.h"

/*
 * The way to a mount point, taken hold of once: from then on what lies there is reached through a
 * descriptor. Whoever owns a directory on the way can rename it, or put a link or another directory
 * in its place, at any moment; nothing is done there, nor where the link leads.
 */

/**
 * struct gs_held - the deepest directory that is there on the way to target, target's own apart
 * @mount_id: what is mounted at target, by gshare's first look or since it was attached; -1:
 * nothing
 */
struct gs_held {
	char *target, *dir;
	int fd, mount_id;
};

/**
 * gs_hold_path - take hold of the way to target; once in a run
 * What cannot be opened is not held: whoever uses the path next is told why. The directory is
 * opened in a child, since a silent server may hold that.
 * Errors: -ETIMEDOUT, as gs_hold_blame() tells it.
 */
int gs_hold_path(struct gs_sys *sys, const char *target, struct gs_err *err);

/**
 * gs_hold_blame - a directory did not answer: which mount it is on, by the mount table alone
 * @err: what has failed; where that is a mount of a server's it gets the cause HOLDER_SILENT and
 *       the mend. A local disk is no server: there the time was too short. Returns its code.
 */
int gs_hold_blame(const char *dir, struct gs_err *err);

/** gs_held_for - what is held for this target; NULL: nothing */
struct gs_held *gs_held_for(const struct gs_sys *sys, const char *target);

/** gs_held_rest - the rest of path below the held directory, "." for that itself; NULL: not so */
const char *gs_held_rest(const struct gs_sys *sys, const char *path);

/** gs_held_bent - what -EXDEV means on a held way: something was mounted there; TARGET_MOVED */
int gs_held_bent(const char *path, struct gs_err *err);

void gs_hold_done(struct gs_sys *sys);
