/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/step/step.h"

static void add_install(const struct gs_step *step, struct gs_str *out)
{
	gs_install_command(&step->install, out);
}

const struct gs_step_info gs_info_install = {
	.name = "INSTALL",
	.add = add_install,
};
