/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/diagnose/diagnose.h"

/* What doctor can name at all, by the tables of checks and causes, and some of it alone. */

/**
 * gs_doctor_ids - the ids that doctor may report, sorted
 * Those of checks whose facts it looks at, unless they are notes only, and those of errors that
 * explain one of these: gs_effects.
 */
void gs_doctor_ids(struct gs_strs *ret);

/** gs_doctor_side - whose it is: "leader", "follower"; "node": of either */
const char *gs_doctor_side(const char *id);

/**
 * gs_cases_only - drop all but the findings with these ids, and what could not be looked at
 * After gs_diagnose(): what follows from a cause that is dropped tells it, and takes its fix. Where
 * nothing is left, that is said.
 */
void gs_cases_only(struct gs_cases *cases, const struct gs_strs *ids);
