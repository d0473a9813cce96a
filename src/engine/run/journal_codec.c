/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/run/journal_codec.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/report/report.h"
#include "core/step/step.h"
#include "core/step/steps.h"
#include "engine/step/json.h"
#include "engine/step/steps.h"

#define SCHEMA "gshare-journal/1"

static json_t *steps_of(const struct gs_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n; i++) {
		const struct gs_step *step = &plan->v[i];
		json_t *o = json_object();

		json_object_set_new(o, "step", json_string(gs_step_name(step->kind)));
		json_object_set_new(o, "path", gs_json_text(step->path));
		json_object_set_new(o, "why", gs_json_text(step->why));
		if (gs_step_ops_of(step->kind)->put)
			gs_step_ops_of(step->kind)->put(o, step);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *exports_of(const struct gs_exports_change *change)
{
	json_t *list = json_array();

	for (size_t i = 0; i < change->n; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "path", gs_json_text(change->predict[i].path));
		json_object_set_new(o, "host", gs_json_text(change->predict[i].host));
		json_array_append_new(list, o);
	}
	return list;
}

static void dump_line(json_t *o, struct gs_str *out)
{
	char *line = json_dumps(o, JSON_COMPACT);

	gs_str_adds(out, line ? line : "{}");
	gs_str_addc(out, '\n');
	free(line);
	json_decref(o);
}

void gs_record_encode(const struct gs_run *run, struct gs_str *out)
{
	const struct gs_plan *plan = &run->plan;
	json_t *o = json_object();

	json_object_set_new(o, "schema", json_string(SCHEMA));
	json_object_set_new(o, "id", json_integer(run->id));
	json_object_set_new(o, "time", gs_json_text(run->time));
	json_object_set_new(o, "by", gs_json_text(run->by));
	json_object_set_new(o, "command", gs_json_texts(&run->command));
	json_object_set_new(o, "undoes", json_integer(plan->undoes));
	json_object_set_new(o, "etab",
			    plan->exports.etab_known
				    ? gs_json_bytes(gs_str_span(&plan->exports.etab_before))
				    : json_null());
	json_object_set_new(o, "exports", exports_of(&plan->exports));
	json_object_set_new(o, "steps", steps_of(plan));
	dump_line(o, out);
}

void gs_record_encode_end(enum gs_run_state state, const struct gs_strs *left, struct gs_str *out)
{
	json_t *o = json_object();

	json_object_set_new(o, "end", json_string(gs_run_state_name(state)));
	json_object_set_new(o, "left", gs_json_texts(left));
	dump_line(o, out);
}

static bool get_texts(const json_t *o, const char *key, struct gs_plan *plan, struct gs_strs *ret)
{
	const json_t *list = json_object_get(o, key);

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct gs_span text = { 0 };

		if (!gs_json_get_span(json_array_get(list, i), plan, &text) ||
		    gs_span_has_nul(text))
			return false;
		gs_strs_add(ret, text.ptr);
	}
	return json_is_array(list);
}

static bool get_step(const json_t *o, struct gs_plan *plan)
{
	const char *name = NULL, *path = NULL, *why = NULL;
	enum gs_step_kind kind = GS_STEP_VERIFY;
	struct gs_step *step;

	if (!gs_json_get_text(o, "step", plan, &name) || !gs_step_kind_find(name, &kind) ||
	    !gs_json_get_text(o, "path", plan, &path) || !gs_json_get_text(o, "why", plan, &why))
		return false;
	step = gs_plan_step(plan, kind, path, why);
	return !gs_step_ops_of(kind)->get || gs_step_ops_of(kind)->get(o, plan, step);
}

static bool get_export(const json_t *o, struct gs_plan *plan)
{
	const char *path = NULL, *host = NULL;

	if (!gs_json_get_text(o, "path", plan, &path) || !gs_json_get_text(o, "host", plan, &host))
		return false;
	gs_exports_predict(&plan->exports, path, host);
	return true;
}

static bool get_list(const json_t *o, const char *key, struct gs_plan *plan,
		     bool (*get)(const json_t *, struct gs_plan *))
{
	const json_t *list = json_object_get(o, key);

	for (size_t i = 0; i < json_array_size(list); i++)
		if (!get(json_array_get(list, i), plan))
			return false;
	return json_is_array(list);
}

