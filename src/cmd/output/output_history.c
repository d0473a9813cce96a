/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_history.h"

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/result.h"

struct result {
	struct gs_result head;
	const struct gs_runs *runs;
	const struct gs_findings *findings;
};

static const struct gs_runs *told(const struct gs_result *result)
{
	return ((const struct result *)result)->runs;
}

static const struct gs_findings *findings_of(const struct gs_result *result)
{
	return ((const struct result *)result)->findings;
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	(void)call, (void)err;
	gs_report_history(told(result), out);
	return 0;
}

static json_t *runs_of(const struct gs_runs *runs)
{
	json_t *list = json_array();

	for (size_t i = 0; i < runs->n; i++) {
		const struct gs_run *run = &runs->v[i];
		json_t *o = json_object();

		json_object_set_new(o, "run", json_integer(run->id));
		json_object_set_new(o, "time", gs_output_text_or_null(run->time));
		json_object_set_new(o, "by", gs_output_text_or_null(run->by));
		json_object_set_new(o, "command", gs_output_texts(&run->command));
		json_object_set_new(o, "state", json_string(gs_run_state_name(run->state)));
		json_object_set_new(o, "undone_by", gs_output_number_or_null(run->undone_by));
		json_object_set_new(o, "undoes", gs_output_number_or_null(run->plan.undoes));
		json_object_set_new(o, "left", gs_output_texts(&run->left));
		json_array_append_new(list, o);
	}
	return list;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	json_object_set_new(object, "runs", runs_of(told(result)));
}

int gs_emit_history(const struct gs_call *call, const struct gs_runs *runs,
		    const struct gs_findings *findings, struct gs_err *err)
{
	static const struct gs_result_ops ops = {
		.findings = findings_of,
		.text = add_text,
		.json = add_json,
		.is_bare = true,
	};
	const struct result result = {
		.head = { .ops = &ops },
		.runs = runs,
		.findings = findings,
	};

	return gs_emit(call, &result.head, err);
}
