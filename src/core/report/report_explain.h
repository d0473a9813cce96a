/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/str.h"

/**
 * gs_report_explain - what an id means, how to see it by hand, what explains it, what it explains
 */
void gs_report_explain(const char *id, struct gs_str *out);

/** gs_report_ids - every id with its meaning, a line each, sorted */
void gs_report_ids(struct gs_str *out);

/** gs_report_doctor_ids - the same of what doctor may find, with whose it is */
void gs_report_doctor_ids(struct gs_str *out);
