/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "core/diagnose/diagnose.h"

/*
 * Cases as text, from the process that made them to the one that diagnoses them: seven fields each,
 * a field is its length, ':', its bytes and ','. Not NULs.
 */

/** gs_cases_write - append all of them to out; of because nothing is written */
void gs_cases_write(const struct gs_cases *cases, struct gs_str *out);

/**
 * gs_cases_read - add the cases of a text; an id that is none of the program's is LOOK_FAILED
 * Errors: -EPROTO; those before are added.
 */
int gs_cases_read(struct gs_span text, struct gs_cases *cases, struct gs_err *err);
