/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/command.h"
#include "core/step/step.h"

static void add_account(const struct gs_step *step, struct gs_str *out)
{
	gs_autofree char *id = gs_printf("%u", step->account.id);
	const char *name = step->path;

	gs_command(out, "groupadd", "--system", "--gid", id, name);
	gs_command_and(out);
	gs_command(out, "useradd", "--system", "--uid", id, "--gid", name, "--no-create-home",
		   "--shell", "/usr/sbin/nologin", name);
}

const struct gs_step_info gs_info_add_account = {
	.name = "ADD_ACCOUNT",
	.add = add_account,
};
