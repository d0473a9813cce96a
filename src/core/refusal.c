/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/refusal.h"

#include <errno.h>

const struct gs_refusal *gs_refusal_of(int error)
{
	static const struct gs_refusal known[] = {
		{ ENOSPC, "SERVER_FULL",
		  "make room on the leader, of bytes or of inodes: df -h and df -i tell which" },
		{ EDQUOT, "QUOTA_REACHED",
		  "raise the owner's quota on the leader: sudo repquota -a" },
		{ ESTALE, "EXPORT_STALE",
		  "on the leader look: sudo exportfs -v; here then: sudo gshare follower unmount, "
		  "and mount again" },
	};

	for (size_t i = 0; i < GS_COUNT(known); i++)
		if (known[i].error == error)
			return &known[i];
	return NULL;
}
