/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <jansson.h>

#include "cmd/call/cmd.h"
#include "core/leader/leader_status.h"

/** gs_emit_leader_status - of leader status: the shares, who may use them and who does */
int gs_emit_leader_status(const struct gs_call *call, const struct gs_leader_status *status,
			  struct gs_err *err);

/** gs_output_shares - the same as a member of the JSON object */
json_t *gs_output_shares(const struct gs_leader_status *status);
