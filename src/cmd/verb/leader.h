/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

int gs_cmd_leader_init(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_add(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_remove(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_ro(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_rw(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_destroy(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_repair(struct gs_call *call, struct gs_err *err);
