/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <jansson.h>
#include <stdio.h>

#include "cmd/output/output_leader_status.h"
#include "cmd/output/result.h"
#include "core/follower/mountpoint.h"
#include "core/format/clusterenv.h"
#include "core/format/fstab.h"
#include "core/fskind/nfs.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/report/report.h"
#include "core/step/step.h"
#include "core/step/steps.h"
#include "core/verify/access_report.h"
#include "core/verify/explain.h"
#include "core/verify/plan_env.h"

/* "gshare/1": data/gshare.schema.json is the contract, and the tests validate against it. */

/* A string that JSON can hold: bytes that are not UTF-8 are escaped as for a terminal. */
static json_t *text_of(struct gs_span bytes)
{
	gs_autostr struct gs_str safe = { 0 };
	json_t *text = json_stringn(bytes.ptr ? bytes.ptr : "", bytes.len);

	if (text)
		return text;
	gs_str_add_safe(&safe, bytes);
	return json_stringn(safe.ptr, safe.len);
}

static json_t *text_or_null(const char *text)
{
	return text ? text_of(gs_span_of(text)) : json_null();
}

static json_t *texts_of(const struct gs_strs *list)
{
	json_t *array = json_array();

	for (size_t i = 0; list && i < list->n; i++)
		json_array_append_new(array, text_of(gs_span_of(list->v[i])));
	return array;
}

static json_t *plan_of(const struct gs_plan *plan, bool offline)
{
	json_t *list = json_array();

	for (size_t i = 0; plan && i < plan->n; i++) {
		const struct gs_step *step = &plan->v[i];
		gs_autostr struct gs_str command = { 0 };
		json_t *object = json_object();

		gs_step_command(step, &command);
		json_object_set_new(object, "step", json_string(gs_step_name(step->kind)));
		json_object_set_new(object, "path", text_or_null(step->path));
		json_object_set_new(object, "why", text_or_null(step->why));
		json_object_set_new(object, "command", text_of(gs_str_span(&command)));
		json_object_set_new(object, "skipped",
				    json_boolean(offline && !gs_step_is_offline(step)));
		json_array_append_new(list, object);
	}
	return list;
}

static void add_finding(json_t *list, const char *severity, const char *id, const char *text,
			const char *mend)
{
	json_t *object = json_object();

	json_object_set_new(object, "severity", json_string(severity));
	json_object_set_new(object, "id", text_or_null(id));
	json_object_set_new(object, "text", text_or_null(text));
	json_object_set_new(object, "mend", text_or_null(mend));
	json_array_append_new(list, object);
}

static void add_findings(json_t *list, const struct gs_findings *findings)
{
	for (size_t i = 0; i < findings->n; i++)
		add_finding(list, gs_severity_name(findings->v[i].severity), findings->v[i].id,
			    findings->v[i].text, findings->v[i].mend);
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
	json_object_set_new(object, "LOCAL_DATASET_CACHE_DIR", text_of(gs_span_of(dir)));
	json_object_set_new(object, "POSTGRES_HOST", text_of(gs_span_of(env->postgres_host)));
	return object;
}

