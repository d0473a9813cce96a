/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "cmd/call/cmd.h"
#include "core/verify/access_report.h"

/** gs_emit_access - of verify: what each user can do */
int gs_emit_access(const struct gs_call *call, const struct gs_access_report *report,
		   struct gs_err *err);
