/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/plan_remount.h"
#include "core/follower/plan_unmount.h"
#include "core/follower/request.h"
#include "core/leader/request.h"
#include "core/plan/model.h"
#include "core/verify/access_report.h"
#include "core/verify/plan_env.h"
#include "engine/step/outcome.h"
#include "sys/sys.h"

/**
 * gs_verify_leader, gs_verify_follower - after a run: observe and plan again
 * @before: the facts that @plan was made from
 * The second plan must be empty, or the run is rolled back. Offline there is nothing to verify.
 * Errors: -EPROTO (cause NOT_CONVERGED) with the step that would still be needed.
 */
int gs_verify_leader(struct gs_sys *sys, const struct gs_leader_req *req,
		     const struct gs_plan *plan, struct gs_done *done, struct gs_err *err);
int gs_verify_follower(struct gs_sys *sys, const struct gs_follower_req *req,
		       const struct gs_follower_facts *before, const struct gs_plan *plan,
		       struct gs_done *done, struct gs_err *err);

/** gs_verify_unmount - after a run: observe and plan again, as gs_verify_follower() */
int gs_verify_unmount(struct gs_sys *sys, const struct gs_unmount_req *req,
		      const struct gs_plan *plan, struct gs_done *done, struct gs_err *err);

/** gs_verify_remount - after a run: observe and plan again, as gs_verify_follower() */
int gs_verify_remount(struct gs_sys *sys, const struct gs_remount_req *req,
		      const struct gs_plan *plan, struct gs_done *done, struct gs_err *err);

/**
 * gs_verify_repair - as the owner open repaired entries, write in each directory, and observe again
 * Entries that are found again (users go on creating files) become a finding. A verification that
 * fails is -GS_E_PARTLY: the rights that were given stay.
 */
int gs_verify_repair(struct gs_sys *sys, const struct gs_leader_req *req,
		     const struct gs_plan *plan, struct gs_done *done, struct gs_err *err);

/**
 * gs_access_report - what each user can do in a share: the verb verify
 * @report: filled on success; findings say what is less than the active access promises. Free with
 *	gs_access_report_done().
 * Errors: of observing; -GS_E_FOUND where the share should be mounted and is not.
 */
int gs_access_report(struct gs_sys *sys, const struct gs_verify_req *req,
		     struct gs_access_report *report, struct gs_err *err);
void gs_access_report_done(struct gs_access_report *report);

/**
 * gs_find_env - cluster.env's values for this node, and the verification they need
 * @path: NULL for the only share or mount
 * @plan: gets the verification, as its only step; @env's strings are the plan's
 * Errors: -GS_E_FOUND (causes NO_SHARE, NOT_MOUNTED ...) where this node has no such share.
 */
int gs_find_env(struct gs_sys *sys, bool is_leader, const struct gs_verify_req *req,
		struct gs_plan *plan, struct gs_env *env, struct gs_err *err);

/**
 * gs_judge_env - after gs_plan_env(): findings on what other programs read in the file
 * @again: the command as typed, with --canonical; NULL: it was given
 */
void gs_judge_env(const struct gs_file *file, const char *again, struct gs_plan *plan);
