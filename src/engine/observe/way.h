/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/undo/history.h"
#include "sys/sys.h"

/* May root go the way to a file for somebody? base/trust.h has the rule. */

/** gs_private_group - the group that a user is alone in: named like the user; 0: none is known */
gid_t gs_private_group(struct gs_sys *sys, uid_t uid);

/**
 * gs_way_check - before a file is read that is to be written: -EPERM as gs_way_refuse() tells it
 * @notes: gets what the way rests on, beside root: PATH_IN_HOME, PATH_OF_OTHERS; NULL: nobody asks
 */
int gs_way_check(struct gs_sys *sys, const char *path, struct gs_findings *notes,
		 struct gs_err *err);

/** gs_ways_check - the same of every file that a plan writes, with the notes as its findings */
int gs_ways_check(struct gs_sys *sys, struct gs_plan *plan, struct gs_err *err);

/**
 * gs_trust_run - what was trusted when a run was made is trusted when it is rolled back
 * Who called then, and --allow-user-path. Returns what was trusted before.
 */
struct gs_trust gs_trust_run(struct gs_sys *sys, const struct gs_run *run);
