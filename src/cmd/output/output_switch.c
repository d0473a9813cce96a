/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_switch.h"

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/output_plan.h"
#include "cmd/output/result.h"
#include "core/report/report.h"

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	const struct gs_plan *plan = result->change.plan;
	const struct gs_done *done = result->change.done;

	if (!plan->n || !done || !done->active)
		return gs_plan_text(call, result, out, err);
	gs_report_switch(&plan->exports,
			 &(struct gs_switched){ done->active_ms, done->open.n, done->open_unknown },
			 out);
	gs_report_findings(&plan->findings, GS_NOTE, out);
	gs_report_findings(&done->findings, GS_NOTE, out);
	gs_plan_add_undo(&result->change, out);
	return 0;
}

static json_t *switch_of(const struct gs_exports_change *exports, const struct gs_done *done)
{
	bool known = done && done->active;
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < exports->n_switched; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s, s:s}", "host", exports->switched[i].host,
					"from", gs_access_name(exports->switched[i].from), "to",
					gs_access_name(exports->switched[i].to)));
	json_object_set_new(object, "changes", list);
	json_object_set_new(object, "active_ms",
			    known ? json_integer(done->active_ms) : json_null());
	json_object_set_new(object, "waited_ms",
			    known ? json_integer(done->drained_ms) : json_null());
	json_object_set_new(object, "open", gs_output_texts(known ? &done->open.names : NULL));
	json_object_set_new(object, "open_files",
			    known && !done->open_unknown ? json_integer((json_int_t)done->open.n)
							 : json_null());
	return object;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	json_object_set_new(object, "switch",
			    switch_of(&result->change.plan->exports, result->change.done));
}

int gs_emit_switch(const struct gs_call *call, const char *path, const struct gs_change *change,
		   struct gs_err *err)
{
	static const struct gs_result_ops ops = { .text = add_text, .json = add_json };
	const struct gs_result result = {
		.ops = &ops,
		.path = path,
		.id = gs_plan_id(change),
		.change = *change,
	};

	return gs_emit(call, &result, err);
}
