/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

/**
 * struct gs_seen_req - where a name is made over NFS, and looked up through a mount
 * @server: numeric address; @port; @path: the directory as the server names it
 * @dir: the same directory as mounted on this host
 * @uid, @gid: who may make and remove files there
 */
struct gs_seen_req {
	const char *server;
	unsigned port;
	const char *path, *dir;
	uid_t uid;
	gid_t gid;
	int64_t deadline_ns;
};

/**
 * gs_seen_measure - how long until a name that another client makes is seen through a mount
 * @ret_us: from the server's reply until a lookup found the name, which was never looked up before
 *
 * The other client is a child of gshare that bypasses the kernel's caches. It makes a symbolic link
 * .gshare-probe-HEX.l and removes it, also when gshare is killed meanwhile. The link stays only
 * where the server stops responding in between (cause PROBE_LEFT).
 * Errors: -EPROTONOSUPPORT where the server has no NFSv4.0, -ESTALE where its directory is not the
 * mounted one, -ETIMEDOUT where the name was not seen in 2 s, those of gs_nfs40_open().
 */
int gs_seen_measure(const struct gs_seen_req *req, unsigned *ret_us, struct gs_err *err);
