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
 * gs_mount_here - mount an export, in this very process: a child that is killed at its deadline
 * (child.h)
 * @source: "HOST:/PATH", "[v6]:/PATH"
 * @target: a directory in which nobody else can put a link: mount.nfs follows links
 * @type: "nfs4" or "nfs"
 * @options: comma separated; those that begin with x- or X- are for fstab and are left out
 * libmount and mount.nfs run with an emptied environment; mount.nfs ends with this process. utab is
 * not written. A hard mount does not return by itself if the server does not respond.
 * Causes: NFS_ACCESS_DENIED, EXPORT_ABSENT, VERSION_REFUSED, MOUNT_TIMEOUT, SERVER_REFUSED,
 * SERVER_UNREACHABLE, OPTION_REFUSED, CLIENT_MISSING, KERNEL_WITHOUT_NFS, NEED_ROOT, MOUNT_BUSY,
 * EXPORT_STALE, TARGET_ABSENT, NFS_PERM (how servers answer an unprivileged port).
 * "retry=0" is added unless a retry is given: otherwise mount.nfs retries for two minutes.
 */
int gs_mount_here(const char *source, const char *target, const char *type, const char *options,
		  struct gs_err *err);

/**
 * gs_mount_late - the error for a child killed at its deadline: cause MOUNT_TIMEOUT, and its fix
 */
int gs_mount_late(const char *source, struct gs_err *err);

/** gs_mount_rehearse - gs_mount_here() in a child, without the mount (libmount's fake mode) */
int gs_mount_rehearse(const char *source, const char *target, const char *type, const char *options,
		      int64_t deadline_ns, struct gs_err *err);

/** gs_mount_ids - the causes above, for struct gs_child_req; NULL-terminated */
extern const char *const gs_mount_ids[];

enum gs_umount_how {
	GS_UMOUNT_PLAIN = 0,
	GS_UMOUNT_LAZY = 1 << 0,  /* MNT_DETACH: detached at once, ends with its last user */
	GS_UMOUNT_FORCE = 1 << 1, /* MNT_FORCE: pending requests fail; data not yet sent is lost */
};

/**
 * gs_umount - unmount the mount id and no other, whatever its path is by now, in a child
 * @id: -1: the topmost mount at target
 * @target: absolute; its name in messages
 * @how: enum gs_umount_how, or-ed
 * umount2(2) takes a path, in which the owner of a directory can put a link: it gets a name in a
 * directory that was opened without following links, once the mount there is known to be the right
 * one.
 * Errors: -EBUSY (cause MOUNT_BUSY), -EINVAL (nothing mounted there), -ETIMEDOUT, -EPERM, -ESTALE
 * (no path leads to the mount).
 */
int gs_umount(int id, const char *target, unsigned how, int64_t deadline_ns, struct gs_err *err);

/**
 * gs_umount_sure - gs_umount(), verified by the mount table
 * The kernel first takes a mount out of the table and then contacts its server, which may block for
 * minutes: a child that was killed during that has unmounted all the same.
 */
int gs_umount_sure(int id, const char *target, unsigned how, int64_t deadline_ns,
		   struct gs_err *err);
