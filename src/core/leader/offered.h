/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/request.h"
#include "core/leader/planner.h"
#include "core/leader/status.h"

/* Can followers mount from the nfsd that runs? The checks of check/offered.h, for each verb. */

/**
 * gs_draft_check_offered - error where no follower, or not one of the request, could mount
 * Only a verb that grants access asks. What has to be known for a mount is a note.
 */
int gs_draft_check_offered(struct gs_draft *draft, struct gs_err *err);

/**
 * gs_draft_name_leader - how a follower has to name this node: address and port
 * @face: this node's address towards it
 */
void gs_draft_name_leader(const struct gs_draft *draft, const char *face,
			  struct gs_follower_req *ret);

/** gs_status_reaching - the first follower, of those not connected, that could not mount */
size_t gs_status_reaching(struct gs_leader_status *status, const struct gs_share_status *share);
