/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/undo/history.h"
#include "sys/sys.h"

/* May root follow a path to a file on behalf of a user? base/trust.h has the rule. */

/** gs_private_group - a user's private group, which has the user's name; 0: none is known */
gid_t gs_private_group(struct gs_sys *sys, uid_t uid);

/**
 * gs_way_check - check the path of a file that will be written, before reading it
 * @notes: who, besides root, can replace a component: PATH_IN_HOME, PATH_OF_OTHERS; may be NULL
 * Errors: -EPERM, as of gs_way_refuse().
 */
int gs_way_check(struct gs_sys *sys, const char *path, struct gs_findings *notes,
		 struct gs_err *err);

/** gs_ways_check - gs_way_check() for each file that a plan writes; notes become its findings */
int gs_ways_check(struct gs_sys *sys, struct gs_plan *plan, struct gs_err *err);

/**
 * gs_trust_run - trust for a rollback whom the run trusted: its caller, and --allow-user-path
 * Changes sys->trust and returns its previous value.
 */
struct gs_trust gs_trust_run(struct gs_sys *sys, const struct gs_run *run);
