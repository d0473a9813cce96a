/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/check/mount.h"

/** gs_emit_follower_status - of follower status: the mount, and what is wrong with it */
int gs_emit_follower_status(const struct gs_call *call, const struct gs_health *health,
			    struct gs_err *err);
