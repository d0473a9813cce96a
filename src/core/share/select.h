/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/err.h"
#include "base/shareid.h"
#include "base/types.h"

/*
 * Finds the share of this node that a command works on, from the configuration: a leader's marked
 * shares, a follower's managed lines in fstab, and NFS mounts without such a line.
 */

enum gs_side { GS_SIDE_ANY, GS_SIDE_LEADER, GS_SIDE_FOLLOWER };

/** struct gs_local_shares - a share of this node; strings owned; free with gs_local_shares_done()
 */
struct gs_local_shares {
	char *path;
	bool is_leader, is_mounted;   /* a leader's share is local: never "mounted" */
	char *postgres;		      /* x-gshare.postgres of its entry in fstab; NULL: none */
	char *server;		      /* host of the source, without brackets; NULL on the leader */
	char kept[GS_SHARE_ID_BYTES]; /* id in fstab, "" for none */
};

/**
 * gs_local_shares_pick - the only share of that side (leader or follower), or the one at path
 * @path: clean, NULL for the only one
 * Errors: -GS_E_FOUND: NO_SHARE, NOT_FOLLOWER, NOT_MOUNTED; -EINVAL SHARE_AMBIGUOUS with the list.
 */
int gs_local_shares_pick(const struct gs_files *exports, const struct gs_file *fstab,
			 const struct gs_mounts *mounts, enum gs_side side, const char *path,
			 struct gs_local_shares *ret, struct gs_err *err);

/**
 * gs_local_shares_follower - the follower's share at path, mounted or not
 * @path: clean, NULL for the only one: of managed lines in fstab, else of NFS mounts
 * @ret_found: false where there is none; ret is then untouched
 * Errors: -EINVAL SHARE_AMBIGUOUS with the list.
 */
int gs_local_shares_follower(const struct gs_file *fstab, const struct gs_mounts *mounts,
			     const char *path, struct gs_local_shares *ret, bool *ret_found,
			     struct gs_err *err);
/**
 * gs_local_shares_paths - the same shares, all of them; none is no error
 * @every: NFS mounts of others beside them, too; none that the kernel made within a listed one, and
 *         one place of each server's directory
 */
int gs_local_shares_paths(const struct gs_file *fstab, const struct gs_mounts *mounts, bool every,
			  struct gs_strs *ret, struct gs_err *err);
void gs_local_shares_done(struct gs_local_shares *here);
