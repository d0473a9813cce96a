/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <string.h>

#include "core/firewall/firewall.h"
#include "engine/observe/firewall.h"
#include "engine/observe/firewall_run.h"
#include "engine/step/json.h"
#include "engine/step/step.h"

/*
 * OPEN_PORT, CLOSE_PORT: run the tool's commands, then read its rules again: that it ended well is
 * no proof. What a tool takes is beside the command's time.
 */

static int fail(const struct gs_opening *opening, const char *id, struct gs_err *err)
{
	gs_err_cause(err, id);
	return gs_err_advise(err, "see what %s says, or leave the firewall out: --no-firewall",
			     opening->kind->name);
}

static int run_command(struct gs_sys *sys, const struct gs_opening *opening,
		       const struct gs_strs *words, struct gs_err *err)
{
	const char *argv[GS_FIREWALL_WORDS + 1] = { 0 };
	int r;

	for (size_t i = 0; i < words->n && i < GS_FIREWALL_WORDS; i++)
		argv[i] = words->v[i];
	r = gs_firewall_run(sys, true, argv, NULL, err);
	if (r < 0)
		return fail(opening, r == -ETIMEDOUT ? "FIREWALL_TIMEOUT" : "FIREWALL_FAILED", err);
	return 0;
}

static int run_all(struct gs_sys *sys, const struct gs_opening *opening, bool removes,
		   struct gs_err *err)
{
	for (size_t i = 0;; i++) {
		GS_AUTO(gs_strs_done) struct gs_strs words = { 0 };

		if (!opening->kind->command(opening, removes, i, &words))
			return 0;
		if (run_command(sys, opening, &words, err) < 0)
			return err->code;
	}
}

/* Where the rule is. The firewall that the run was planned for must still be the one in charge. */
static int look_rule(struct gs_sys *sys, const struct gs_opening *opening, unsigned *ret_half,
		     unsigned *ret_place, struct gs_err *err)
{
	const struct gs_opening *found;
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { 0 };
	GS_AUTO(gs_openings_done) struct gs_openings list = { 0 };

	if (opening->kind->asks)
		gs_observe_kind(sys, true, opening->kind, &firewall);
	else
		gs_observe_firewall(sys, true, &firewall);
	if (firewall.kind != opening->kind || firewall.unread) {
		gs_err_set(err, ENODATA, "cannot read the rules of %s: %s", opening->kind->name,
			   firewall.unread ? firewall.unread : "it is not in charge any more");
		return fail(opening, "FIREWALL_UNREAD", err);
	}
	gs_firewall_openings(&firewall, &list);
	found = gs_openings_find(&list, opening);
	*ret_half = gs_openings_half(&list, opening);
	*ret_place = found ? found->place : 0;
	return 0;
}

static int look_half(struct gs_sys *sys, const struct gs_opening *opening, unsigned *ret_half,
		     struct gs_err *err)
{
	unsigned place = 0;

	return look_rule(sys, opening, ret_half, &place, err);
}

static int check(struct gs_sys *sys, const struct gs_opening *opening, bool removes,
		 struct gs_err *err)
{
	unsigned half = 0;

	if (look_half(sys, opening, &half, err) < 0)
		return err->code;
	if (half == (removes ? GS_HALF_NONE : GS_HALVES))
		return 0;
	gs_err_set(err, EPROTO, "%s ended well, and the rule for %s is %s", opening->kind->name,
		   opening->host, removes ? "still there" : "not there");
	return fail(opening, "FIREWALL_NO_EFFECT", err);
}

/* At its old place, or at the end where the rules are fewer by now. */
static int add(struct gs_sys *sys, const struct gs_opening *opening, struct gs_err *err)
{
	struct gs_opening last = *opening;
	struct gs_err failed = { 0 };

	last.place = 0;
	if (!opening->place)
		return run_all(sys, opening, false, err);
	if (run_all(sys, opening, false, &failed) == 0)
		return 0;
	return run_all(sys, &last, false, err);
}

