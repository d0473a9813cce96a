/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

int gs_cmd_verify(struct gs_call *call, struct gs_err *err);
int gs_cmd_env_leader(struct gs_call *call, struct gs_err *err);
int gs_cmd_env_follower(struct gs_call *call, struct gs_err *err);
