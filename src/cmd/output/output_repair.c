/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_repair.h"

#include <stdio.h>

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/output_plan.h"
#include "cmd/output/result.h"

struct result {
	struct gs_result head;
	const struct gs_repair *repair;
};

static json_t *given_of(const struct gs_repair *repair)
{
	json_t *given = json_array();

	for (size_t i = 0; i < repair->give.n; i++) {
		const struct gs_repair_line *line = &repair->give.v[i];
		json_t *entry = json_object();
		char mode[8];

		snprintf(mode, sizeof mode, "%04o", line->mode);
		json_object_set_new(entry, "path", gs_output_text(gs_span_of(line->path)));
		json_object_set_new(entry, "type",
				    json_string(line->is_dir ? "directory" : "file"));
		json_object_set_new(entry, "uid", json_integer(line->uid));
		json_object_set_new(entry, "gid", json_integer(line->gid));
		json_object_set_new(entry, "mode", json_string(mode));
		json_array_append_new(given, entry);
	}
	return given;
}

static json_t *kept_of(const struct gs_repair *repair)
{
	json_t *kept = json_array();

	for (size_t i = 0; i < repair->left.n; i++) {
		json_t *entry = json_object();

		json_object_set_new(entry, "path",
				    gs_output_text(gs_span_of(repair->left.v[i].path)));
		json_object_set_new(entry, "why", json_string(repair->left.v[i].why));
		json_array_append_new(kept, entry);
	}
	return kept;
}

/* The lists are as long as those of the text; the counts are of all entries. */
static void add_json(const struct gs_result *result, json_t *object)
{
	const struct gs_repair *repair = ((const struct result *)result)->repair;
	json_t *o = json_object();

	json_object_set_new(o, "files", json_integer((json_int_t)repair->files));
	json_object_set_new(o, "directories", json_integer((json_int_t)repair->dirs));
	json_object_set_new(o, "left", json_integer((json_int_t)repair->n_left));
	json_object_set_new(o, "cut", json_boolean(repair->cut));
	json_object_set_new(o, "given", given_of(repair));
	json_object_set_new(o, "kept", kept_of(repair));
	json_object_set_new(object, "repair", o);
}

int gs_emit_repair(const struct gs_call *call, const char *path, const struct gs_change *change,
		   const struct gs_repair *repair, struct gs_err *err)
{
	static const struct gs_result_ops ops = { .text = gs_plan_text, .json = add_json };
	const struct result result = {
		.head = { &ops, .path = path, .change = *change },
		.repair = repair,
	};

	return gs_emit(call, &result.head, err);
}
