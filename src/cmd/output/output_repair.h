/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "cmd/output/change.h"
#include "core/leader/repair.h"

/** gs_emit_repair - of leader repair: as gs_emit_plan(), and the entries given rights, or left */
int gs_emit_repair(const struct gs_call *call, const char *path, const struct gs_change *change,
		   const struct gs_repair *repair, struct gs_err *err);
