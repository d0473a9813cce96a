/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/verify/errno_cause.h"

#include <errno.h>

#include "base/command.h"

const struct gs_errno_cause *gs_errno_cause_of(int error)
{
	static const struct gs_errno_cause known[] = {
		{ ENOSPC, "SERVER_FULL" },
		{ EDQUOT, "QUOTA_REACHED" },
		{ ESTALE, "EXPORT_STALE" },
	};

	for (size_t i = 0; i < GS_COUNT(known); i++)
		if (known[i].error == error)
			return &known[i];
	return NULL;
}

void gs_errno_fix(int error, const char *host, const char *dir, const char *target,
		  struct gs_str *out)
{
	if (!gs_errno_cause_of(error))
		return;
	if (host)
		gs_command_on(out, host);
	if (error == ENOSPC) {
		gs_command(out, "df", "-h", dir);
		gs_command_and(out);
		gs_command(out, "df", "-i", dir);
	} else if (error == EDQUOT) {
		gs_command(out, "sudo", "repquota", "-a");
	} else {
		gs_command(out, "sudo", "exportfs", "-v");
		gs_str_adds(out, "; then on this node: ");
		gs_command(out, "sudo", "gshare", "follower", "remount", target, "--recover");
	}
}
