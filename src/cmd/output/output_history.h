/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/plan/finding.h"
#include "core/undo/history.h"

/** gs_emit_history - of history: what gshare has done on this node */
int gs_emit_history(const struct gs_call *call, const struct gs_runs *runs,
		    const struct gs_findings *findings, struct gs_err *err);