/* Does the follower get in now? What one chain lets through another may still drop. */
static int try_again(struct gs_sys *sys, const struct gs_opening *opening, struct gs_err *err)
{
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { 0 };
	GS_AUTO(gs_hostspec_done) struct gs_hostspec host = { 0 };
	GS_AUTO(gs_verdict_done) struct gs_verdict verdict = { 0 };
	GS_AUTO(gs_names_done) struct gs_names ways = { 0 };
	gs_autostr struct gs_str why = { 0 };
	const struct gs_strs *way;

	if (!opening->kind->asks || opening->more)
		return 0;
	gs_observe_kind(sys, true, opening->kind, &firewall);
	gs_hostspec_read(gs_span_of(opening->host), &host);
	gs_observe_way(sys, opening->host, &ways);
	way = gs_names_find(&ways, opening->host);
	gs_firewall_judge(&firewall,
			  &(struct gs_knock){ &host, way && way->n ? way->v[0] : NULL,
					      opening->port, way && way->n > 1 ? way->v[1] : NULL },
			  &verdict);
	if (verdict.now != GS_GATE_CLOSED && verdict.now != GS_GATE_DENIED)
		return 0;
	gs_str_add_safe(&why, gs_str_span(&verdict.rule));
	gs_err_set(err, EPROTO, "the rule for %s is there, and others keep it out: %s",
		   opening->host, why.ptr);
	return fail(opening, "FIREWALL_STILL_CLOSED", err);
}

static struct gs_replace kept_as(const struct gs_firewall *firewall,
				 const struct gs_opening *opening, size_t read,
				 const struct gs_str *text)
{
	return (struct gs_replace){ .path = opening->kind->reads[read].file,
				    .old = gs_str_span(&firewall->text[read]),
				    .old_exists = true,
				    .text = gs_str_span(text) };
}

/* The file that is loaded at boot, where the tool's commands leave it as it is. */
static int keep(struct gs_sys *sys, const struct gs_opening *opening, bool removes,
		struct gs_err *err)
{
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { 0 };
	gs_autostr struct gs_str text = { 0 };
	size_t read = 0;
	struct gs_replace replace;

	if (!opening->kind->keep)
		return 0;
	gs_observe_kind(sys, true, opening->kind, &firewall);
	if (!opening->kind->keep(&firewall, opening, removes, &read, &text))
		return 0;
	replace = kept_as(&firewall, opening, read, &text);
	return sys->ops->fs->replace_file(sys, &replace, err);
}

static int put(struct gs_sys *sys, const struct gs_opening *opening, struct gs_err *err)
{
	unsigned half = 0;

	if (look_half(sys, opening, &half, err) < 0)
		return err->code;
	if (!(opening->kind->keep && (half & GS_HALF_NOW)) && add(sys, opening, err) < 0)
		return err->code;
	if (keep(sys, opening, false, err) < 0 || check(sys, opening, false, err) < 0)
		return err->code;
	return try_again(sys, opening, err);
}

/* A rule whose tag is another one by now is not gshare's, or another share's, and stays. */
static int take(struct gs_sys *sys, const struct gs_opening *opening, struct gs_err *err)
{
	struct gs_opening now = *opening;
	unsigned half = 0;

	if (look_rule(sys, opening, &half, &now.place, err) < 0)
		return err->code;
	if (half == GS_HALF_NONE)
		return 0;
	if (!(opening->kind->keep && half == GS_HALF_KEPT) &&
	    run_all(sys, opening->kind->asks ? &now : opening, true, err) < 0)
		return err->code;
	return keep(sys, opening, true, err) < 0 ? err->code : check(sys, opening, true, err);
}

static int open_port(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return put(run->sys, &step->opening, err);
}

static int close_port(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return take(run->sys, &step->opening, err);
}

static int close_back(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	unsigned half = 0;

	if (look_half(run->sys, &step->opening, &half, err) < 0)
		return err->code;
	return half == GS_HALVES ? 0 : put(run->sys, &step->opening, err);
}

