/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/plan_remount.h"
#include "engine/run/apply.h"
#include "sys/sys.h"

/**
 * gs_observe_remount - the share that is meant, as follower status sees it, and fstab
 * @facts: filled on success; free with gs_remount_facts_done()
 */
int gs_observe_remount(struct gs_sys *sys, const struct gs_remount_req *req,
		       struct gs_remount_facts *facts, struct gs_err *err);
void gs_remount_facts_done(struct gs_remount_facts *facts);

/** gs_verify_remount - after a run: observe and plan again, as gs_verify_follower() */
int gs_verify_remount(struct gs_sys *sys, const struct gs_remount_req *req,
		      const struct gs_plan *plan, struct gs_done *done, struct gs_err *err);

/** gs_remount_step - the REMOUNT step; @back: take it back */
int gs_remount_step(struct gs_sys *sys, const struct gs_step *step, bool back, struct gs_err *err);

/** gs_renew_step - what is staged takes the place of the mount that is dead */
int gs_renew_step(struct gs_sys *sys, const struct gs_step *step, struct gs_err *err);

/** gs_renew_back - never the dead mount again: a new one, if nothing is mounted there now */
int gs_renew_back(struct gs_sys *sys, const struct gs_step *step, struct gs_err *err);
