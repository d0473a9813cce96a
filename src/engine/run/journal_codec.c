/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/run/journal_codec.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "core/format/diff.h"
#include "core/format/envmask.h"
#include "core/plan/plan.h"
#include "core/report/report.h"
#include "engine/step/base64.h"

#define SCHEMA "gshare-journal/1"

/* ---- writing ----------------------------------------------------------------------------- */

static json_t *bytes_of(struct gs_span bytes)
{
	gs_autostr struct gs_str text = { 0 };
	json_t *string = NULL, *object;

	if (!gs_span_has_nul(bytes))
		string = json_stringn(bytes.ptr ? bytes.ptr : "", bytes.len);
	if (string)
		return string;
	object = json_object();
	gs_base64_add(&text, bytes);
	json_object_set_new(object, "base64", json_stringn(text.ptr, text.len));
	return object;
}

static json_t *text_of(const char *text)
{
	return text ? bytes_of(gs_span_of(text)) : json_null();
}

static json_t *texts_of(const struct gs_strs *list)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->n; i++)
		json_array_append_new(array, text_of(list->v[i]));
	return array;
}

static void put_spec(json_t *o, const struct gs_dir_spec *spec)
{
	json_object_set_new(o, "mode", json_integer(spec->mode));
	json_object_set_new(o, "uid", json_integer(spec->uid));
	json_object_set_new(o, "gid", json_integer(spec->gid));
	json_object_set_new(o, "acl_access", text_of(spec->acl_access));
	json_object_set_new(o, "acl_default", text_of(spec->acl_default));
}

static void put_dir(json_t *o, const struct gs_step *step)
{
	put_spec(o, &step->dir);
}

static void put_dress(json_t *o, const struct gs_step *step)
{
	json_t *from = json_object(), *to = json_object();

	put_spec(from, &step->dress.from);
	put_spec(to, &step->dress.to);
	json_object_set_new(o, "from", from);
	json_object_set_new(o, "to", to);
}

static void put_account(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "id", json_integer(step->account.id));
}

/* A mask: our lines as strings, and how many of others stand between them. */
static json_t *mask_of(struct gs_span mask)
{
	json_t *o = json_object(), *lines = json_array();
	bool ended = !mask.len || mask.ptr[mask.len - 1] == '\n';
	json_int_t others = 0;

	while (mask.len) {
		struct gs_span line = gs_diff_take_line(&mask);
		bool is_other = gs_envmask_is_other(line);

		others += is_other;
		if (others && (!is_other || !mask.len)) {
			json_array_append_new(lines, json_integer(others));
			others = 0;
		}
		if (is_other)
			continue;
		line.len -= line.ptr[line.len - 1] == '\n';
		json_array_append_new(lines, bytes_of(line));
	}
	json_object_set_new(o, "lines", lines);
	json_object_set_new(o, "ended", json_boolean(ended));
	return o;
}

static json_t *text_of_file(const struct gs_step *step, struct gs_span text)
{
	gs_autostr struct gs_str mask = { 0 };

	if (step->write.masked)
		return mask_of(text);
	if (!step->write.secret)
		return bytes_of(text);
	gs_envmask(text, &mask);
	return mask_of(gs_str_span(&mask));
}

static void put_write(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "old",
			    step->write.old_exists ? text_of_file(step, step->write.old)
						   : json_null());
	json_object_set_new(
		o, "new", step->write.remove ? json_null() : text_of_file(step, step->write.text));
	json_object_set_new(o, "mode", json_integer(step->write.mode));
}

static void put_server(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "was_running", json_boolean(step->server.was_running));
	json_object_set_new(o, "was_enabled", json_boolean(step->server.was_enabled));
}

static void put_mount(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "source", text_of(step->mount.source));
	json_object_set_new(o, "type", text_of(step->mount.type));
	json_object_set_new(o, "options", text_of(step->mount.options));
}

static void put_umount(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "source", text_of(step->umount.source));
	json_object_set_new(o, "type", text_of(step->umount.type));
	json_object_set_new(o, "options", text_of(step->umount.options));
	json_object_set_new(o, "force", json_boolean(step->umount.force));
	json_object_set_new(o, "lazy", json_boolean(step->umount.lazy));
	json_object_set_new(o, "ahead_kib", json_integer(step->umount.ahead_kib));
}

static void put_remount(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "was", text_of(step->remount.was));
	json_object_set_new(o, "flags", text_of(step->remount.flags));
}

static void put_guard(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "on", json_boolean(step->guard.on));
}

static void put_ahead(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "kib", json_integer(step->ahead.kib));
	json_object_set_new(o, "was_kib", json_integer(step->ahead.was_kib));
}

