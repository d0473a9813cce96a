/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_access.h"

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/result.h"
#include "core/report/report.h"
#include "core/verify/explain.h"

struct result {
	struct gs_result head;
	const struct gs_access_report *report;
};

static const struct gs_access_report *report_of(const struct gs_result *result)
{
	return ((const struct result *)result)->report;
}

static const struct gs_findings *findings_of(const struct gs_result *result)
{
	return &report_of(result)->findings;
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	(void)call, (void)err;
	gs_report_access(report_of(result), out);
	return 0;
}

static json_t *denied_of(const struct gs_row *row)
{
	json_t *array = json_array();

	for (size_t i = 0; i < row->n_refused; i++) {
		const struct gs_denial *denial = &row->refused[i];
		json_t *object = json_object();

		json_object_set_new(object, "path", gs_output_text_or_null(denial->dir));
		json_object_set_new(object, "act", json_string(gs_act_name(denial->act)));
		json_object_set_new(object, "error", json_string(gs_errno_text(denial->error)));
		json_object_set_new(object, "cause", json_string(gs_cause_name(denial->cause)));
		json_object_set_new(object, "why", gs_output_text_or_null(denial->why));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *row_of(const struct gs_access_report *report, const struct gs_row *row)
{
	json_t *object = json_object();

	json_object_set_new(object, "uid", json_integer(row->uid));
	json_object_set_new(object, "gid", json_integer(row->gid));
	json_object_set_new(object, "create", json_string(gs_answer_name(row->create.answer)));
	json_object_set_new(object, "read", json_string(gs_answer_name(row->read.answer)));
	json_object_set_new(object, "change", json_string(gs_answer_name(row->change.answer)));
	json_object_set_new(object, "rename", json_string(gs_answer_name(row->rename.answer)));
	json_object_set_new(object, "delete", json_string(gs_answer_name(row->remove.answer)));
	json_object_set_new(object, "chown", json_string(gs_answer_name(row->chown_.answer)));
	json_object_set_new(object, "owner",
			    row->has_owner ? json_integer(row->owner) : json_null());
	json_object_set_new(object, "squash", gs_output_text_or_null(gs_row_squash(report, row)));
	json_object_set_new(object, "readonly", json_boolean(row->readonly));
	json_object_set_new(object, "denied", denied_of(row));
	return object;
}

static json_t *seen_of(const struct gs_seen *seen)
{
	json_t *object = json_object();

	if (!seen->has_lag) {
		json_decref(object);
		return json_null();
	}
	json_object_set_new(object, "us", seen->measured ? json_integer(seen->us) : json_null());
	json_object_set_new(object, "why", gs_output_text_or_null(seen->why));
	json_object_set_new(object, "lag_s", json_integer(seen->lag_s));
	return object;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	const struct gs_access_report *report = report_of(result);
	json_t *rows = json_array();

	for (size_t i = 0; i < report->n; i++)
		json_array_append_new(rows, row_of(report, &report->row[i]));
	json_object_set_new(object, "access", rows);
	json_object_set_new(object, "seen", seen_of(&report->seen));
}

int gs_emit_access(const struct gs_call *call, const struct gs_access_report *report,
		   struct gs_err *err)
{
	static const struct gs_result_ops ops = {
		.findings = findings_of,
		.text = add_text,
		.json = add_json,
	};
	const struct result result = {
		.head = { .ops = &ops,
			  .path = report->path,
			  .id = report->id[0] ? report->id : NULL },
		.report = report,
	};

	return gs_emit(call, &result.head, err);
}
