/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"
#include "core/plan/model.h"

/* The place where a share goes: may it be used, and how is it made safe? Pure. */

/**
 * gs_mountpoint_check - may something be mounted on target, where nothing is yet?
 * Errors: TARGET_LINK, TARGET_NOT_EMPTY, TARGET_USER_PATH (somebody but root and the caller could
 * put another directory in its place). Where no TARGET was typed the caller counts as somebody, the
 * target itself may not be anybody's either, and --allow-user-path does not help.
 */
int gs_mountpoint_check(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
			struct gs_plan *plan, struct gs_err *err);

/** gs_mountpoint_plan_dirs - MAKE_DIR for every component that is missing */
void gs_mountpoint_plan_dirs(const struct gs_follower_facts *facts, struct gs_plan *plan);

/**
 * gs_mountpoint_plan_guard - GUARD where the bare directory is not guarded and can be
 * One that holds files is left alone: they are somebody's.
 */
void gs_mountpoint_plan_guard(const struct gs_follower_facts *facts, struct gs_plan *plan);

/** gs_mountpoint_plan_ahead - READ_AHEAD where it is less than what keeps a leader busy */
void gs_mountpoint_plan_ahead(const struct gs_follower_facts *facts, struct gs_plan *plan);

/** struct gs_mounted_share - a follower's mount that is to be verified; borrowed */
struct gs_mounted_share {
	const char *target, *server, *source; /* source: "HOST:/PATH" */
	const char *id;			      /* "" where the share has none */
	bool unverified;		      /* go on although the verification fails */
};

/** gs_mountpoint_plan_verification - VERIFY of a follower's mount */
void gs_mountpoint_plan_verification(const struct gs_mounted_share *share, bool ro,
				     struct gs_plan *plan);
