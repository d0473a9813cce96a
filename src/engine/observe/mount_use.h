/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/plan_unmount.h"
#include "sys/sys.h"

/**
 * gs_look_use - what would block an umount: a server that does not respond, asked only with @ask;
 * else the mount's users. Nothing for a mount that is not NFS.
 */
void gs_look_use(struct gs_sys *sys, const struct gs_mounted *mounted, bool ask,
		 struct gs_mount_use *ret);

/** gs_find_mount_users - the processes that keep a mount busy; cut where they cannot be seen */
void gs_find_mount_users(struct gs_sys *sys, const struct gs_mounted *mounted,
			 struct gs_mount_users *ret);
