/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/leader/request.h"
#include "core/plan/model.h"

/**
 * gs_plan_leader - steps that make the request true
 * @facts: its docs are moved to the plan and edited: with 10,000 entries a copy is slow
 * @plan: filled on success, untouched on failure; borrows nothing from req or facts;
 *	free with gs_plan_done()
 * Errors: -GS_E_USAGE for invalid arguments, other codes for facts that forbid the request;
 * each names the file and line, or the fact, and the fix.
 */
int gs_plan_leader(const struct gs_leader_req *req, struct gs_leader_facts *facts,
		   struct gs_plan *plan, struct gs_err *err);