static json_t *refused_of(const struct gs_row *row)
{
	json_t *array = json_array();

	for (size_t i = 0; i < row->n_refused; i++) {
		const struct gs_refusal *refusal = &row->refused[i];
		json_t *object = json_object();

		json_object_set_new(object, "path", text_or_null(refusal->dir));
		json_object_set_new(object, "act", json_string(gs_act_name(refusal->act)));
		json_object_set_new(object, "error", json_string(gs_errno_text(refusal->error)));
		json_object_set_new(object, "reason", json_string(gs_reason_name(refusal->reason)));
		json_object_set_new(object, "why", text_or_null(refusal->why));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *row_of(const struct gs_survey *survey, const struct gs_row *row)
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
	json_object_set_new(object, "squash", text_or_null(gs_row_squash(survey, row)));
	json_object_set_new(object, "readonly", json_boolean(row->readonly));
	json_object_set_new(object, "refused", refused_of(row));
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
	json_object_set_new(object, "why", text_or_null(seen->why));
	json_object_set_new(object, "lag_s", json_integer(seen->lag_s));
	return object;
}

static json_t *number_or_null(unsigned number)
{
	return number ? json_integer(number) : json_null();
}

/* Of follower status; null is what is not known. */
static json_t *mount_of(const struct gs_health *h)
{
	const struct gs_mountstats *s = &h->stats;
	json_t *object = json_object();
	struct gs_span version = { 0 };
	struct gs_transfer transfer = { 0 };
	bool has_version = h->is_nfs && gs_mountopt_get(h->mount.options, "vers", &version);

	json_object_set_new(object, "mounted", json_boolean(h->is_mounted));
	json_object_set_new(object, "source", text_or_null(h->mount.source));
	json_object_set_new(object, "type", text_or_null(h->mount.type));
	json_object_set_new(object, "version", has_version ? text_of(version) : json_null());
	json_object_set_new(object, "access",
			    h->is_mounted ? json_string(gs_health_is_ro(h) ? "ro" : "rw")
					  : json_null());
	json_object_set_new(object, "asked",
			    h->is_kept ? json_string(h->asked_ro ? "ro" : "rw") : json_null());
	json_object_set_new(object, "kept", json_boolean(h->is_kept));
	json_object_set_new(object, "kept_id", h->kept[0] ? json_string(h->kept) : json_null());
	json_object_set_new(object, "guarded",
			    h->bare.type != GS_NODE_ABSENT ? json_boolean(h->bare.is_guarded)
							   : json_null());
	json_object_set_new(object, "guard_unseen",
			    text_or_null(h->unseen.code ? h->unseen.msg : NULL));
	json_object_set_new(object, "read_ahead_kib",
			    h->ahead_kib ? json_integer(h->ahead_kib) : json_null());
	json_object_set_new(object, "server", json_string(gs_answer_name(h->reached)));
	json_object_set_new(object, "says", json_string(gs_mount_says_name(h->says)));
	json_object_set_new(object, "rtt_us",
			    h->reached == GS_ANSWER_YES ? json_integer(h->rtt_us) : json_null());
	json_object_set_new(object, "connections",
			    h->has_stats ? json_integer(s->connections) : json_null());
	gs_mountpoint_transfer(h->is_nfs ? h->mount.options : "", h->asked, &transfer);
	json_object_set_new(object, "asked_connections",
			    number_or_null(transfer.asked_connections));
	json_object_set_new(object, "rsize", number_or_null(transfer.rsize));
	json_object_set_new(object, "wsize", number_or_null(transfer.wsize));
	json_object_set_new(object, "requests",
			    h->has_stats ? json_integer((json_int_t)s->requests) : json_null());
	json_object_set_new(object, "retransmitted",
			    h->has_stats ? json_integer((json_int_t)s->retransmitted)
					 : json_null());
	json_object_set_new(object, "timeouts",
			    h->has_stats ? json_integer((json_int_t)s->timeouts) : json_null());
	return object;
}

/* Of leader repair: lists as long as the text's, the counts tell of more. */
static json_t *repair_of(const struct gs_repair *repair)
{
	json_t *object = json_object(), *given = json_array(), *left = json_array();

	for (size_t i = 0; i < repair->give.n; i++) {
		const struct gs_repair_line *line = &repair->give.v[i];
		json_t *entry = json_object();
		char mode[8];

		snprintf(mode, sizeof mode, "%04o", line->mode);
		json_object_set_new(entry, "path", text_of(gs_span_of(line->path)));
		json_object_set_new(entry, "type",
				    json_string(line->is_dir ? "directory" : "file"));
		json_object_set_new(entry, "uid", json_integer(line->uid));
		json_object_set_new(entry, "gid", json_integer(line->gid));
		json_object_set_new(entry, "mode", json_string(mode));
		json_array_append_new(given, entry);
	}
	for (size_t i = 0; i < repair->left.n; i++) {
		json_t *entry = json_object();

		json_object_set_new(entry, "path", text_of(gs_span_of(repair->left.v[i].path)));
		json_object_set_new(entry, "why", json_string(repair->left.v[i].why));
		json_array_append_new(left, entry);
	}
	json_object_set_new(object, "files", json_integer((json_int_t)repair->files));
	json_object_set_new(object, "directories", json_integer((json_int_t)repair->dirs));
	json_object_set_new(object, "left", json_integer((json_int_t)repair->n_left));
	json_object_set_new(object, "cut", json_boolean(repair->cut));
	json_object_set_new(object, "given", given);
	json_object_set_new(object, "kept", left);
	return object;
}

static json_t *switch_of(const struct gs_result *result)
{
	const struct gs_plan *plan = result->plan;
	bool known = result->done && result->done->in_force;
	json_t *object = json_object(), *list = json_array();

	for (size_t i = 0; i < plan->n_changes; i++)
		json_array_append_new(list,
				      json_pack("{s:s, s:s, s:s}", "host", plan->change[i].host,
						"from", gs_access_name(plan->change[i].from), "to",
						gs_access_name(plan->change[i].to)));
	json_object_set_new(object, "changes", list);
	json_object_set_new(object, "in_force_ms",
			    known ? json_integer(result->done->in_force_ms) : json_null());
	json_object_set_new(object, "waited_ms",
			    known ? json_integer(result->done->drained_ms) : json_null());
	json_object_set_new(object, "open", texts_of(known ? &result->done->open.names : NULL));
	json_object_set_new(object, "open_files",
			    known && !result->done->open_unknown
				    ? json_integer((json_int_t)result->done->open.n)
				    : json_null());
	return object;
}

static json_t *start(const struct gs_call *call, int status, bool changed)
{
	json_t *object = json_object();

	json_object_set_new(object, "schema", json_string("gshare/1"));
	json_object_set_new(object, "command", text_or_null(call->name ? call->name : ""));
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

/* A dry run's plan would change; a plan of proofs alone changes nothing. */
static bool does_change(const struct gs_result *result)
{
	return result->plan && gs_plan_changes(result->plan);
}

/* The share's id, where it has one. */
static const char *id_of(const struct gs_result *result)
{
	if (result->health)
		return result->health->id[0] ? result->health->id : NULL;
	if (result->survey)
		return result->survey->id[0] ? result->survey->id : NULL;
	return result->plan ? result->plan->proof.id : NULL;
}

char *gs_json_result(const struct gs_call *call, const struct gs_result *result)
{
	json_t *object = start(call, gs_result_has_failure(result) ? 3 : 0, does_change(result));
	json_t *findings = json_array(), *rows;

	json_object_set_new(object, "dry_run", json_boolean(call->dry_run));
	json_object_set_new(object, "path", text_or_null(result->path));
	json_object_set_new(object, "offline", json_boolean(result->offline));
	json_object_set_new(object, "id", text_or_null(id_of(result)));
	json_object_set_new(object, "plan", plan_of(result->plan, result->offline));
	json_object_set_new(object, "run",
			    result->done && result->done->run ? json_integer(result->done->run)
							      : json_null());
	json_object_set_new(object, "proved",
			    texts_of(result->done ? &result->done->proved : NULL));
	json_object_set_new(object, "next", texts_of(result->plan ? &result->plan->next : NULL));
	add_findings(findings, &call->recovered);
	if (result->plan)
		add_findings(findings, &result->plan->findings);
	if (result->done)
		add_findings(findings, &result->done->findings);
	if (result->survey)
		add_findings(findings, &result->survey->findings);
	if (result->health) {
		add_findings(findings, &result->health->findings);
		json_object_set_new(object, "mount", mount_of(result->health));
	}
	json_object_set_new(object, "findings", findings);
	json_object_set_new(object, "env", env_of(result->env));
	if (result->status) {
		add_findings(findings, &result->status->findings);
		json_object_set_new(object, "shares", gs_json_shares(result->status));
	}
	if (result->repair)
		json_object_set_new(object, "repair", repair_of(result->repair));
	if (result->findings)
		add_findings(findings, result->findings);
	if (result->runs)
		json_object_set_new(object, "runs", gs_json_runs(result->runs));
	if (result->is_switch)
		json_object_set_new(object, "switch", switch_of(result));
	if (result->survey) {
		rows = json_array();
		for (size_t i = 0; i < result->survey->n; i++)
			json_array_append_new(rows,
					      row_of(result->survey, &result->survey->row[i]));
		json_object_set_new(object, "access", rows);
		json_object_set_new(object, "seen", seen_of(&result->survey->seen));
		json_object_set_new(object, "path", text_or_null(result->survey->path));
	}
	return finish(object);
}

char *gs_json_error(const struct gs_call *call, const struct gs_err *err, int status)
{
	json_t *object = start(call, status, err->code == -GS_E_LEFT || err->code == -GS_E_PARTLY);
	json_t *findings = json_array();

	add_findings(findings, &call->recovered);
	add_finding(findings, "fail", err->id, err->msg, err->mend[0] ? err->mend : NULL);
	json_object_set_new(object, "plan", json_array());
	json_object_set_new(object, "findings", findings);
	json_object_set_new(object, "env", json_object());
	return finish(object);
}
