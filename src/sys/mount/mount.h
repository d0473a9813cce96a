/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"
#include "base/mount_user.h"
#include "base/str.h"

/* Mounting and unmounting, by libmount, in a child. */

/**
 * gs_mount_here - mount an export, in this very process: a child that a deadline ends (child.h)
 * @source: "HOST:/PATH", "[v6]:/PATH"
 * @target: a directory in which nobody else can put a link: mount.nfs follows them
 * @type: "nfs4" or "nfs"
 * @options: comma separated; those that begin with x- or X- are for fstab and are left out
 * libmount and mount.nfs run here, in an environment that is emptied; mount.nfs ends with this
 * process. utab is not written. A hard mount of a silent server would not return by itself.
 * Causes: NFS_ACCESS_DENIED, EXPORT_ABSENT, VERSION_REFUSED, MOUNT_TIMEOUT, SERVER_REFUSED,
 * SERVER_UNREACHABLE, OPTION_REFUSED, CLIENT_MISSING, KERNEL_WITHOUT_NFS, NEED_ROOT, MOUNT_BUSY,
 * EXPORT_STALE, TARGET_ABSENT, NFS_PERM (as servers answer an unprivileged port).
 * "retry=0" is added unless a retry is given: mount.nfs would go on for two minutes.
 */
int gs_mount_here(const char *source, const char *target, const char *type, const char *options,
		  struct gs_err *err);

/** gs_mount_late - the child was ended at its deadline: cause MOUNT_TIMEOUT, and what helps */
int gs_mount_late(const char *source, struct gs_err *err);

/** gs_mount_rehearse - gs_mount_here() in a child, but for the mount itself (libmount's fake mode)
 */
int gs_mount_rehearse(const char *source, const char *target, const char *type, const char *options,
		      int64_t deadline_ns, struct gs_err *err);

/** gs_mount_ids - the causes above, for struct gs_child_req; NULL-terminated */
extern const char *const gs_mount_ids[];

enum gs_umount_how {
	GS_UMOUNT_PLAIN = 0,
	GS_UMOUNT_LAZY = 1 << 0,  /* MNT_DETACH: gone at once, ends when the last user is gone */
	GS_UMOUNT_FORCE = 1 << 1, /* MNT_FORCE: pending requests fail; data not yet sent is lost */
};

/**
 * gs_umount - unmount the mount id and no other, wherever it is by now, in a child
 * @id: -1: what is topmost at target
 * @target: absolute; what it is called in messages
 * @how: enum gs_umount_how, or-ed
 * umount2(2) takes a path, in which whoever owns a directory can put a link: it is given a name in
 * a directory that was opened without following any, once the mount there is the one that is meant.
 * Errors: -EBUSY (cause MOUNT_BUSY), -EINVAL (nothing mounted there), -ETIMEDOUT, -EPERM, -ESTALE
 * (no path leads to it).
 */
int gs_umount(int id, const char *target, unsigned how, int64_t deadline_ns, struct gs_err *err);

/**
 * gs_umount_sure - gs_umount(), judged by the mount table
 * The kernel takes a mount out of the table first, then says farewell to the server, which a silent
 * one keeps waiting for minutes: a child that was ended there has unmounted all the same.
 */
int gs_umount_sure(int id, const char *target, unsigned how, int64_t deadline_ns,
		   struct gs_err *err);
