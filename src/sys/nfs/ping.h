/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "sys/net/rpc_call.h"

/** GS_LINK_SLOW_US - a connection that took longer explains a later timeout: the link is slow */
enum { GS_LINK_SLOW_US = 500000 };

/**
 * gs_reach_nfs - is there an NFS server at a numeric address, over its NFS port alone?
 * @ret_connect_us: time of the TCP handshake
 * Errors name the cause: those of unreachable.h, RPC_TIMEOUT, RPC_SLOW, RPC_GARBAGE, RPC_CLOSED,
 * RPC_DENIED, NFS_ABSENT, NFS4_ABSENT.
 */
int gs_reach_nfs(const char *addr, unsigned port, int64_t deadline_ns, unsigned *ret_connect_us,
		 struct gs_err *err);

/**
 * struct gs_null_call - how NULL is called over a connection
 * @call: gs_rpc_null() for NFS version 4, and what else the child does; @fd, @deadline_ns, @ret:
 * its
 */
struct gs_null_call {
	int (*call)(void *arg, int fd, int64_t deadline_ns, struct gs_rpc_result *ret,
		    struct gs_err *err);
	void *arg;
};

/** gs_reach_nfs_by - gs_reach_nfs() with a call of the caller's */
int gs_reach_nfs_by(const char *addr, unsigned port, int64_t deadline_ns,
		    const struct gs_null_call *null, unsigned *ret_connect_us, struct gs_err *err);

/** gs_nfs_null - the RPC that such a call makes, but for its xid and its deadline */
extern const struct gs_rpc_call gs_nfs_null;

/**
 * gs_nfs_loses_large - does a call that fills packets get no reply, twice, and a small one does?
 * Over new connections. Where a router drops what is too large and nobody hears of it (RFC 4821
 * section 1), programs hang as soon as they write. False where there is less than 2.8 s for it.
 */
bool gs_nfs_loses_large(const char *addr, unsigned port, int64_t deadline_ns);

/** gs_nfs_offers_tls - does the server answer a request for TLS with yes? Over a new connection */
bool gs_nfs_offers_tls(const char *addr, unsigned port, int64_t deadline_ns);
