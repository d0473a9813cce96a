/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/plan_unmount.h"
#include "core/share/select.h"
#include "engine/run/apply.h"
#include "sys/sys.h"

/**
 * gs_observe_unmount - the share that is meant, whether its server answers, who uses it
 * The mount table and /proc first; the server is asked over a connection of its own, never through
 * the mount. @facts: filled on success; free with gs_unmount_facts_done()
 */
int gs_observe_unmount(struct gs_sys *sys, const struct gs_unmount_req *req,
		       struct gs_unmount_facts *facts, struct gs_err *err);
void gs_unmount_facts_done(struct gs_unmount_facts *facts);

/**
 * gs_look_use - what would hold an umount up: a server that is silent, where it shall be asked;
 * else who uses the mount. Nothing for a mount that is not NFS.
 */
void gs_look_use(struct gs_sys *sys, const struct gs_mounted *mounted, bool ask,
		 struct gs_mount_use *ret);

/** gs_verify_unmount - after a run: observe and plan again, as gs_verify_follower() */
int gs_verify_unmount(struct gs_sys *sys, const struct gs_unmount_req *req,
		      const struct gs_plan *plan, struct gs_done *done, struct gs_err *err);

/** gs_umount_step, gs_umount_back - the UMOUNT step and what takes it back: mounting again */
int gs_umount_step(struct gs_sys *sys, const struct gs_step *step, struct gs_err *err);
int gs_umount_back(struct gs_sys *sys, const struct gs_step *step, struct gs_err *err);

/**
 * gs_find_follower_share - the share of this node that is meant, mounted or not
 * @path: clean, NULL for the only one; @fstab: as read, owned by the caller
 * Errors: SHARES_SEVERAL.
 */
int gs_find_follower_share(struct gs_sys *sys, const char *path, struct gs_file *fstab,
			   struct gs_here *ret, bool *ret_found, struct gs_err *err);

/** gs_set_read_ahead - of what is mounted at target; -ENOENT */
int gs_set_read_ahead(struct gs_sys *sys, const char *target, unsigned kib, struct gs_err *err);
