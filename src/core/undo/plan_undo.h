/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/plan/model.h"
#include "core/undo/undo_draft.h"

/* undo: makes the steps that reverse a run, from its record and the machine's present state. */

/**
 * gs_plan_undo - the steps, last one of the run first
 * Things still in use stay and are reported: directories with entries, the account, a server that
 * others need. Findings DIR_KEPT, ACCOUNT_KEPT, RIGHTS_KEPT, SERVER_KEPT, ID_BROKEN. A restored
 * state that leader init would refuse is no error: gs_status_tell_dangers() warns of it.
 * @plan: as gs_plan_leader(). Errors: -ESTALE, cause UNDO_CONFLICT, with file:line or the path,
 * where others have changed since what would be restored; SERVER_NOT_RESPONDING, MOUNT_BUSY as
 * gs_plan_unmount().
 */
int gs_plan_undo(const struct gs_undo_req *req, const struct gs_undo_facts *facts,
		 struct gs_plan *plan, struct gs_err *err);
