/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/mount_user.h"
#include "core/check/mount.h"
#include "core/plan/model.h"

/* follower remount: changes options of a live mount, or replaces a dead mount. Pure. */

enum gs_remount_access { GS_REMOUNT_AS_KEPT, GS_REMOUNT_RO, GS_REMOUNT_RW };

/** struct gs_remount_req - @target: clean, NULL for the only share of this node */
struct gs_remount_req {
	const char *target;
	bool recover; /* replace a stale mount by a new one */
	enum gs_remount_access access;
};

/** struct gs_remount_facts - free with gs_remount_facts_done() of the engine */
struct gs_remount_facts {
	struct gs_health health;
	struct gs_file fstab;
	struct gs_mount_users users; /* searched only if the mount is dead */
};

/** gs_remount_is_dead - is the mount unusable though its server answers? */
bool gs_remount_is_dead(const struct gs_health *health);

/**
 * gs_plan_remount - the steps that make the mount match the line in fstab and the request
 * @plan: as gs_plan_follower()
 * Errors, all before anything is changed: NOT_MOUNTED, NOT_NFS, NOT_MANAGED; failures of follower
 * status (SERVER_NOT_RESPONDING, MOUNT_NOT_RESPONDING, EXPORT_STALE without recover ...);
 * MOUNT_OPTIONS_DIFFER where a different option needs a new mount.
 */
int gs_plan_remount(const struct gs_remount_req *req, const struct gs_remount_facts *facts,
		    struct gs_plan *plan, struct gs_err *err);
