/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

int gs_cmd_follower_watch(struct gs_call *call, struct gs_err *err);
