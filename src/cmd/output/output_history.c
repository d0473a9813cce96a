/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_leader_status.h"

static json_t *text_of(const char *text)
{
	gs_autostr struct gs_str safe = { 0 };
	json_t *string = json_string(text);

	if (string)
		return string;
	gs_str_add_safe(&safe, gs_span_of(text));
	return json_stringn(safe.ptr, safe.len);
}

static json_t *texts_of(const struct gs_strs *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, text_of(list->v[i]));
	return array;
}

static json_t *run_or_null(uint32_t id)
{
	return id ? json_integer(id) : json_null();
}

json_t *gs_json_runs(const struct gs_runs *runs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < runs->n; i++) {
		const struct gs_run *run = &runs->v[i];
		json_t *o = json_object();

		json_object_set_new(o, "run", json_integer(run->id));
		json_object_set_new(o, "time", text_of(run->time));
		json_object_set_new(o, "by", text_of(run->by));
		json_object_set_new(o, "command", texts_of(&run->command));
		json_object_set_new(o, "state", json_string(gs_run_state_name(run->state)));
		json_object_set_new(o, "undone_by", run_or_null(run->undone_by));
		json_object_set_new(o, "undoes", run_or_null(run->plan.undoes));
		json_object_set_new(o, "left", texts_of(&run->left));
		json_array_append_new(list, o);
	}
	return list;
}
