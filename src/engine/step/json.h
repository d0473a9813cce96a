/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"
#include "core/plan/model.h"

/*
 * Values of the journal: bytes are a JSON string where they are UTF-8 without NUL, else
 * {"base64": ...}. A json_t that is returned is the caller's reference; a text that is read is
 * owned by the plan.
 */

json_t *gs_json_bytes(struct gs_span bytes);
json_t *gs_json_text(const char *text); /* null for NULL */
json_t *gs_json_texts(const struct gs_strs *list);

/* Each of these returns false where the value is absent or is something else. */
bool gs_json_get_span(const json_t *value, struct gs_plan *plan, struct gs_span *ret);
/** gs_json_get_text - a text for use as a C string: one without NUL */
bool gs_json_get_text(const json_t *o, const char *key, struct gs_plan *plan, const char **ret);
bool gs_json_get_text_or_null(const json_t *o, const char *key, struct gs_plan *plan,
			      const char **ret);
bool gs_json_get_number(const json_t *o, const char *key, json_int_t max, uint32_t *ret);
bool gs_json_get_bool(const json_t *o, const char *key, bool *ret);
