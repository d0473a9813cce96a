/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

/*
 * /proc/self/mountstats, as far as NFS writes it. Source: fs/proc_namespace.c show_vfsstat,
 * fs/nfs/super.c nfs_show_stats, net/sunrpc/stats.c rpc_clnt_show_stats, xprtsock.c
 * xs_tcp_print_stats; statvers 1.1 (Linux 2.6.17 and later).
 */

/** struct gs_mountstats - one NFS mount's; every count is since it was mounted */
struct gs_mountstats {
	unsigned age_s;
	unsigned connections;	/* xprt: lines; nconnect= asks for several */
	uint64_t connects;	/* how often they were made, again after a loss too */
	uint64_t requests;	/* operations begun */
	uint64_t retransmitted; /* transmissions beyond the first of each operation */
	uint64_t timeouts;	/* major ones: the server was "not responding" */
	uint64_t rtt_ms;	/* sum over all operations, from sent to answered */
};

/**
 * gs_mountstats_find - the block of the last NFS mount at target
 * @text: the file's; @target: as the mount table has it, not escaped
 * Of stacked mounts the last is on top. Unknown lines and missing fields count as nothing.
 * Returns false where there is no such block; *ret is then untouched.
 */
bool gs_mountstats_find(struct gs_span text, const char *target, struct gs_mountstats *ret);
