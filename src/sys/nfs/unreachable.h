/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "base/err.h"
#include "sys/net/tcp.h"

/**
 * gs_unreachable - why an NFS server cannot be reached: the cause, and commands for its node
 * @port: of NFS
 * @waited_ms: until the connection was given up
 * @at: that port, which is not open, and port 22
 * Errors: PORT_FILTERED, HOST_NOT_RESPONDING, PORT_REFUSED, PORT_REJECTED, OWN_FIREWALL, NO_ROUTE,
 * HOST_DOWN, ROUTE_BLOCKED, PORT_FORBIDDEN, CONNECT_FAILED. Returns err->code.
 */
int gs_unreachable(const char *addr, unsigned port, unsigned waited_ms,
		   const struct gs_reach_result at[2], struct gs_err *err);