static bool get_etab(const json_t *o, struct gs_plan *plan)
{
	const json_t *etab = json_object_get(o, "etab");
	struct gs_span text = { 0 };

	plan->exports.etab_known = !json_is_null(etab);
	if (plan->exports.etab_known && !gs_json_get_span(etab, plan, &text))
		return false;
	gs_str_add(&plan->exports.etab_before, text);
	return true;
}

/* Returns NULL, or the key that is missing or wrong. */
static const char *get_run(const json_t *o, struct gs_run *run)
{
	struct gs_plan *plan = &run->plan;
	const char *schema = "", *time = NULL, *by = NULL;

	if (!gs_json_get_text(o, "schema", plan, &schema) || strcmp(schema, SCHEMA) != 0)
		return "schema";
	if (!gs_json_get_number(o, "id", UINT32_MAX - 1, &run->id) || !run->id)
		return "id";
	if (!gs_json_get_text(o, "time", plan, &time))
		return "time";
	if (!gs_json_get_text(o, "by", plan, &by))
		return "by";
	if (!get_texts(o, "command", plan, &run->command))
		return "command";
	if (!gs_json_get_number(o, "undoes", UINT32_MAX - 1, &plan->undoes))
		return "undoes";
	if (!get_etab(o, plan))
		return "etab";
	if (!get_list(o, "exports", plan, get_export))
		return "exports";
	if (!get_list(o, "steps", plan, get_step))
		return "steps";
	run->time = gs_strdup(time);
	run->by = gs_strdup(by);
	return NULL;
}

static const char *get_end(const json_t *o, struct gs_run *run)
{
	const char *end = NULL;

	if (!gs_json_get_text(o, "end", &run->plan, &end) || !gs_run_state_find(end, &run->state) ||
	    run->state == GS_RUN_UNFINISHED)
		return "end";
	return get_texts(o, "left", &run->plan, &run->left) ? NULL : "left";
}

static int unreadable(const char *path, unsigned line, const char *what, const char *why,
		      struct gs_err *err)
{
	gs_err_set(err, EBADMSG, "%s:%u: %s'%s'", path, line, what, why);
	return gs_err_cause(err, "RUN_UNREADABLE");
}

static int decode_line(struct gs_span line, unsigned number, const char *path, struct gs_run *run,
		       struct gs_err *err)
{
	json_error_t bad = { .text = "" };
	json_t *o = json_loadb(line.ptr ? line.ptr : "", line.len,
			       JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &bad);
	const char *wrong;

	if (!o) {
		gs_autostr struct gs_str safe = { 0 };

		gs_str_add_safe(&safe, gs_span_of(bad.text));
		return unreadable(path, number, "no JSON: ", safe.ptr ? safe.ptr : "", err);
	}
	wrong = number == 1 ? get_run(o, run) : get_end(o, run);
	json_decref(o);
	return wrong ? unreadable(path, number, "not a record: it has no usable ", wrong, err) : 0;
}

int gs_record_decode(struct gs_span text, const char *path, struct gs_run *ret, struct gs_err *err)
{
	const char *newline = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
	size_t head = newline ? (size_t)(newline - text.ptr) + 1 : text.len;
	GS_AUTO(gs_run_done) struct gs_run run = { .head_bytes = head };
	struct gs_span rest = gs_span_from(text, head);

	if (decode_line(gs_span(text.ptr, newline ? head - 1 : head), 1, path, &run, err) < 0)
		return err->code;
	/* An end line without a newline was torn by a power cut: it counts as absent. */
	if (newline && rest.len && rest.ptr[rest.len - 1] == '\n' &&
	    decode_line(gs_span(rest.ptr, rest.len - 1), 2, path, &run, err) < 0)
		return err->code;
	*ret = run;
	run = (struct gs_run){ 0 };
	return 0;
}

bool gs_record_is_over(struct gs_span text, uint32_t id, enum gs_run_state *ret_state)
{
	gs_autofree char *head = gs_printf("{\"schema\":\"" SCHEMA "\",\"id\":%u,", id);
	const char *newline = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
	GS_AUTO(gs_run_done) struct gs_run run = { 0 };
	struct gs_err unsaid = { 0 };
	struct gs_span end;

	if (!newline || !gs_span_has_prefix(text, head) || text.ptr[text.len - 1] != '\n')
		return false;
	end = gs_span_from(text, (size_t)(newline - text.ptr) + 1);
	if (!end.len || decode_line(gs_span(end.ptr, end.len - 1), 2, "", &run, &unsaid) < 0 ||
	    (run.state != GS_RUN_DONE && run.state != GS_RUN_ROLLED_BACK))
		return false;
	*ret_state = run.state;
	return true;
}
