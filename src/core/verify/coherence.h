/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"

/* What a mount's options say about when another node's names are seen. Pure. */

/**
 * gs_seen_lag - seconds until a name that was looked for in vain is looked for anew, at most
 * @options: of an NFS mount, as the mount table shows them
 * A server is asked again once the attributes of the directory have aged: between acdirmin and
 * acdirmax, the longer the less it changes. Source: nfs(5) DATA AND METADATA COHERENCE;
 * Linux fs/nfs/dir.c nfs_neg_need_reval, fs/nfs/super.c nfs_show_mount_options.
 */
unsigned gs_seen_lag(const char *options);

/** struct gs_seen_at - where a directory of a mount lies on its server; strings owned */
struct gs_seen_at {
	char *server; /* numeric */
	char *path;
	unsigned port;
};

/**
 * gs_seen_find - a directory of an NFSv4 mount, on its server
 * @source, @target, @options: of the mount; @dir: target, or below it
 * Returns false where it cannot be told, or where it is no NFSv4 over TCP.
 */
bool gs_seen_find(const char *source, const char *target, const char *options, const char *dir,
		  struct gs_seen_at *ret);
void gs_seen_at_done(struct gs_seen_at *at);
