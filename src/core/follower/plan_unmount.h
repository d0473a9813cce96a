/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/mount_user.h"
#include "core/boot/boot.h"
#include "core/plan/model.h"

/* follower unmount: request, facts and steps. Pure. */

/** struct gs_mount_use - what prevents an umount; free with gs_mount_use_done() */
struct gs_mount_use {
	bool is_silent;		/* the server does not respond */
	char *silence;		/* the error, where it does not */
	const char *silence_id; /* the cause; static storage */
	struct gs_mount_users users;
};

void gs_mount_use_done(struct gs_mount_use *use);

/**
 * gs_unmount_check - may target be unmounted?
 * @force: unmount though the server does not respond. Errors: SERVER_NOT_RESPONDING, MOUNT_BUSY,
 * each with the fix.
 */
int gs_unmount_check(const char *target, const struct gs_mount_use *use, bool force,
		     struct gs_err *err);

/** struct gs_unmount_req - @target: clean, NULL for the only share of this node */
struct gs_unmount_req {
	const char *target;
	bool forget; /* remove the line in fstab too */
	bool force;  /* MNT_FORCE: discard unwritten data */
	bool lazy;   /* MNT_DETACH: detach now, end with the last user */
};

/** struct gs_unmount_facts - all owned; free with gs_unmount_facts_done() of the engine */
struct gs_unmount_facts {
	bool offline; /* files only: the mount table is not known */
	struct gs_file fstab;
	char *target;	      /* NULL: this node has no share, and none was given */
	struct gs_inode bare; /* the directory below the mount; ABSENT where it is not known */
	bool is_mounted;
	bool is_trigger; /* target is an automount point */
	struct gs_boot boot;
	struct gs_mounted mounted;
	unsigned ahead_kib;	 /* read-ahead of the mount; 0: not known */
	struct gs_mount_use use; /* the server is not asked if the request has lazy or force */
};

/**
 * gs_plan_unmount - the steps, fstab first: a rollback then only restores a file
 * @plan: as gs_plan_follower()
 * Errors: NOT_NFS, NOT_MANAGED (not mounted by gshare, and not given), SERVER_NOT_RESPONDING,
 * MOUNT_BUSY.
 */
int gs_plan_unmount(const struct gs_unmount_req *req, const struct gs_unmount_facts *facts,
		    struct gs_plan *plan, struct gs_err *err);

/** gs_unmount_busy - the error that names the mount users; -EBUSY, cause MOUNT_BUSY */
int gs_unmount_busy(const char *target, const struct gs_mount_users *users, struct gs_err *err);

/** gs_unmount_add_users - "bash (pid 812) works in /mnt/a, ..."; the first five, others counted
 */
void gs_unmount_add_users(const struct gs_mount_users *users, struct gs_str *out);

/** gs_unmount_options - the active options without those that the kernel adds, to mount again */
const char *gs_unmount_options(const char *options, struct gs_plan *plan);
