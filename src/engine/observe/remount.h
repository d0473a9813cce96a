/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/plan_remount.h"
#include "sys/sys.h"

/**
 * gs_observe_remount - the requested share, as follower status sees it, and fstab
 * @facts: filled on success; free with gs_remount_facts_done()
 */
int gs_observe_remount(struct gs_sys *sys, const struct gs_remount_req *req,
		       struct gs_remount_facts *facts, struct gs_err *err);
void gs_remount_facts_done(struct gs_remount_facts *facts);
