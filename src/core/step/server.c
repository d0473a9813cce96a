/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "core/step/step.h"
#include "core/step/step_state.h"

static void add_stop(const struct gs_step *step, struct gs_str *out)
{
	bool now = !step->server.was_running && !step->server.was_enabled;

	gs_command(out, "systemctl",
		   step->server.was_enabled && !step->server.was_running ? "stop" : "disable",
		   now ? "--now" : NULL, step->path);
}

enum gs_step_state gs_step_judge_server(const struct gs_step *step, const struct gs_server *server,
					bool others)
{
	bool runs = server->threads > 0;

	if (runs == step->server.was_running && server->enabled == step->server.was_enabled)
		return step->kind == GS_STEP_START_SERVER ? GS_STEP_UNDONE : GS_STEP_DONE;
	if (step->kind == GS_STEP_STOP_SERVER)
		return runs && server->enabled ? GS_STEP_UNDONE : GS_STEP_DONE;
	if (runs && !step->server.was_running)
		return others ? GS_STEP_OTHER : GS_STEP_DONE;
	return GS_STEP_DONE;
}

const struct gs_step_info gs_info_start_server = {
	.name = "START_SERVER",
	.words = "systemctl enable --now",
	.with_path = true,
};

const struct gs_step_info gs_info_stop_server = {
	.name = "STOP_SERVER",
	.add = add_stop,
};
