/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/step/json.h"

#include <string.h>

#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "engine/step/base64.h"

json_t *gs_json_bytes(struct gs_span bytes)
{
	gs_autostr struct gs_str text = { 0 };
	json_t *string = NULL, *object;

	if (!gs_span_has_nul(bytes))
		string = json_stringn(bytes.ptr ? bytes.ptr : "", bytes.len);
	if (string)
		return string;
	object = json_object();
	gs_base64_add(&text, bytes);
	json_object_set_new(object, "base64", json_stringn(text.ptr, text.len));
	return object;
}

json_t *gs_json_text(const char *text)
{
	return text ? gs_json_bytes(gs_span_of(text)) : json_null();
}

json_t *gs_json_texts(const struct gs_strs *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, gs_json_text(list->v[i]));
	return array;
}

bool gs_json_get_span(const json_t *value, struct gs_plan *plan, struct gs_span *ret)
{
	const json_t *base64 = json_object_get(value, "base64");
	gs_autostr struct gs_str bytes = { 0 };

	if (json_is_string(value))
		gs_str_add(&bytes, gs_span(json_string_value(value), json_string_length(value)));
	else if (!json_is_string(base64) ||
		 !gs_base64_parse(gs_span(json_string_value(base64), json_string_length(base64)),
				  &bytes))
		return false;
	*ret = gs_span(gs_plan_keep(plan, gs_str_span(&bytes)), bytes.len);
	return true;
}

/* A text for use as a C string: one without NUL. */
bool gs_json_get_text(const json_t *o, const char *key, struct gs_plan *plan, const char **ret)
{
	struct gs_span text = { 0 };

	if (!gs_json_get_span(json_object_get(o, key), plan, &text) || gs_span_has_nul(text))
		return false;
	*ret = text.ptr;
	return true;
}

bool gs_json_get_text_or_null(const json_t *o, const char *key, struct gs_plan *plan,
			      const char **ret)
{
	return json_is_null(json_object_get(o, key)) || gs_json_get_text(o, key, plan, ret);
}

bool gs_json_get_number(const json_t *o, const char *key, json_int_t max, uint32_t *ret)
{
	const json_t *value = json_object_get(o, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > max)
		return false;
	*ret = (uint32_t)json_integer_value(value);
	return true;
}

bool gs_json_get_bool(const json_t *o, const char *key, bool *ret)
{
	const json_t *value = json_object_get(o, key);

	*ret = json_is_true(value);
	return json_is_boolean(value);
}
