/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"
#include "core/diagnose/diagnose.h"

/**
 * gs_report_cases - doctor's table, then the cause and its fix
 * Consequences are told with what they follow from. Where nothing is wrong, a line for each place.
 */
void gs_report_cases(const struct gs_cases *cases, struct gs_str *out);
