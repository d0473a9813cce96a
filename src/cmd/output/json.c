/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/json.h"

json_t *gs_output_text(struct gs_span bytes)
{
	gs_autostr struct gs_str safe = { 0 };
	json_t *text = json_stringn(bytes.ptr ? bytes.ptr : "", bytes.len);

	if (text)
		return text;
	gs_str_add_safe(&safe, bytes);
	return json_stringn(safe.ptr, safe.len);
}

json_t *gs_output_text_or_null(const char *text)
{
	return text ? gs_output_text(gs_span_of(text)) : json_null();
}

json_t *gs_output_texts(const struct gs_strs *list)
{
	json_t *array = json_array();

	for (size_t i = 0; list && i < list->n; i++)
		json_array_append_new(array, gs_output_text(gs_span_of(list->v[i])));
	return array;
}

json_t *gs_output_number_or_null(unsigned number)
{
	return number ? json_integer(number) : json_null();
}

void gs_output_add_finding(json_t *list, const char *severity, const char *id, const char *text,
			   const char *fix)
{
	json_t *object = json_object();

	json_object_set_new(object, "severity", json_string(severity));
	json_object_set_new(object, "id", gs_output_text_or_null(id));
	json_object_set_new(object, "text", gs_output_text_or_null(text));
	json_object_set_new(object, "fix", gs_output_text_or_null(fix));
	json_array_append_new(list, object);
}

void gs_output_add_findings(json_t *list, const struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		gs_output_add_finding(list, gs_severity_name(findings->v[i].severity),
				      findings->v[i].id, findings->v[i].text, findings->v[i].fix);
}
