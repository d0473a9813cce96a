/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/leader/repair.h"
#include "sys/sys.h"

/**
 * gs_observe_repair - what the owner cannot change in the share's dataset directories
 * Spends at most a third of the time that is left.
 * @facts: filled on success; free with gs_repair_facts_done()
 * Errors: of picking the share; OWNER_MISSING, OWNER_ROOT; -GS_E_PRIVILEGE.
 */
int gs_observe_repair(struct gs_sys *sys, const struct gs_leader_req *req,
		      struct gs_repair_facts *facts, struct gs_err *err);
void gs_repair_facts_done(struct gs_repair_facts *facts);
