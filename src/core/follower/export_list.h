/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "core/follower/request.h"

/**
 * gs_exports_settle - put the exports themselves in place of directories that were seen in them
 * @seen: without an id; over port 2049 an export that grants no writing and holds directories alone
 *	looks like a directory on the way to one, so that its directories were taken for exports
 * @grants: mountd's list, which has exports only
 * @own_addr: this node's address towards the leader; NULL: not known
 * Drops what only leads to an export of the list that was not seen: its directory is missing on the
 * leader. Returns that export, borrowed from @grants, or NULL.
 */
const char *gs_exports_settle(struct gs_exports_seen *seen, const struct gs_grants *grants,
			      const char *own_addr);

/** gs_grants_missing - an export of mountd's list for this node that was not seen; NULL: none */
const char *gs_grants_missing(const struct gs_follower_req *req,
			      const struct gs_follower_facts *facts);

/**
 * gs_grants_below - the path that NFSv4 has for an export, if the listed one above it has fsid=0
 * Borrowed from @path; NULL: none is listed above it.
 */
const char *gs_grants_below(const struct gs_grants *grants, const char *path);

/** gs_missing_fix - what the leader's administrator runs about an export without a directory */
void gs_missing_fix(const char *path, struct gs_str *out);

/**
 * gs_grants_tell - add to an error the hosts that the leader's mountd lists
 * @err: NOT_EXPORTED or EXPORT_ABSENT with its fix; untouched where mountd did not answer
 * Where the list has another address of this node, the cause becomes EXPORT_OTHER_ADDRESS. Names
 * come from mountd and are made safe. Returns err->code.
 */
int gs_grants_tell(const struct gs_follower_req *req, const struct gs_follower_facts *facts,
		   struct gs_err *err);
