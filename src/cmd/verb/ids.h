/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "base/str.h"

/**
 * gs_verb_add_id - an id as it is typed, perhaps with its parentheses, or in small letters
 * Errors: -GS_E_USAGE, with the id that is near.
 */
int gs_verb_add_id(struct gs_span typed, struct gs_strs *ret, struct gs_err *err);
