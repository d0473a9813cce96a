/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/verify/access_report.h"

/* Why was a user refused? Named from what was seen, never guessed: else it is UNKNOWN. Pure. */

/**
 * gs_cause_find - reason, why and fix of a denial
 * @report: where, and as whom others came out there; @row: of the user
 * @denial: dir, act, error and look are given
 */
void gs_cause_find(const struct gs_access_report *report, const struct gs_row *row,
		   struct gs_denial *denial);

/** gs_cause_name - "MODE_BITS"; @gs_act_name - "create" */
const char *gs_cause_name(enum gs_cause cause);
const char *gs_act_name(enum gs_act_kind act);
