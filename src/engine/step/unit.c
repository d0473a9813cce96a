/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>

#include "core/boot/boot.h"
#include "engine/observe/boot.h"
#include "engine/step/json.h"
#include "engine/step/step.h"

/* START_UNIT, STOP_UNIT: that systemctl ended well is no proof, so it is asked again. */

static int check(struct gs_sys *sys, const char *unit, bool active, struct gs_err *err)
{
	bool is_active = false;

	if (gs_observe_unit(sys, unit, &is_active, err) < 0)
		return err->code;
	if (is_active != active)
		return gs_err_set(err, EPROTO, "%s is %s, although systemctl ended well", unit,
				  is_active ? "still active" : "not active");
	return 0;
}

static int start(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	if (run->sys->ops->service->start(run->sys, step->path, err) < 0)
		return err->code;
	return check(run->sys, step->path, true, err);
}

static int stop(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	gs_autofree char *mount = gs_boot_mount_of(step->path);

	if (run->sys->ops->service->stop(run->sys, step->path, mount, err) < 0)
		return err->code;
	return check(run->sys, step->path, false, err);
}

/* One that ran before looks for all it needs by itself, with the files that are there then. */
static int start_back(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return step->unit.was_active ? 0 : stop(run, step, err);
}

static int stop_back(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return step->unit.was_active ? start(run, step, err) : 0;
}

static int look(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		struct gs_err *err)
{
	bool is_active = false;

	if (gs_observe_unit(r->sys, step->path, &is_active, err) < 0)
		return err->code;
	*ret = gs_step_judge_unit(step, is_active);
	return 0;
}

static void put(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "was_active", json_boolean(step->unit.was_active));
}

static bool get(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return gs_json_get_bool(o, "was_active", &step->unit.was_active);
}

const struct gs_step_ops gs_step_start_unit = {
	.run = start,
	.back = start_back,
	.look = look,
	.put = put,
	.get = get,
	.half_counts = true,
};

const struct gs_step_ops gs_step_stop_unit = {
	.run = stop,
	.back = stop_back,
	.look = look,
	.put = put,
	.get = get,
	.half_counts = true,
};
