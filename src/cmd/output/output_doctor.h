/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/diagnose/diagnose.h"

/** gs_emit_doctor - what is wrong, in the order of gs_diagnose(), and the cause */
int gs_emit_doctor(const struct gs_call *call, const struct gs_cases *cases, struct gs_err *err);