static void put_repair(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "uid", json_integer(step->repair.uid));
	json_object_set_new(o, "gid", json_integer(step->repair.gid));
}

/* ---- reading ----------------------------------------------------------------------------- */

static bool get_span(const json_t *value, struct gs_plan *plan, struct gs_span *ret)
{
	const json_t *base64 = json_object_get(value, "base64");
	gs_autostr struct gs_str bytes = { 0 };

	if (json_is_string(value))
		gs_str_add(&bytes, gs_span(json_string_value(value), json_string_length(value)));
	else if (!json_is_string(base64) ||
		 !gs_base64_parse(gs_span(json_string_value(base64), json_string_length(base64)),
				  &bytes))
		return false;
	*ret = gs_span(gs_plan_keep(plan, gs_str_span(&bytes)), bytes.len);
	return true;
}

/* A text that is to be a C string. */
static bool get_text(const json_t *o, const char *key, struct gs_plan *plan, const char **ret)
{
	struct gs_span text = { 0 };

	if (!get_span(json_object_get(o, key), plan, &text) || gs_span_has_nul(text))
		return false;
	*ret = text.ptr;
	return true;
}

static bool get_text_or_null(const json_t *o, const char *key, struct gs_plan *plan,
			     const char **ret)
{
	return json_is_null(json_object_get(o, key)) || get_text(o, key, plan, ret);
}

static bool get_number(const json_t *o, const char *key, json_int_t max, uint32_t *ret)
{
	const json_t *value = json_object_get(o, key);

	if (!json_is_integer(value) || json_integer_value(value) < 0 ||
	    json_integer_value(value) > max)
		return false;
	*ret = (uint32_t)json_integer_value(value);
	return true;
}

static bool get_bool(const json_t *o, const char *key, bool *ret)
{
	const json_t *value = json_object_get(o, key);

	*ret = json_is_true(value);
	return json_is_boolean(value);
}

static bool get_spec(const json_t *o, struct gs_plan *plan, struct gs_dir_spec *spec)
{
	return get_number(o, "mode", 07777, &spec->mode) &&
	       get_number(o, "uid", UINT32_MAX, &spec->uid) &&
	       get_number(o, "gid", UINT32_MAX, &spec->gid) &&
	       get_text_or_null(o, "acl_access", plan, &spec->acl_access) &&
	       get_text_or_null(o, "acl_default", plan, &spec->acl_default);
}

static bool get_dir(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return get_spec(o, plan, &step->dir);
}

static bool get_dress(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return get_spec(json_object_get(o, "from"), plan, &step->dress.from) &&
	       get_spec(json_object_get(o, "to"), plan, &step->dress.to);
}

static bool get_account(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return get_number(o, "id", UINT32_MAX, &step->account.id);
}

static bool add_mask_line(const json_t *value, struct gs_plan *plan, size_t *n, struct gs_str *out)
{
	json_int_t others = json_integer_value(value);
	struct gs_span line = { 0 };

	if (!json_is_integer(value)) {
		if (!get_span(value, plan, &line) || gs_span_has_nul(line) ||
		    (line.len && memchr(line.ptr, '\n', line.len)))
			return false;
		gs_str_add(out, line);
		gs_str_addc(out, '\n');
		return ++*n <= GS_ENVMASK_LINES_MAX;
	}
	if (others < 1 || others > GS_ENVMASK_LINES_MAX - (json_int_t)*n)
		return false;
	*n += (size_t)others;
	while (others-- > 0)
		gs_str_add(out, gs_span("\0\n", 2));
	return true;
}

/* @ret_is: is it a mask, and not a text? */
static bool get_mask(const json_t *value, struct gs_plan *plan, bool *ret_is, struct gs_span *ret)
{
	const json_t *lines = json_object_get(value, "lines");
	gs_autostr struct gs_str mask = { 0 };
	bool ended = false;
	size_t n = 0;

	*ret_is = lines != NULL;
	if (!lines)
		return get_span(value, plan, ret);
	if (!json_is_array(lines) || !get_bool(value, "ended", &ended))
		return false;
	for (size_t i = 0; i < json_array_size(lines); i++)
		if (!add_mask_line(json_array_get(lines, i), plan, &n, &mask))
			return false;
	/* The last line lacks its end, and is not the empty one that would then be no line. */
	if (!ended && (mask.len < 2 || mask.ptr[mask.len - 2] == '\n'))
		return false;
	mask.len -= !ended;
	*ret = gs_span(gs_plan_keep(plan, gs_str_span(&mask)), mask.len);
	return true;
}

