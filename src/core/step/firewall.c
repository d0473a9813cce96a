/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/firewall/firewall.h"
#include "core/step/step.h"

static void add_open(const struct gs_step *step, struct gs_str *out)
{
	gs_opening_command(&step->opening, false, out);
}

static void add_close(const struct gs_step *step, struct gs_str *out)
{
	gs_opening_command(&step->opening, true, out);
}

const struct gs_step_info gs_info_open_port = {
	.name = "OPEN_PORT",
	.add = add_open,
};

const struct gs_step_info gs_info_close_port = {
	.name = "CLOSE_PORT",
	.add = add_close,
};
