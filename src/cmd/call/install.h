/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/package/package.h"

/**
 * gs_call_install - parse --no-install and --install-timeout
 * @ret_timeout_s: how long the installation may last; beside the command's own deadline
 * Errors: -GS_E_USAGE.
 */
int gs_call_install(const struct gs_call *call, bool *ret_no_install, unsigned *ret_timeout_s,
		    struct gs_err *err);

/**
 * gs_call_run_install - carry out a plan's INSTALL step
 * After it all has to be observed and planned anew. The call remembers what stays.
 */
int gs_call_run_install(struct gs_call *call, const struct gs_plan *plan, struct gs_sys *sys,
			struct gs_err *err);
