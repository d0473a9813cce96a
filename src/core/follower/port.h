/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/follower/request.h"

/**
 * gs_follower_port - the port of the leader's NFS server
 * As it was typed; else that of an entry in fstab for this leader, at TARGET if one was typed; else
 * that of a mount of the same; else 2049.
 * @fstab: a text that cannot be parsed has no entry; gs_plan_follower() reports it
 */
unsigned gs_follower_port(const struct gs_follower_req *req, const struct gs_file *fstab,
			  const struct gs_mounts *mounts);

/**
 * gs_follower_secured - a mount of what is asked for that has more than AUTH_SYS in clear
 * Such an export is not shown to gshare's own look. NULL: none, or not certain which.
 */
const struct gs_mounted *gs_follower_secured(const struct gs_follower_req *req,
					     const struct gs_mounts *mounts);
