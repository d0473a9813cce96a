/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cmd/output/object.h"

#include "cmd/output/json.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "core/step/steps.h"

static json_t *plan_of(const struct gs_plan *plan, bool offline)
{
	json_t *list = json_array();

	for (size_t i = 0; plan && i < plan->n; i++) {
		const struct gs_step *step = &plan->v[i];
		gs_autostr struct gs_str command = { 0 };
		json_t *object = json_object();

		gs_step_command(step, &command);
		json_object_set_new(object, "step", json_string(gs_step_name(step->kind)));
		json_object_set_new(object, "path", gs_output_text_or_null(step->path));
		json_object_set_new(object, "why", gs_output_text_or_null(step->why));
		json_object_set_new(object, "command", gs_output_text(gs_str_span(&command)));
		json_object_set_new(object, "skipped",
				    json_boolean(offline && !gs_step_is_offline(step)));
		json_array_append_new(list, object);
	}
	return list;
}

static json_t *env_of(const struct gs_env *env)
{
	json_t *object = json_object();
	gs_autofree char *dir = NULL;
	size_t n;

	if (!env)
		return object;
	n = gs_span_of(env->dataset_dir).len;
	dir = gs_printf("%s%s", env->dataset_dir, env->dataset_dir[n - 1] == '/' ? "" : "/");
	json_object_set_new(object, "ENABLE_CLUSTER_MODE", json_string("true"));
	json_object_set_new(object, "NODE_TYPE",
			    json_string(env->is_leader ? "leader" : "follower"));
	json_object_set_new(object, "LOCAL_DATASET_CACHE_DIR", gs_output_text(gs_span_of(dir)));
	json_object_set_new(object, "POSTGRES_HOST",
			    gs_output_text(gs_span_of(env->postgres_host)));
	return object;
}

static json_t *findings_of(const struct gs_call *call, const struct gs_result *result)
{
	const struct gs_findings *list[GS_RESULT_LISTS];
	size_t n = gs_result_findings(result, list);
	json_t *findings = json_array();

	gs_output_add_findings(findings, &call->recovered);
	for (size_t i = 0; i < n; i++)
		gs_output_add_findings(findings, list[i]);
	return findings;
}

static json_t *start(const struct gs_call *call, int status, bool changed)
{
	json_t *object = json_object();

	json_object_set_new(object, "schema", json_string("gshare/1"));
	json_object_set_new(object, "command",
			    gs_output_text_or_null(call->name ? call->name : ""));
	json_object_set_new(object, "ok", json_boolean(status == 0));
	json_object_set_new(object, "status", json_integer(status));
	json_object_set_new(object, "changed", json_boolean(changed));
	return object;
}

static char *finish(json_t *object)
{
	char *text = json_dumps(object, JSON_INDENT(2));

	json_decref(object);
	return text ? text : gs_strdup("{}");
}

static void add_change(const struct gs_change *change, json_t *object)
{
	const struct gs_plan *plan = change->plan;
	const struct gs_done *done = change->done;

	json_object_set_new(object, "plan", plan_of(plan, change->offline));
	json_object_set_new(object, "run", gs_output_number_or_null(done ? done->run : 0));
	json_object_set_new(object, "verified", gs_output_texts(done ? &done->verified : NULL));
	json_object_set_new(object, "next", gs_output_texts(plan ? &plan->next : NULL));
}

static void add_cause(const struct gs_result *result, json_t *object)
{
	bool more;
	const char *cause = gs_result_cause(result, &more);

	if (cause)
		json_object_set_new(object, "cause", json_string(cause));
}

char *gs_object_result(const struct gs_call *call, const struct gs_result *result)
{
	const struct gs_result_ops *ops = result->ops;
	const struct gs_change *change = &result->change;
	/* "changed" of a dry run: the plan would change something; verifying changes nothing. */
	json_t *object = start(call, gs_result_has_failure(result) ? 3 : 0,
			       change->plan && gs_plan_changes(change->plan));

	json_object_set_new(object, "dry_run", json_boolean(call->dry_run));
	json_object_set_new(object, "path", gs_output_text_or_null(result->path));
	json_object_set_new(object, "offline", json_boolean(change->offline));
	json_object_set_new(object, "id", gs_output_text_or_null(result->id));
	add_change(change, object);
	if (ops->json_early)
		ops->json_early(result, object);
	json_object_set_new(object, "findings", findings_of(call, result));
	json_object_set_new(object, "env", env_of(change->env));
	if (ops->json)
		ops->json(result, object);
	if (!ops->names_cause)
		add_cause(result, object);
	return finish(object);
}

char *gs_object_error(const struct gs_call *call, const struct gs_err *err, int status)
{
	json_t *object = start(call, status,
			       call->kept || err->code == -GS_E_LEFT || err->code == -GS_E_PARTLY);
	json_t *findings = json_array();

	gs_output_add_findings(findings, &call->recovered);
	gs_output_add_finding(findings, "fail", err->id, err->msg, err->fix[0] ? err->fix : NULL);
	json_object_set_new(object, "plan", json_array());
	json_object_set_new(object, "findings", findings);
	json_object_set_new(object, "env", json_object());
	return finish(object);
}
