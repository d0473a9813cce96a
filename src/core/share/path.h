/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"

/* May a path become a share, or a mount point for one? */

#define GS_DEFAULT_PATH "/mnt/data/shared"

/**
 * gs_leader_check_path - may this path become a share?
 * Errors: -GS_E_USAGE for one that is relative, "/" or has ".."; -EINVAL for a system
 * directory.
 */
int gs_leader_check_path(const char *path, struct gs_err *err);

/**
 * gs_leader_check_new_path - may a new share have this path?
 * Errors: -GS_E_USAGE for one that exportfs or cluster.env cannot hold; PATH_LONG, PATH_CHARACTER.
 */
int gs_leader_check_new_path(const char *path, struct gs_err *err);
