/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/status.h"

/** gs_status_entries - the followers of a share, and findings on their entries */
void gs_status_entries(struct gs_leader_status *status, struct gs_share_status *share,
		       const struct gs_docs *docs, const struct gs_exports *etab);
