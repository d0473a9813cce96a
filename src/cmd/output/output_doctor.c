/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_doctor.h"

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/object.h"
#include "cmd/output/result.h"
#include "core/check/causes.h"
#include "core/plan/finding.h"
#include "core/report/report_cases.h"

struct result {
	struct gs_result head;
	const struct gs_cases *cases;
	struct gs_doctor_more more;
	struct gs_findings findings; /* in the same order */
};

static const struct result *of(const struct gs_result *result)
{
	return (const struct result *)result;
}

static const struct gs_findings *findings_of(const struct gs_result *result)
{
	return &of(result)->findings;
}

static void add_bundle(const struct gs_doctor_bundle *bundle, struct gs_str *out)
{
	gs_str_adds(out, "bundle: ");
	gs_str_add_safe(out, gs_span_of(bundle->path));
	gs_str_addf(out, ", %zu files, %zu KiB\n", bundle->files, (bundle->bytes + 1023) / 1024);
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	const struct result *r = of(result);

	(void)call, (void)err;
	gs_report_cases(r->cases, out);
	if (r->more.fixes && !r->more.fixes->n && gs_cases_cause(r->cases))
		gs_str_adds(out, "gshare alone can fix nothing of this\n");
	if (r->more.bundle)
		add_bundle(r->more.bundle, out);
	return 0;
}

static json_t *id_of(const struct gs_case *c)
{
	return c && c->finding.id ? json_string(c->finding.id) : json_null();
}

static json_t *fixes_of(const struct gs_own_fixes *fixes)
{
	json_t *list = json_array();

	for (size_t i = 0; i < fixes->n; i++) {
		const struct gs_own_fix *fix = &fixes->v[i];
		json_t *one = json_object();

		json_object_set_new(one, "command", gs_output_text(gs_span_of(fix->command)));
		json_object_set_new(one, "status",
				    fix->status == GS_NOT_RUN ? json_null()
							      : json_integer(fix->status));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *bundle_of(const struct gs_doctor_bundle *bundle)
{
	json_t *object = json_object();

	json_object_set_new(object, "path", gs_output_text(gs_span_of(bundle->path)));
	json_object_set_new(object, "files", json_integer((json_int_t)bundle->files));
	json_object_set_new(object, "bytes", json_integer((json_int_t)bundle->bytes));
	return object;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	const struct gs_doctor_more *more = &of(result)->more;
	const struct gs_cases *cases = of(result)->cases;
	json_t *list = json_array();

	for (size_t i = 0; i < cases->n; i++) {
		const struct gs_case *c = &cases->v[i];
		json_t *one = json_object();

		json_object_set_new(one, "id", id_of(c));
		json_object_set_new(one, "area",
				    c->finding.id ? json_string(gs_area(c->finding.id))
						  : json_null());
		json_object_set_new(one, "place", gs_output_text_or_null(c->place));
		json_object_set_new(one, "text", gs_output_text(gs_span_of(c->finding.text)));
		json_object_set_new(one, "because",
				    id_of(c->because == GS_NO_CASE ? NULL : &cases->v[c->because]));
		json_array_append_new(list, one);
	}
	json_object_set_new(object, "cause", id_of(gs_cases_cause(cases)));
	json_object_set_new(object, "cases", list);
	if (more->fixes)
		json_object_set_new(object, "fixes", fixes_of(more->fixes));
	if (more->bundle)
		json_object_set_new(object, "bundle", bundle_of(more->bundle));
}

static const struct gs_result_ops ops = {
	.findings = findings_of,
	.text = add_text,
	.json = add_json,
	.names_cause = true,
};

static void result_init(struct result *result, const struct gs_cases *cases,
			const struct gs_doctor_more *more)
{
	*result = (struct result){ .head = { .ops = &ops }, .cases = cases };
	if (more)
		result->more = *more;
	for (size_t i = 0; i < cases->n; i++) {
		const struct gs_finding *f = &cases->v[i].finding;

		if (f->id)
			gs_findings_add(&result->findings, f->severity, f->id, f->fix, "%s",
					f->text);
	}
}

int gs_emit_doctor(const struct gs_call *call, const struct gs_cases *cases,
		   const struct gs_doctor_more *more, struct gs_err *err)
{
	struct result result;
	int r;

	result_init(&result, cases, more);
	r = gs_emit(call, &result.head, err);
	gs_findings_done(&result.findings);
	return r;
}

char *gs_doctor_object(const struct gs_call *call, const struct gs_cases *cases)
{
	struct result result;
	char *text;

	result_init(&result, cases, NULL);
	text = gs_object_result(call, &result.head);
	gs_findings_done(&result.findings);
	return text;
}
