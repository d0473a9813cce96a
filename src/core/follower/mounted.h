/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"
#include "core/format/fstab.h"
#include "core/plan/model.h"

/* What is mounted on target already: is it the share that is asked for, and as it is asked for? */

/** struct gs_mount_wanted - what shall be mounted on target; borrowed */
struct gs_mount_wanted {
	const struct gs_export_seen *seen;
	const char *source, *options; /* as for mount.nfs */
};

/**
 * gs_mounted_by_entry - does the entry mount the share that is asked for?
 * By its source, with or without a slash at the end, or since the mount at target was made from it
 * and is of the same server and path.
 */
bool gs_mounted_by_entry(const struct gs_follower_facts *facts, const struct gs_fstab_entry *e,
			 const char *source, const char *path);

/**
 * gs_mounted_check - is the mount at target the one that is wanted?
 * Errors, each with its fix: TARGET_IN_USE, MOUNT_OPTIONS_DIFFER, ID_DIFFERS (fstab gets no id that
 * nobody has seen at target), MOUNT_NOT_RESPONDING, EXPORT_STALE, EXPORT_DENIED, MOUNT_BROKEN.
 */
int gs_mounted_check(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		     const struct gs_mount_wanted *wanted, struct gs_plan *plan,
		     struct gs_err *err);
