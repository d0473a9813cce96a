/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "base/types.h"

/* What a running nfsd offers to clients: versions, port and addresses. Pure. */

/**
 * struct gs_nfsd_offer - owned; all zero where nfsd does not run, or only root may look
 * @minors: of NFS 4, as 1 << MINOR
 * @port:   that it listens on over TCP: 2049 if it is one of them, else the first; 0: none
 * @addrs:  that it listens on there; "0.0.0.0", "::": all of that family; empty: not known
 * @conf:   files of nfs.conf(5), in the order in which they are read; the last one that sets a
 * value counts; only where the offer is unusual, or threads are few
 */
struct gs_nfsd_offer {
	bool is_known, has_v3;
	unsigned minors, port;
	struct gs_strs addrs;
	struct gs_files conf;
};

enum { GS_NFSD_THREADS = 8 }; /* what rpc.nfsd(8) starts: NFSD_NPROC */

enum { GS_NFSD_MINORS_MOUNTED = 1 << 1 | 1 << 2 }; /* those that a follower mounts with */

/**
 * gs_nfsd_offer_read - read what the kernel shows
 * @versions: /proc/fs/nfsd/versions: "+3 -4 +4.1"; 4.0 is implied by +4 (fs/nfsd/nfsctl.c
 *            nfsd_print_version_support())
 * @portlist: /proc/fs/nfsd/portlist: "tcp 2049" a line (net/sunrpc/svc_xprt.c)
 * @tcp, @tcp6: /proc/net/tcp and tcp6, whose addresses are numbers of this host's byte order
 */
void gs_nfsd_offer_read(struct gs_span versions, struct gs_span portlist, struct gs_span tcp,
			struct gs_span tcp6, struct gs_nfsd_offer *ret);

/** gs_nfsd_offer_is_usual - can every follower mount by the usual port and any address? */
bool gs_nfsd_offer_is_usual(const struct gs_nfsd_offer *offer);

/** gs_nfsd_offer_serves - does nfsd listen on this address? True where that is not known */
bool gs_nfsd_offer_serves(const struct gs_nfsd_offer *offer, const char *addr);

/**
 * gs_nfsd_offer_addr - an address that clients can name instead of another of this node
 * The same if nfsd listens on it; else one of its family that other hosts can reach. NULL: none.
 */
const char *gs_nfsd_offer_addr(const struct gs_nfsd_offer *offer, const char *addr);

/** gs_nfsd_conf_of - the file that sets a value of [nfsd]; NULL: none of those that were read */
const char *gs_nfsd_conf_of(const struct gs_nfsd_offer *offer, const char *tag);

void gs_nfsd_offer_done(struct gs_nfsd_offer *offer);
