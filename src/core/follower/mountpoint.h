/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"
#include "core/plan/model.h"

/* The mount point: may it be used, and how is it made safe? Pure. */

/**
 * gs_mountpoint_check - may the share be mounted on target, where nothing is mounted yet?
 * Errors: TARGET_LINK, TARGET_NOT_EMPTY, TARGET_USER_PATH (a user other than root and the caller
 * can replace the directory). Where no TARGET was typed, the caller is not trusted either, target
 * must belong to root, and --allow-user-path does not help.
 */
int gs_mountpoint_check(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			struct gs_plan *plan, struct gs_err *err);

/** gs_mountpoint_plan_dirs - MAKE_DIR for every component that is missing */
void gs_mountpoint_plan_dirs(const struct gs_follower_facts *facts, struct gs_plan *plan);

/**
 * gs_mountpoint_plan_guard - GUARD: set the immutable flag of the bare directory, if it can be set
 * A directory that holds files is not changed: they are a user's.
 */
void gs_mountpoint_plan_guard(const struct gs_follower_facts *facts, struct gs_plan *plan);

/*
 * The kernel's default of 128 KiB leaves a fast or distant server idle. This value, the default of
 * NFS before Linux 5.4, gave 2.6 to 4.8 times the throughput of sequential reading.
 */
enum { GS_READ_AHEAD_KIB = 15360 };

/**
 * gs_mountpoint_plan_remount - REMOUNT: what can change in place becomes as specified
 * @mounted, @specified: options
 */
void gs_mountpoint_plan_remount(const char *target, const char *mounted, const char *specified,
				struct gs_plan *plan);

/** gs_mountpoint_plan_ahead - READ_AHEAD where it is less than gshare's value */
void gs_mountpoint_plan_ahead(const struct gs_follower_facts *facts, struct gs_plan *plan);

/** struct gs_mounted_share - a follower's mount to be verified; borrowed */
struct gs_mounted_share {
	const char *target, *server, *source; /* source: "HOST:/PATH" */
	const char *id;			      /* "" where the share has none */
	bool unverified;		      /* go on although the verification fails */
};

/** gs_mountpoint_plan_verification - VERIFY of a follower's mount */
void gs_mountpoint_plan_verification(const struct gs_mounted_share *share, bool ro,
				     struct gs_plan *plan);
