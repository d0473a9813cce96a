/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/plan/model.h"

/** gs_plan_opening - an OPEN_PORT or CLOSE_PORT step; the plan keeps copies of the rule's texts */
void gs_plan_opening(struct gs_plan *plan, enum gs_step_kind kind, const struct gs_opening *rule,
		     const char *why);