/* One that only changed the tag gives it back. */
static int open_back(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_opening before = step->opening;

	if (!before.was)
		return take(run->sys, &step->opening, err);
	before.tag = before.was;
	before.was = NULL;
	return put(run->sys, &before, err);
}

static int look_open(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		     struct gs_err *err)
{
	unsigned half = 0;

	if (look_half(r->sys, &step->opening, &half, err) < 0)
		return err->code;
	*ret = half == GS_HALF_NONE ? GS_STEP_UNDONE : GS_STEP_DONE;
	return 0;
}

static int look_close(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	unsigned half = 0;

	if (look_half(r->sys, &step->opening, &half, err) < 0)
		return err->code;
	*ret = half == GS_HALVES ? GS_STEP_UNDONE : GS_STEP_DONE;
	return 0;
}

/* The file that is loaded at boot holds the rule, or does not: a temporary is the other of both. */
static void clear_kept(struct gs_recovery *r, const struct gs_step *step)
{
	const struct gs_opening *opening = &step->opening;
	GS_AUTO(gs_firewall_done) struct gs_firewall firewall = { 0 };

	if (!opening->kind->keep)
		return;
	gs_observe_kind(r->sys, true, opening->kind, &firewall);
	for (unsigned removes = 0; removes < 2; removes++) {
		gs_autostr struct gs_str text = { 0 };
		struct gs_replace replace;
		struct gs_err stays = { 0 };
		size_t read = 0;

		if (!opening->kind->keep(&firewall, opening, removes, &read, &text))
			continue;
		replace = kept_as(&firewall, opening, read, &text);
		(void)r->sys->ops->fs->settle(r->sys, replace.path, &replace, NULL, &stays);
	}
}

static void put_opening(json_t *o, const struct gs_step *step)
{
	const struct gs_opening *opening = &step->opening;

	json_object_set_new(o, "firewall", gs_json_text(opening->kind->name));
	json_object_set_new(o, "port", json_integer(opening->port));
	json_object_set_new(o, "tag", gs_json_text(opening->tag));
	json_object_set_new(o, "was", gs_json_text(opening->was));
	json_object_set_new(o, "zone", gs_json_text(opening->zone));
	json_object_set_new(o, "more", json_boolean(opening->more));
	json_object_set_new(o, "before", json_boolean(opening->before));
	json_object_set_new(o, "above", json_integer(-opening->level));
	json_object_set_new(o, "place", json_integer(opening->place));
}

static bool get_opening(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	struct gs_opening *opening = &step->opening;
	const char *name = NULL;
	uint32_t port = 0, above = 0, place = 0;

	if (!gs_json_get_text(o, "firewall", plan, &name) ||
	    !gs_json_get_number(o, "port", UINT16_MAX, &port) ||
	    !gs_json_get_text(o, "tag", plan, &opening->tag) ||
	    !gs_json_get_text_or_null(o, "was", plan, &opening->was) ||
	    !gs_json_get_text_or_null(o, "zone", plan, &opening->zone) ||
	    !gs_json_get_bool(o, "more", &opening->more) ||
	    !gs_json_get_bool(o, "before", &opening->before) ||
	    !gs_json_get_number(o, "above", INT32_MAX, &above) ||
	    !gs_json_get_number(o, "place", UINT32_MAX, &place))
		return false;
	opening->kind = gs_firewall_find(name);
	opening->host = step->path;
	opening->port = port;
	opening->level = -(int)above;
	opening->place = place;
	return opening->kind && opening->kind->command;
}

const struct gs_step_ops gs_step_open_port = {
	.run = open_port,
	.back = open_back,
	.look = look_open,
	.clear = clear_kept,
	.put = put_opening,
	.get = get_opening,
	.half_counts = true,
};

const struct gs_step_ops gs_step_close_port = {
	.run = close_port,
	.back = close_back,
	.look = look_close,
	.clear = clear_kept,
	.put = put_opening,
	.get = get_opening,
	.half_counts = true,
};
