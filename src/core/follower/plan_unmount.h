/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/mount_user.h"
#include "core/plan/model.h"

/* follower unmount: what was asked, what is there, and the steps. Pure. */

/** struct gs_mount_use - what holds an umount up; free with gs_mount_use_done() */
struct gs_mount_use {
	bool is_silent;		/* the server was asked and does not answer */
	char *silence;		/* how, where it is silent */
	const char *silence_id; /* the cause; static storage */
	struct gs_mount_users users;
};

void gs_mount_use_done(struct gs_mount_use *use);

/**
 * gs_unmount_check - may it be unmounted?
 * @force: a silent server is no hindrance. Errors: SERVER_NOT_RESPONDING, MOUNT_BUSY, each with the
 * fix.
 */
int gs_unmount_check(const char *target, const struct gs_mount_use *use, bool force,
		     struct gs_err *err);

/** struct gs_unmount_req - @target: clean, NULL for the only share of this node */
struct gs_unmount_req {
	const char *target;
	bool forget; /* the line in fstab goes too */
	bool force;  /* MNT_FORCE: give up what is not yet written */
	bool lazy;   /* MNT_DETACH: out of sight now, gone with its last user */
};

/** struct gs_unmount_facts - all owned; free with gs_unmount_facts_done() of the engine */
struct gs_unmount_facts {
	bool offline; /* files only: what is mounted is not known */
	struct gs_file fstab;
	char *target;	      /* NULL: this node has no share, and none was named */
	struct gs_inode bare; /* the directory below the mount; ABSENT where it is not known */
	bool is_mounted;
	struct gs_mounted mounted;
	unsigned ahead_kib;	 /* read-ahead of the mount; 0: not known */
	struct gs_mount_use use; /* the server is not asked where the request is lazy or by force */
};

/**
 * gs_plan_unmount - the steps, the file first: taking back is then a file's restoration
 * @plan: as gs_plan_follower()
 * Errors: NOT_NFS, NOT_MANAGED (mounted by others and not named), SERVER_NOT_RESPONDING,
 * MOUNT_BUSY.
 */
int gs_plan_unmount(const struct gs_unmount_req *req, const struct gs_unmount_facts *facts,
		    struct gs_plan *plan, struct gs_err *err);

/** gs_unmount_busy - the refusal that names the holders; -EBUSY, cause MOUNT_BUSY */
int gs_unmount_busy(const char *target, const struct gs_mount_users *users, struct gs_err *err);

/** gs_unmount_add_users - "bash (pid 812) works in /mnt/a, ..."; the first five, others counted
 */
void gs_unmount_add_users(const struct gs_mount_users *users, struct gs_str *out);

/** gs_unmount_options - those active, without what the kernel adds: to mount it again */
const char *gs_unmount_options(const char *options, struct gs_plan *plan);
