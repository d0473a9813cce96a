/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/verify/access_report.h"

/* The cause of a denial, from observed facts only, never guessed: else UNKNOWN. Pure. */

/**
 * gs_cause_find - set cause, why and fix of a denial
 * @report: the share, and how other users are mapped there; @row: of the user
 * @denial: dir, act, error and look are set by the caller
 */
void gs_cause_find(const struct gs_access_report *report, const struct gs_row *row,
		   struct gs_denial *denial);

/** gs_cause_name - "MODE_BITS"; @gs_act_name - "create" */
const char *gs_cause_name(enum gs_cause cause);
const char *gs_act_name(enum gs_act_kind act);
