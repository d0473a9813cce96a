/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/fs/root.h"

/* The way to a mount point that was taken hold of: pin_path.h. */

/**
 * struct gs_pin - the deepest directory that is there on the way to target, target's own apart
 * @mount_id: what is mounted at target, by gshare's first look or since it was attached; -1:
 * nothing
 */
struct gs_pin {
	char *target, *dir;
	int fd, mount_id;
};

/** gs_pin_for - what is held for this target; NULL: nothing */
struct gs_pin *gs_pin_for(const struct gs_sys *sys, const char *target);

/** gs_pin_rest - the rest of path below the held directory, "." for that itself; NULL: not so */
const char *gs_pin_rest(const struct gs_sys *sys, const char *path);

/** gs_pin_is_bent - what -EXDEV means on a held way: something was mounted there; TARGET_MOVED */
int gs_pin_is_bent(const char *path, struct gs_err *err);

void gs_pin_done(struct gs_sys *sys);
