/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/plan/model.h"
#include "core/undo/undo_draft.h"

/* undo: a run of the journal and the machine as it is now become the steps that reverse it. */

/**
 * gs_plan_undo - the steps, last one of the run first
 * What nobody may lose stays and is named: directories with something in them, the account, a
 * server that others need. Findings DIR_KEPT, ACCOUNT_KEPT, RIGHTS_KEPT,
 * SERVER_KEPT, ID_BROKEN. What leader init would refuse in the state that comes back is done, and
 * warned of as gs_status_tell_dangers() does.
 * @plan: as gs_plan_leader(). Errors: -ESTALE, cause UNDO_CONFLICT, with file:line or the path,
 * where somebody has changed since what would be restored; SERVER_NOT_RESPONDING, MOUNT_BUSY as
 * gs_plan_unmount().
 */
int gs_plan_undo(const struct gs_undo_req *req, const struct gs_undo_facts *facts,
		 struct gs_plan *plan, struct gs_err *err);
