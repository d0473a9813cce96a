/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * The NFS part of /proc/self/mountstats. Source: fs/proc_namespace.c show_vfsstat,
 * fs/nfs/super.c nfs_show_stats, net/sunrpc/stats.c rpc_clnt_show_stats, xprtsock.c
 * xs_tcp_print_stats; statvers 1.1 (Linux 2.6.17 and later).
 */

/** struct gs_mountstats - counters of one NFS mount since it was mounted */
struct gs_mountstats {
	unsigned age_s;
	unsigned connections;	/* xprt: lines; nconnect= asks for several */
	uint64_t reconnects;	/* how often one was made again, or tried to be */
	uint64_t identified;	/* how often the client told the server who it is: EXCHANGE_ID */
	unsigned oldest_s;	/* age of the oldest NFS mount: mounts share their client */
	uint64_t requests;	/* operations started */
	uint64_t retransmitted; /* transmissions beyond the first of each operation */
	uint64_t timeouts;	/* major ones: the server was "not responding" */
	uint64_t rtt_ms;	/* sum over all operations, from request to reply */
};

/**
 * gs_mountstats_find - the block of the last NFS mount at target
 * @text: of the file; @target: as in the mount table, not escaped
 * Of stacked mounts the last is on top. Unknown lines are ignored, missing fields are 0.
 * Returns false where there is no such block; *ret is then untouched.
 */
bool gs_mountstats_find(struct gs_span text, const char *target, struct gs_mountstats *ret);
