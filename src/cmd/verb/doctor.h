/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/** gs_cmd_doctor - doctor: what is wrong, why, and the fix */
int gs_cmd_doctor(struct gs_call *call, struct gs_err *err);
