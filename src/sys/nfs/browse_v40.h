/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sys/net/rpc_call.h"
#include "sys/nfs/browse_walk.h"

/*
 * Looking over NFSv4.0, by compounds of our own: base/nfs4.h encodes and decodes them, rpc_call.h
 * carries them.
 *
 * A client library confirms a client id, which the server then keeps for a whole lease after we are
 * gone. Such a client never reclaims, so a restart of nfsd within that time makes everybody wait
 * out the grace period (110 s instead of 13 s, measured). Looking needs no client id: PUTROOTFH,
 * LOOKUP, ACCESS and READDIR carry none, and READ takes a special stateid (RFC 7530 section
 * 9.1.4.3).
 */

struct gs_nfs40 {
	struct gs_nfs_view view;
	bool is_open;
	int fd;
	int broken; /* -errno: nothing more can be asked */
	uint32_t xid;
	struct gs_rpc_user user;
	int64_t deadline_ns;
	struct gs_rpc_answer answer; /* the last */
};

/**
 * gs_nfs40_open - connect as this node's root, from a reserved port where that is permitted
 * @server: numeric address
 * @nfs: must not move; filled and to be closed whatever came of it
 * 0 or -errno. Every answer is awaited until deadline_ns at most. What comes afterwards reads,
 * writes, polls, and looks at the clock.
 */
int gs_nfs40_open(struct gs_nfs40 *nfs, const char *server, unsigned port, int64_t deadline_ns);

/** gs_nfs40_use - the same over a connection that is there: non-blocking, and owned from now on */
void gs_nfs40_use(struct gs_nfs40 *nfs, int fd, int64_t deadline_ns);

void gs_nfs40_done(struct gs_nfs40 *nfs);

/**
 * gs_nfs40_make_link - as uid and gid, a symbolic link to nowhere
 * @dir: as the server names it; @inode: the number it must have, else -ESTALE and nothing is made
 * A link is the one kind of entry beside directories that needs no client id.
 */
int gs_nfs40_make_link(struct gs_nfs40 *nfs, const char *dir, uint64_t inode, const char *name,
		       uid_t uid, gid_t gid);

/** gs_nfs40_remove - an entry that gs_nfs40_make_link() has made, or may have; absent is 0 */
int gs_nfs40_remove(struct gs_nfs40 *nfs, const char *dir, const char *name);
