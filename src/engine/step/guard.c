/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "engine/step/guard.h"
#include "engine/step/json.h"
#include "engine/step/step.h"

int gs_set_read_ahead(struct gs_sys *sys, const char *target, unsigned kib, struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	bool found = false;

	if (sys->ops->mount->find(sys, target, &mounted, &found, err) < 0)
		return err->code;
	if (!found)
		return gs_err_set(err, ENOENT, "nothing is mounted on '%s' any more", target);
	return sys->ops->mount->set_read_ahead(sys, &mounted, kib, err);
}

static int guard(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->mount->set_guard(run->sys, step->path, step->guard.on, err);
}

/* guard() may have failed before or after it set the flag: the present flag decides. */
static int guard_back(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	struct gs_inode bare = { 0 };
	bool is_set;

	if (run->sys->ops->mount->look_bare(run->sys, step->path, &bare, err) < 0)
		return err->code;
	is_set = gs_step_judge_guard(step, &bare) == GS_STEP_DONE;
	gs_inode_done(&bare);
	if (!is_set)
		return 0;
	return run->sys->ops->mount->set_guard(run->sys, step->path, !step->guard.on, err);
}

static int read_ahead(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return gs_set_read_ahead(run->sys, step->path, step->ahead.kib, err);
}

/* The read-ahead of a mount that this run made ends with the mount: was_kib is 0. */
static int read_ahead_back(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return step->ahead.was_kib
		       ? gs_set_read_ahead(run->sys, step->path, step->ahead.was_kib, err)
		       : 0;
}

static int look_guard(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	struct gs_inode bare = { 0 };

	if (r->sys->ops->mount->look_bare(r->sys, step->path, &bare, err) < 0)
		return err->code;
	*ret = gs_step_judge_guard(step, &bare);
	gs_inode_done(&bare);
	return 0;
}

static int look_ahead(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		      struct gs_err *err)
{
	GS_AUTO(gs_mounted_done) struct gs_mounted mounted = { 0 };
	bool found = false;
	unsigned kib = 0;

	if (r->sys->ops->mount->find(r->sys, step->path, &mounted, &found, err) < 0 ||
	    (found && r->sys->ops->mount->read_ahead(r->sys, &mounted, &kib, err) < 0))
		return err->code;
	*ret = gs_step_judge_ahead(step, found ? &mounted : NULL, kib);
	return 0;
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

static bool get_guard(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return gs_json_get_bool(o, "on", &step->guard.on);
}

static bool get_ahead(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return gs_json_get_number(o, "kib", UINT32_MAX, &step->ahead.kib) &&
	       gs_json_get_number(o, "was_kib", UINT32_MAX, &step->ahead.was_kib);
}

const struct gs_step_ops gs_step_guard = {
	.run = guard,
	.back = guard_back,
	.look = look_guard,
	.put = put_guard,
	.get = get_guard,
	.half_counts = true,
	.must = true,
};

const struct gs_step_ops gs_step_read_ahead = {
	.run = read_ahead,
	.back = read_ahead_back,
	.look = look_ahead,
	.put = put_ahead,
	.get = get_ahead,
};
