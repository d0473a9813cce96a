/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "sys/net/rpc_call.h"
#include "sys/nfs/browse_walk.h"

/*
 * Looks over NFSv4.0, by compounds of its own: base/nfs4.h encodes and decodes them, rpc_call.h
 * sends them.
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
	int broken; /* -errno: the connection can no longer be used */
	uint32_t xid;
	struct gs_rpc_user user;
	int64_t deadline_ns;
	struct gs_rpc_answer answer; /* the last reply */
};

/**
 * gs_nfs40_open - connect as this host's root, from a reserved port where that is permitted
 * @server: numeric address
 * @nfs: must not move; filled, and to be closed, even on failure
 * 0 or -errno. Every reply is awaited until deadline_ns at most. Later calls only read, write, poll
 * and read the clock.
 */
int gs_nfs40_open(struct gs_nfs40 *nfs, const char *server, unsigned port, int64_t deadline_ns);

/** gs_nfs40_use - the same over an open connection: non-blocking, and owned by nfs from now on */
void gs_nfs40_use(struct gs_nfs40 *nfs, int fd, int64_t deadline_ns);

void gs_nfs40_done(struct gs_nfs40 *nfs);

/**
 * gs_nfs40_make_link - make a symbolic link to nowhere, as uid and gid
 * @dir: as the server names it; @inode: the number it must have, else -ESTALE and nothing is made
 * Besides a directory, a link is the only kind of entry that needs no client id.
 */
int gs_nfs40_make_link(struct gs_nfs40 *nfs, const char *dir, uint64_t inode, const char *name,
		       uid_t uid, gid_t gid);

/** gs_nfs40_remove - remove an entry that gs_nfs40_make_link() made, or may have; absent is 0 */
int gs_nfs40_remove(struct gs_nfs40 *nfs, const char *dir, const char *name);
