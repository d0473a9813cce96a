/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/errno_cause.h"

#include <errno.h>

const struct gs_errno_cause *gs_errno_cause_of(int error)
{
	static const struct gs_errno_cause known[] = {
		{ ENOSPC, "SERVER_FULL",
		  "free bytes or inodes on the leader: df -h and df -i show which" },
		{ EDQUOT, "QUOTA_REACHED",
		  "raise the owner's quota on the leader: sudo repquota -a" },
		{ ESTALE, "EXPORT_STALE",
		  "on the leader check: sudo exportfs -v; then on this node: sudo gshare "
		  "follower remount --recover" },
	};

	for (size_t i = 0; i < GS_COUNT(known); i++)
		if (known[i].error == error)
			return &known[i];
	return NULL;
}
