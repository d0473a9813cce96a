/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/exports/etab.h"
#include "engine/step/json.h"
#include "engine/step/step.h"

static int start_server(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	(void)step;
	return run->sys->ops->server->start(run->sys, err);
}

static int stop_server(struct gs_step_run *run, const struct gs_step *step, struct gs_err *err)
{
	return run->sys->ops->server->stop(run->sys, step->server.was_running,
					   step->server.was_enabled, err);
}

static int look_server(struct gs_recovery *r, const struct gs_step *step, enum gs_step_state *ret,
		       struct gs_err *err)
{
	const struct gs_exports_change *change = &r->run->plan.exports;
	gs_autostr struct gs_str etab = { 0 };
	struct gs_server server = { 0 };

	if (r->sys->ops->server->look(r->sys, &server, err) < 0 ||
	    (server.threads && r->sys->ops->server->active_exports(r->sys, &etab, err) < 0))
		return err->code;
	*ret = gs_step_judge_server(
		step, &server, gs_etab_has_others(gs_str_span(&etab), change->predict, change->n));
	return 0;
}

static void put_server(json_t *o, const struct gs_step *step)
{
	json_object_set_new(o, "was_running", json_boolean(step->server.was_running));
	json_object_set_new(o, "was_enabled", json_boolean(step->server.was_enabled));
}

static bool get_server(const json_t *o, struct gs_plan *plan, struct gs_step *step)
{
	(void)plan;
	return gs_json_get_bool(o, "was_running", &step->server.was_running) &&
	       gs_json_get_bool(o, "was_enabled", &step->server.was_enabled);
}

const struct gs_step_ops gs_step_start_server = {
	.run = start_server,
	.back = stop_server,
	.look = look_server,
	.put = put_server,
	.get = get_server,
	.half_counts = true,
};

const struct gs_step_ops gs_step_stop_server = {
	.run = stop_server,
	.back = start_server,
	.look = look_server,
	.put = put_server,
	.get = get_server,
	.half_counts = true,
};
