/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/check/mount.h"
#include "core/leader/leader_status.h"

/**
 * gs_emit_status - of status, and of follower status with several shares: all that there is
 * @shares: of this leader; NULL: not asked for, or none
 */
int gs_emit_status(const struct gs_call *call, const struct gs_leader_status *shares,
		   const struct gs_healths *mounts, struct gs_err *err);
