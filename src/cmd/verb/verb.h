/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/* What runs: 0 or a negative code; each prints its result. */

int gs_cmd_leader_init(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_add(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_remove(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_ro(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_rw(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_destroy(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_repair(struct gs_call *call, struct gs_err *err);
int gs_cmd_leader_status(struct gs_call *call, struct gs_err *err);
int gs_cmd_follower_mount(struct gs_call *call, struct gs_err *err);
int gs_cmd_follower_remount(struct gs_call *call, struct gs_err *err);
int gs_cmd_follower_unmount(struct gs_call *call, struct gs_err *err);
int gs_cmd_follower_status(struct gs_call *call, struct gs_err *err);
int gs_cmd_verify(struct gs_call *call, struct gs_err *err);
int gs_cmd_env_leader(struct gs_call *call, struct gs_err *err);
int gs_cmd_env_follower(struct gs_call *call, struct gs_err *err);
int gs_cmd_undo(struct gs_call *call, struct gs_err *err);
int gs_cmd_history(struct gs_call *call, struct gs_err *err);