static bool get_write(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	const json_t *old = json_object_get(o, "old"), *text = json_object_get(o, "new");
	bool old_is_mask = false, is_mask = false;

	step->write.old_exists = !json_is_null(old);
	step->write.remove = json_is_null(text);
	if ((step->write.old_exists && !get_mask(old, plan, &old_is_mask, &step->write.old)) ||
	    (!step->write.remove && !get_mask(text, plan, &is_mask, &step->write.text)) ||
	    (!step->write.old_exists && step->write.remove) ||
	    !get_number(o, "mode", 07777, &step->write.mode))
		return false;
	step->write.masked = step->write.secret = old_is_mask || is_mask;
	return !step->write.masked ||
	       ((old_is_mask || !step->write.old_exists) && (is_mask || step->write.remove) &&
		gs_envmask_fits(step->write.old, step->write.text));
}

static bool get_server(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return get_bool(o, "was_running", &step->server.was_running) &&
	       get_bool(o, "was_enabled", &step->server.was_enabled);
}

static bool get_mount(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return get_text(o, "source", plan, &step->mount.source) &&
	       get_text(o, "type", plan, &step->mount.type) &&
	       get_text(o, "options", plan, &step->mount.options);
}

static bool get_umount(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return get_text(o, "source", plan, &step->umount.source) &&
	       get_text(o, "type", plan, &step->umount.type) &&
	       get_text(o, "options", plan, &step->umount.options) &&
	       get_bool(o, "force", &step->umount.force) &&
	       get_bool(o, "lazy", &step->umount.lazy) &&
	       get_number(o, "ahead_kib", UINT32_MAX, &step->umount.ahead_kib);
}

static bool get_remount(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	return get_text(o, "was", plan, &step->remount.was) &&
	       get_text(o, "flags", plan, &step->remount.flags);
}

static bool get_guard(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return get_bool(o, "on", &step->guard.on);
}

static bool get_ahead(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return get_number(o, "kib", UINT32_MAX, &step->ahead.kib) &&
	       get_number(o, "was_kib", UINT32_MAX, &step->ahead.was_kib);
}

static bool get_repair(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return get_number(o, "uid", UINT32_MAX, &step->repair.uid) &&
	       get_number(o, "gid", UINT32_MAX, &step->repair.gid);
}

/* What a kind of step has beside path and why; both directions in one row. */
static const struct {
	void (*put)(json_t *, const struct gs_step *);
	bool (*get)(const json_t *, struct gs_plan *, struct gs_step *);
} kinds[GS_STEP_KINDS] = {
	[GS_STEP_ADD_ACCOUNT] = { put_account, get_account },
	[GS_STEP_MAKE_DIR] = { put_dir, get_dir },
	[GS_STEP_CHECK_EXPORTS] = { NULL, NULL },
	[GS_STEP_DRAIN] = { NULL, NULL },
	[GS_STEP_WRITE_FILE] = { put_write, get_write },
	[GS_STEP_START_SERVER] = { put_server, get_server },
	[GS_STEP_APPLY_EXPORTS] = { NULL, NULL },
	[GS_STEP_STAGE] = { put_mount, get_mount },
	[GS_STEP_GUARD] = { put_guard, get_guard },
	[GS_STEP_MOUNT] = { put_mount, get_mount },
	[GS_STEP_READ_AHEAD] = { put_ahead, get_ahead },
	[GS_STEP_PROVE] = { NULL, NULL },
	[GS_STEP_UMOUNT] = { put_umount, get_umount },
	[GS_STEP_REMOUNT] = { put_remount, get_remount },
	[GS_STEP_RENEW] = { put_umount, get_umount },
	[GS_STEP_REPAIR] = { put_repair, get_repair },
	[GS_STEP_STOP_SERVER] = { put_server, get_server },
	[GS_STEP_REMOVE_DIR] = { put_dir, get_dir },
	[GS_STEP_DRESS_DIR] = { put_dress, get_dress },
};

/* ---- the run ----------------------------------------------------------------------------- */

static json_t *steps_of(const struct gs_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n; i++) {
		const struct gs_step *step = &plan->v[i];
		json_t *o = json_object();

		json_object_set_new(o, "step", json_string(gs_step_name(step->kind)));
		json_object_set_new(o, "path", text_of(step->path));
		json_object_set_new(o, "why", text_of(step->why));
		if (kinds[step->kind].put)
			kinds[step->kind].put(o, step);
		json_array_append_new(list, o);
	}
	return list;
}

