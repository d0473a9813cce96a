/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/leader/status.h"

/** gs_status_tell_peers - nodes that are connected and have no NFSv4 client of their own */
void gs_status_tell_peers(struct gs_leader_status *status, const struct gs_share_status *share);

/** gs_status_is_hidden - is an address of this follower among them? */
bool gs_status_is_hidden(const struct gs_leader_status *status,
			 const struct gs_follower_status *follower);
