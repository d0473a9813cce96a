/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/shareid.h"
#include "base/str.h"
#include "base/types.h"
#include "sys/nfs/browse_answer.h"

/*
 * What does a server export to us? A child asks over its NFS port alone: over NFSv4.0 without a
 * kernel mount (browse_v40.h), and where the server refuses that and we are root, through a mount
 * that only the child sees (browse_mount.h). Neither leaves a client behind on the server. rpcbind
 * and mountd are not asked here, since firewalls hide them: see mountd.h.
 */

/**
 * struct gs_nfs_ahead - what the child that called NULL has looked at next, until somebody asks
 * @looked: r, err and answer are there: as the child that looks would have had them
 * @path:   whose .gshare-id was read; NULL: the exports were walked
 */
struct gs_nfs_ahead {
	bool looked;
	char *server, *path;
	unsigned port;
	int r;
	struct gs_err err;
	struct gs_str answer;
};

void gs_nfs_ahead_done(struct gs_nfs_ahead *ahead);

/** struct gs_nfs_at - a server, and what will be asked; @path: gs_nfs_read_id()'s; NULL: a walk */
struct gs_nfs_at {
	const char *addr;
	unsigned port;
	const char *path;
	int64_t deadline_ns; /* of gs_reach_nfs() */
};

/**
 * gs_nfs_reach_ahead - gs_reach_nfs(), and in the same child the look that comes next
 * @look_ns: the deadline of the look
 * @ret: for gs_nfs_find_exports() or gs_nfs_read_id(); free with gs_nfs_ahead_done(). Empty where
 *       the server is none, or a second connection takes long: they look by themselves then.
 * Errors: of gs_reach_nfs(); those of the look are kept for who asks.
 */
int gs_nfs_reach_ahead(const struct gs_nfs_at *at, int64_t look_ns, unsigned *ret_connect_us,
		       struct gs_nfs_ahead *ret, struct gs_err *err);

/**
 * gs_nfs_find_exports - walk the NFSv4 pseudo file system
 * @server: numeric address; call gs_reach_one() first, which reports why its port cannot be reached
 * @ahead: NULL, or what gs_nfs_reach_ahead() has; taken where it is of this server
 * @ret: in the order of the walk, breadth first; none found is -ENOENT (NOT_EXPORTED)
 *
 * NFSv4 has no list of exports. In a directory above the exports Linux shows only the directories
 * that lead to one (nfsd: NFSEXP_V4ROOT), shows no files, and never lets us write. So a directory
 * with a .gshare-id is a share; one that we may write is an export; so is one with a file in it, or
 * with nothing; in any other the walk goes down. It does not go down into a share or an export:
 * exports inside exports are not found. Limits: an export that is read-only, has no .gshare-id and
 * holds nothing but directories looks like a directory above exports, and its subdirectories are
 * listed instead; names with control characters are skipped; at most 32 levels, 4,096 names, 256
 * exports.
 *
 * Causes: NFS4_MINOR_REFUSED (no NFSv4.0 there, and we are not root), NFS4_ABSENT (no 4.1 and no
 * 4.2 either), KERNEL_WITHOUT_NFS, NOT_EXPORTED, NFS_PERM (the answer to an unprivileged port),
 * NFS_ACCESS_DENIED, NFS_SECURITY (Kerberos), NFS_GRACE (-EAGAIN: a server that was started up to
 * 90 s ago may let no file be read), NFS_UNREACHABLE, NFS_GARBAGE (an invalid reply), NFS_FAILED.
 */
int gs_nfs_find_exports(const char *server, unsigned port, int64_t deadline_ns,
			struct gs_nfs_ahead *ahead, struct gs_nfs_exports *ret, struct gs_err *err);

/**
 * gs_nfs_read_id - is this path exported to us, and which share is it?
 * @path: absolute, as the server names it
 * A directory above exports counts, too. Causes as above; -ENOENT NOT_EXPORTED where the path does
 * not exist or is not exported to us: NFSv4 answers both alike.
 */
int gs_nfs_read_id(const char *server, unsigned port, const char *path, int64_t deadline_ns,
		   struct gs_nfs_ahead *ahead, struct gs_nfs_seen *ret, struct gs_err *err);
