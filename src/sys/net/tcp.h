/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "base/err.h"
#include "sys/net/icmp.h"

/*
 * Is there a server? Connects without blocking: the RPC libraries wait 134 s when packets are
 * dropped.
 */

/**
 * struct gs_endpoint - an address and a port
 * @reserved: connect from a port below 1024 where permitted: "secure" exports require it
 */
struct gs_endpoint {
	struct sockaddr_storage addr;
	socklen_t len;
	bool reserved;
};

/**
 * gs_endpoint_of - from a numeric IPv4 or IPv6 address, fe80::1%eth0 too; no name service
 * @port: 1 to 65535
 * Errors: -EINVAL.
 */
int gs_endpoint_of(const char *numeric, unsigned port, struct gs_endpoint *ret, struct gs_err *err);

enum gs_reach {
	GS_REACH_OPEN,
	GS_REACH_REFUSED,   /* the host is there, nothing listens */
	GS_REACH_FILTERED,  /* no answer in time: packets dropped by a firewall, or host down */
	GS_REACH_UNSENT,    /* no answer in time, and a firewall of this node drops the packets */
	GS_REACH_REJECTED,  /* a firewall says no by ICMP: icmp.from tells whose */
	GS_REACH_NO_ROUTE,  /* this node, or a router, has no route */
	GS_REACH_HOST_DOWN, /* the last router, or this node, reports that the host does not answer
			     */
	GS_REACH_BLOCKED,   /* a route of this node refuses: prohibit, unreachable, blackhole */
	GS_REACH_FORBIDDEN, /* a rule of this node refuses (EPERM, EACCES) */
	GS_REACH_FAILED,    /* anything else: see error */
};

/** struct gs_reach_result - @fd: connected, non-blocking, the caller closes it; -1 unless OPEN */
struct gs_reach_result {
	enum gs_reach state;
	int fd;
	int error;	 /* errno of connect; 0 when OPEN; ETIMEDOUT when FILTERED */
	unsigned rtt_us; /* until the handshake is complete, or until the refusal */
	struct gs_icmp icmp;
	bool ports_taken; /* @reserved, and none was free: the port is another */
	bool echoes;	  /* gs_reach_two(): the second one's host answers ping(8) */
};

/**
 * gs_reach_many - connect to several endpoints at once; takes as long as the slowest
 * @n: at most GS_REACH_MAX
 * @timeout_ms: for all of them together
 * @ret: n results
 * Errors: of socket(2) only; what the network reports is in the results.
 */
enum { GS_REACH_MAX = 256 }; /* descriptors: far below the usual soft limit of 1024 */
int gs_reach_many(const struct gs_endpoint *to, size_t n, unsigned timeout_ms,
		  struct gs_reach_result *ret, struct gs_err *err);

/** gs_reach_one - gs_reach_many() for one endpoint */
int gs_reach_one(const struct gs_endpoint *to, unsigned timeout_ms, struct gs_reach_result *ret,
		 struct gs_err *err);

/**
 * gs_reach_two - connect to one endpoint, and to a second one where the first takes long
 * @late_ms: when to try the second. The first is still awaited: the kernel resends a lost SYN after
 *       1 s (RFC 6298), and an answer may simply be slow.
 * @timeout_ms: for both. Returns as soon as the first has ended.
 * @ret: two results; the second is FILTERED, without a descriptor, where it was not tried
 */
int gs_reach_two(const struct gs_endpoint to[2], unsigned late_ms, unsigned timeout_ms,
		 struct gs_reach_result ret[2], struct gs_err *err);

/** gs_reach_cause - PORT_REFUSED, PORT_FILTERED, NO_ROUTE, HOST_DOWN ...; NULL for OPEN */
const char *gs_reach_cause(enum gs_reach state);