static json_t *exports_of(const struct gs_plan *plan)
{
	json_t *list = json_array();

	for (size_t i = 0; i < plan->n_predict; i++) {
		json_t *o = json_object();

		json_object_set_new(o, "path", text_of(plan->predict[i].path));
		json_object_set_new(o, "host", text_of(plan->predict[i].host));
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
	json_object_set_new(o, "time", text_of(run->time));
	json_object_set_new(o, "by", text_of(run->by));
	json_object_set_new(o, "command", texts_of(&run->command));
	json_object_set_new(o, "undoes", json_integer(plan->undoes));
	json_object_set_new(o, "etab",
			    plan->etab_known ? bytes_of(gs_str_span(&plan->etab_before))
					     : json_null());
	json_object_set_new(o, "exports", exports_of(plan));
	json_object_set_new(o, "steps", steps_of(plan));
	dump_line(o, out);
}

void gs_record_encode_end(enum gs_run_state state, const struct gs_strs *left, struct gs_str *out)
{
	json_t *o = json_object();

	json_object_set_new(o, "end", json_string(gs_run_state_name(state)));
	json_object_set_new(o, "left", texts_of(left));
	dump_line(o, out);
}

static bool get_texts(const json_t *o, const char *key, struct gs_plan *plan, struct gs_strs *ret)
{
	const json_t *list = json_object_get(o, key);

	for (size_t i = 0; i < json_array_size(list); i++) {
		struct gs_span text = { 0 };

		if (!get_span(json_array_get(list, i), plan, &text) || gs_span_has_nul(text))
			return false;
		gs_strs_add(ret, text.ptr);
	}
	return json_is_array(list);
}

static bool get_step(const json_t *o, struct gs_plan *plan)
{
	const char *name = NULL, *path = NULL, *why = NULL;
	enum gs_step_kind kind = GS_STEP_PROVE;
	struct gs_step *step;

	if (!get_text(o, "step", plan, &name) || !gs_step_kind_find(name, &kind) ||
	    !get_text(o, "path", plan, &path) || !get_text(o, "why", plan, &why))
		return false;
	step = gs_plan_step(plan, kind, path, why);
	return !kinds[kind].get || kinds[kind].get(o, plan, step);
}

static bool get_export(const json_t *o, struct gs_plan *plan)
{
	struct gs_prediction p = { 0 };

	if (!get_text(o, "path", plan, &p.path) || !get_text(o, "host", plan, &p.host))
		return false;
	gs_grow(&plan->predict, plan->n_predict, &plan->room_predict, sizeof *plan->predict);
	plan->predict[plan->n_predict++] = p;
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

	plan->etab_known = !json_is_null(etab);
	if (plan->etab_known && !get_span(etab, plan, &text))
		return false;
	gs_str_add(&plan->etab_before, text);
	return true;
}

/* NULL, or the key that is missing or wrong. */
static const char *get_run(const json_t *o, struct gs_run *run)
{
	struct gs_plan *plan = &run->plan;
	const char *schema = "", *time = NULL, *by = NULL;

	if (!get_text(o, "schema", plan, &schema) || strcmp(schema, SCHEMA) != 0)
		return "schema";
	if (!get_number(o, "id", UINT32_MAX - 1, &run->id) || !run->id)
		return "id";
	if (!get_text(o, "time", plan, &time))
		return "time";
	if (!get_text(o, "by", plan, &by))
		return "by";
	if (!get_texts(o, "command", plan, &run->command))
		return "command";
	if (!get_number(o, "undoes", UINT32_MAX - 1, &plan->undoes))
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

	if (!get_text(o, "end", &run->plan, &end))
		return "end";
	for (int state = GS_RUN_DONE; state <= GS_RUN_LEFT; state++)
		if (!strcmp(end, gs_run_state_name((enum gs_run_state)state)))
			run->state = (enum gs_run_state)state;
	if (run->state == GS_RUN_UNFINISHED)
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
	return wrong ? unreadable(path, number, "no record: it has no usable ", wrong, err) : 0;
}

int gs_record_decode(struct gs_span text, const char *path, struct gs_run *ret, struct gs_err *err)
{
	const char *newline = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
	size_t head = newline ? (size_t)(newline - text.ptr) + 1 : text.len;
	GS_AUTO(gs_run_done) struct gs_run run = { .head_bytes = head };
	struct gs_span rest = gs_span_from(text, head);

	if (decode_line(gs_span(text.ptr, newline ? head - 1 : head), 1, path, &run, err) < 0)
		return err->code;
	/* Torn by a power cut: it does not end in a newline, and counts as not there. */
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
	    (run.state != GS_RUN_DONE && run.state != GS_RUN_TAKEN_BACK))
		return false;
	*ret_state = run.state;
	return true;
}
