/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"

/**
 * gs_exports_settle - put the exports themselves in place of directories that were seen in them
 * @seen: without an id; over port 2049 an export that grants no writing and holds directories alone
 *	looks like a directory on the way to one, so that its directories were taken for exports
 * @grants: mountd's list, which has exports only
 */
void gs_exports_settle(struct gs_exports_seen *seen, const struct gs_grants *grants);

/**
 * gs_grants_tell - add to an error the hosts that the leader's mountd lists
 * @err: NOT_EXPORTED or EXPORT_ABSENT with its fix; untouched where mountd did not answer
 * Where the list has another address of this node, the cause becomes EXPORT_OTHER_ADDRESS. Names
 * come from mountd and are made safe. Returns err->code.
 */
int gs_grants_tell(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		   struct gs_err *err);
