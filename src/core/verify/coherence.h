/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* When a mount shows files made on another node, by its options. Pure. */

/**
 * gs_seen_lag - seconds until a failed lookup is repeated at the server, at most
 * @options: of an NFS mount, as the mount table shows them
 * The client asks the server again when the directory's cached attributes expire: between acdirmin
 * and acdirmax, later if it changes rarely. Source: nfs(5) DATA AND METADATA COHERENCE;
 * Linux fs/nfs/dir.c nfs_neg_need_reval, fs/nfs/super.c nfs_show_mount_options.
 */
unsigned gs_seen_lag(const char *options);

/** struct gs_seen_at - the path of a mount's directory on its server; strings owned */
struct gs_seen_at {
	char *server; /* numeric */
	char *path;
	unsigned port;
};

/**
 * gs_seen_find - find the path of an NFSv4 mount's directory on its server
 * @source, @target, @options: of the mount; @dir: target, or below it
 * Returns false where the path is not known, or the mount is not NFSv4 over TCP.
 */
bool gs_seen_find(const char *source, const char *target, const char *options, const char *dir,
		  struct gs_seen_at *ret);
void gs_seen_at_done(struct gs_seen_at *at);
