/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "engine/observe/share.h"

#include "engine/observe/common.h"

int gs_find_follower_share(struct gs_sys *sys, const char *path, struct gs_file *fstab,
			   struct gs_local_shares *ret, bool *ret_found, struct gs_err *err)
{
	GS_AUTO(gs_mounts_done) struct gs_mounts mounts = { 0 };

	if (gs_observe_file(sys, "/etc/fstab", fstab, err) < 0 ||
	    (!sys->offline && sys->ops->mount->list_nfs(sys, &mounts, err) < 0))
		return err->code;
	return gs_local_shares_follower(fstab, &mounts, path, ret, ret_found, err);
}
