/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/verify/access_report.h"

/* Why was a user refused? Named from what was seen, never guessed: else it is UNKNOWN. Pure. */

/**
 * gs_reason_find - reason, why and mend of a refusal
 * @survey: where, and as whom others came out there; @row: of the user
 * @refusal: dir, act, error and look are given
 */
void gs_reason_find(const struct gs_survey *survey, const struct gs_row *row,
		    struct gs_refusal *refusal);

/** gs_reason_name - "MODE_BITS"; @gs_act_name - "create" */
const char *gs_reason_name(enum gs_reason reason);
const char *gs_act_name(enum gs_act_kind act);
