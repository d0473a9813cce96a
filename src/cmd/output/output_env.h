/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "cmd/output/change.h"

/** gs_emit_env - the lines of cluster.env, and nothing else; @change: without a plan */
int gs_emit_env(const struct gs_call *call, const struct gs_change *change, struct gs_err *err);

/** gs_emit_env_written - report that a file was written instead; @change: with the plan for it */
int gs_emit_env_written(const struct gs_call *call, const struct gs_change *change,
			struct gs_err *err);
