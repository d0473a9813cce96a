/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"

/** gs_emit_explain - what an id means; @id: NULL for all of them */
int gs_emit_explain(const struct gs_call *call, const char *id, struct gs_err *err);

/** gs_emit_doctor_list - what doctor may find */
int gs_emit_doctor_list(const struct gs_call *call, struct gs_err *err);
