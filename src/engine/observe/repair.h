/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/leader/repair.h"
#include "engine/run/apply.h"
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

/**
 * gs_repair_step - the step REPAIR
 * Judges again what it finds, each inode in the instant before it is changed. Fills done->repair.
 * Errors: -GS_E_PARTLY (cause REPAIR_CUT) at the deadline, with how much is done; it stays.
 * REPAIR_FAILED where a call has failed, after the others have been changed.
 */
int gs_repair_step(struct gs_sys *sys, const struct gs_plan *plan, const struct gs_step *step,
		   struct gs_done *done, struct gs_err *err);

/** gs_repair_stay - a failure after rights were given becomes -GS_E_PARTLY: nobody takes them */
int gs_repair_stay(const struct gs_done *done, struct gs_err *err);

/**
 * gs_verify_repair - as the owner open what was repaired, write in each directory, and look again
 * What is found again (others go on making files) is a finding. A proof that fails is
 * -GS_E_PARTLY: the rights that were given stay.
 */
int gs_verify_repair(struct gs_sys *sys, const struct gs_leader_req *req,
		     const struct gs_plan *plan, struct gs_done *done, struct gs_err *err);

/**
 * gs_count_unchangeable - for leader init: how many, within milliseconds
 * Fills facts->unchangeable; what it may not see it does not count.
 */
void gs_count_unchangeable(struct gs_sys *sys, struct gs_leader_facts *facts);
