/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/fs/root.h"

/* The pinned path to a mount point: pin_path.h. */

/**
 * struct gs_pin - the deepest existing directory on the path to target, other than target itself
 * @mount_id: the mount at target, at gshare's first look or since it was attached; -1: none
 */
struct gs_pin {
	char *target, *dir;
	int fd, mount_id;
};

/** gs_pin_for - the pin for this target; NULL: none */
struct gs_pin *gs_pin_for(const struct gs_sys *sys, const char *target);

/**
 * gs_pin_rest - the rest of path below the pinned directory, "." for that itself; NULL: not below
 */
const char *gs_pin_rest(const struct gs_sys *sys, const char *path);

/** gs_pin_is_bent - report -EXDEV on a pinned path: something was mounted there; TARGET_MOVED */
int gs_pin_is_bent(const char *path, struct gs_err *err);

void gs_pin_done(struct gs_sys *sys);
