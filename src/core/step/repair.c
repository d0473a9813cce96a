/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "core/step/step.h"

static void add_repair(const struct gs_step *step, struct gs_str *out)
{
	gs_command(out, "setfacl", "-m");
	gs_command_wordf(out, "u:%u:rwX,g:%u:rwX", step->repair.uid, step->repair.gid);
	gs_str_adds(out, " on what is listed, in ");
	gs_command(out, step->path);
}

static void repair_done(struct gs_step *step)
{
	gs_strs_done(&step->repair.names);
}

const struct gs_step_info gs_info_repair = {
	.name = "REPAIR",
	.add = add_repair,
	.done = repair_done,
};
