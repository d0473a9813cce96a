/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>

#include "base/str.h"
#include "core/plan/finding.h"

/* Values as JSON; every function returns a new reference. */

/** gs_output_text - bytes that are not UTF-8 are escaped as for a terminal */
json_t *gs_output_text(struct gs_span bytes);
json_t *gs_output_text_or_null(const char *text);

/** gs_output_texts - an array; empty where there is no list */
json_t *gs_output_texts(const struct gs_strs *list);

/** gs_output_number_or_null - null for 0, where that says "not known" or "none" */
json_t *gs_output_number_or_null(unsigned number);

void gs_output_add_finding(json_t *list, const char *severity, const char *id, const char *text,
			   const char *fix);
void gs_output_add_findings(json_t *list, const struct gs_findings *findings);
