/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"

/**
 * gs_grants_tell - add to an error the hosts that the leader's mountd lists
 * @err: NOT_EXPORTED or EXPORT_ABSENT with its fix; untouched where mountd did not answer
 * Where the list has another address of this node, the cause becomes EXPORT_OTHER_ADDRESS. Names
 * come from mountd and are made safe. Returns err->code.
 */
int gs_grants_tell(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		   struct gs_err *err);
