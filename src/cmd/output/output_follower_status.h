/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>

#include "cmd/call/cmd.h"
#include "core/check/mount.h"

/** gs_emit_follower_status - of follower status: the mount, and what is wrong with it */
int gs_emit_follower_status(const struct gs_call *call, const struct gs_health *health,
			    struct gs_err *err);

/** gs_output_mount - the same as a member of the JSON object */
json_t *gs_output_mount(const struct gs_health *h);
