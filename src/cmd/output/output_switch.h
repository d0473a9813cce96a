/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "cmd/output/change.h"

/** gs_emit_switch - of leader ro and rw: as gs_emit_plan(), and how the switch went */
int gs_emit_switch(const struct gs_call *call, const char *path, const struct gs_change *change,
		   struct gs_err *err);
