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
	const struct gs_fstab *fstab; /* as it is, not as it is planned */
};

/**
 * gs_mounted_beside - mount points of the other mounts of that server
 * @options: of the mount, by whose addr= the server is known; @target: of the mount, left out
 */
void gs_mounted_beside(const struct gs_mounts *all, const char *options, const char *target,
		       struct gs_strs *ret);

/** gs_mounted_source - "HOST:/path", "[fd00::1]:/path"; the caller frees it */
char *gs_mounted_source(const char *leader, const char *path);

/**
 * gs_mounted_by_entry - does the entry mount the share that is asked for?
 * By its source, with or without a slash at the end, or since the mount at target was made from it
 * and is of the same server and path.
 */
bool gs_mounted_by_entry(const struct gs_follower_facts *facts, const struct gs_fstab_entry *e,
			 const char *source, const char *path);

/**
 * gs_mounted_is_first - does the source that the kernel shows belong to another mount?
 * It does where that other mount is in fstab with the source, and of the same file system: only
 * then is the mount from another name or address of the server no sign of another server.
 */
bool gs_mounted_is_first(const struct gs_mounted *mounted, const struct gs_fstab *fstab);

/**
 * gs_mounted_is_shared - is the share that is wanted mounted, under the source of another mount?
 * The server may have several addresses, and the kernel one superblock for all of them. Shown are
 * then the source and address of the first mount. It counts as the wanted one where this run
 * mounted it, or fstab has it with the wanted source, the first mount with the one that is shown,
 * and the share id that is read through it is the one that the leader gives.
 */
bool gs_mounted_is_shared(const struct gs_follower_facts *facts,
			  const struct gs_mount_wanted *wanted);

/**
 * gs_mounted_check - is the mount at target the one that is wanted?
 * Errors, each with its fix: TARGET_IN_USE, MOUNT_OPTIONS_DIFFER, ID_DIFFERS (fstab gets no id that
 * nobody has seen at target), MOUNT_NOT_RESPONDING, EXPORT_STALE, EXPORT_DENIED, MOUNT_BROKEN.
 * With --profile or --options, what a remount can change is planned as a step; and what only a new
 * mount changes is told as OPTIONS_PENDING, since the mount works as it is.
 */
int gs_mounted_check(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		     const struct gs_mount_wanted *wanted, struct gs_plan *plan,
		     struct gs_err *err);
