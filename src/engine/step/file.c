/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "base/shareid.h"
#include "core/format/diff.h"
#include "core/format/envmask.h"
#include "core/plan/finding.h"
#include "core/plan/model.h"
#include "core/plan/plan.h"
#include "core/step/step.h"
#include "engine/observe/common.h"
#include "engine/step/json.h"
#include "engine/step/step.h"

/* As settle() knows it; borrowed from the step. */
static struct gs_replace replace_of(const struct gs_step *step)
{
	return (struct gs_replace){
		.path = step->path,
		.old = step->write.old,
		.old_exists = step->write.old_exists,
		.text = step->write.text,
		.remove = step->write.remove,
	};
}

/* The owner of the share's top can swap .gshare-id at any time: that must not stop a removal. */
static int keep_id(struct gs_step_run *run, const struct gs_step *step)
{
	gs_findings_add(&run->done->findings, GS_WARN, "ID_BROKEN",
			"look at it, and remove it if nothing needs it",
			"%s is kept: it has changed since it was read", step->path);
	return 0;
}

static int write_file(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_replace replace = {
		.path = step->path,
		.old = step->write.old,
		.old_exists = step->write.old_exists,
		.text = step->write.text,
		.remove = step->write.remove,
		.mode = step->write.mode,
	};
	struct gs_err bad = { 0 };

	if (!run->done->wrote_ns)
		run->done->wrote_ns = run->sys->ops->clock->now_ns(run->sys);
	if (run->sys->ops->fs->replace_file(run->sys, &replace, &bad) == 0)
		return 0;
	if (gs_step_forgets_id(step) && gs_share_is_odd(bad.code))
		return keep_id(run, step);
	*err = bad;
	return err->code;
}

static int restore_file(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	const struct gs_replace replace = {
		.path = step->path,
		.old = step->write.text,
		.old_exists = !step->write.remove,
		.text = step->write.old,
		.remove = !step->write.old_exists,
		.mode = step->write.mode,
	};

	return run->sys->ops->fs->replace_file(run->sys, &replace, err);
}

static int look_file(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		     struct gs_err *err)
{
	GS_AUTO(gs_file_done) struct gs_file file = { 0 };
	const struct gs_replace replace = replace_of(step);

	if (r->sys->ops->fs->settle(r->sys, step->path, &replace, NULL, err) < 0 ||
	    gs_observe_file(r->sys, step->path, &file, err) < 0)
		return err->code;
	*ret = gs_step_judge_file(step, &file);
	r->conflict |= *ret == GS_STEP_OTHER;
	r->back |= *ret == GS_STEP_DONE;
	return 0;
}

static void clear_file(struct gs_recovery *r, const struct gs_step *step)
{
	const struct gs_replace replace = replace_of(step);
	struct gs_err stays = { 0 };

	(void)r->sys->ops->fs->settle(r->sys, step->path, &replace, NULL, &stays);
}

/* A mask: gshare's lines as strings, and between them the number of other lines. */
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
		json_array_append_new(lines, gs_json_bytes(line));
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
		return gs_json_bytes(text);
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

static bool add_mask_line(const json_t *value, struct gs_plan *plan, size_t *n, struct gs_str *out)
{
	json_int_t others = json_integer_value(value);
	struct gs_span line = { 0 };

	if (!json_is_integer(value)) {
		if (!gs_json_get_span(value, plan, &line) || gs_span_has_nul(line) ||
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

/* @ret_is: is value a mask, and not a text? */
static bool get_mask(const json_t *value, struct gs_plan *plan, bool *ret_is, struct gs_span *ret)
{
	const json_t *lines = json_object_get(value, "lines");
	gs_autostr struct gs_str mask = { 0 };
	bool ended = false;
	size_t n = 0;

	*ret_is = lines != NULL;
	if (!lines)
		return gs_json_get_span(value, plan, ret);
	if (!json_is_array(lines) || !gs_json_get_bool(value, "ended", &ended))
		return false;
	for (size_t i = 0; i < json_array_size(lines); i++)
		if (!add_mask_line(json_array_get(lines, i), plan, &n, &mask))
			return false;
	/* A last line without a newline must not be empty: it would be no line. */
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
	    !gs_json_get_number(o, "mode", 07777, &step->write.mode))
		return false;
	step->write.masked = step->write.secret = old_is_mask || is_mask;
	return !step->write.masked ||
	       ((old_is_mask || !step->write.old_exists) && (is_mask || step->write.remove) &&
		gs_envmask_fits(step->write.old, step->write.text));
}

const struct gs_step_ops gs_step_write_file = {
	.run = write_file,
	.back = restore_file,
	.look = look_file,
	.clear = clear_file,
	.put = put_write,
	.get = get_write,
	.must = true,
};
