/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>

#include "base/err.h"
#include "base/mount_user.h"

enum {
	GS_MOUNT_USERS_MAX = 64, /* one is enough to refuse; nobody reads more than a screen */
};

/**
 * gs_mount_users_find - who keeps the mount at target busy
 * @target: as the mount table names it
 * @id: the mount's id, from the table
 * @ret: one row per process, at most GS_MOUNT_USERS_MAX; free with gs_mount_users_done(). Empty
 *       where nobody is found: the kernel's own users (a loop device, swap, the NFS server) have no
 *       process.
 * Reads only /proc, in a child with a deadline: link texts, fdinfo's mnt_id, maps. It never touches
 * the share, so a server that does not respond cannot block it. Processes of other mount namespaces
 * use mounts of their own and do not count. What an ordinary user may not see of others' processes
 * is left out.
 * Source: proc(5) /proc/pid/fdinfo (mnt_id since Linux 3.15), ptrace(2) PTRACE_MODE_READ.
 * A search that runs out of time sets ret->cut and keeps what it found. Errors: of the mount table.
 */
int gs_mount_users_find(const char *target, int id, int64_t deadline_ns, struct gs_mount_users *ret,
			struct gs_err *err);
