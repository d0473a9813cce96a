/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/output_status.h"

#include "cmd/output/emit.h"
#include "cmd/output/json.h"
#include "cmd/output/output_follower_status.h"
#include "cmd/output/output_leader_status.h"
#include "cmd/output/result.h"
#include "core/plan/finding.h"
#include "core/report/report.h"
#include "core/report/report_follower.h"

struct result {
	struct gs_result head;
	const struct gs_leader_status *shares;
	const struct gs_healths *mounts;
	struct gs_findings findings; /* of all of them */
};

static const struct result *of(const struct gs_result *result)
{
	return (const struct result *)result;
}

static const struct gs_findings *findings_of(const struct gs_result *result)
{
	return &of(result)->findings;
}

static int add_text(const struct gs_call *call, const struct gs_result *result, struct gs_str *out,
		    struct gs_err *err)
{
	const struct gs_healths *mounts = of(result)->mounts;

	(void)call, (void)err;
	if (of(result)->shares)
		gs_report_status(of(result)->shares, out);
	for (size_t i = 0; i < mounts->n; i++) {
		gs_str_adds(out, out->len ? "\n" : "");
		gs_health_report(&mounts->v[i], out);
	}
	return 0;
}

static void add_json(const struct gs_result *result, json_t *object)
{
	const struct gs_healths *mounts = of(result)->mounts;
	json_t *list = json_array();

	for (size_t i = 0; i < mounts->n; i++) {
		const struct gs_health *h = &mounts->v[i];
		json_t *one = json_object();

		json_object_set_new(one, "path", gs_output_text_or_null(h->path));
		json_object_set_new(one, "id", h->id[0] ? json_string(h->id) : json_null());
		json_object_set_new(one, "mount", gs_output_mount(h));
		json_array_append_new(list, one);
	}
	json_object_set_new(object, "mounts", list);
	json_object_set_new(object, "shares",
			    of(result)->shares ? gs_output_shares(of(result)->shares)
					       : json_array());
}

int gs_emit_status(const struct gs_call *call, const struct gs_leader_status *shares,
		   const struct gs_healths *mounts, struct gs_err *err)
{
	static const struct gs_result_ops ops = {
		.findings = findings_of,
		.text = add_text,
		.json = add_json,
	};
	size_t n = (shares ? shares->n : 0) + mounts->n;
	struct result result = { .head = { .ops = &ops, .is_many = n > 1 },
				 .shares = shares,
				 .mounts = mounts };
	int r;

	if (shares)
		gs_findings_copy(&shares->findings, &result.findings);
	for (size_t i = 0; i < mounts->n; i++)
		gs_findings_copy(&mounts->v[i].findings, &result.findings);
	r = gs_emit(call, &result.head, err);
	gs_findings_done(&result.findings);
	return r;
}
