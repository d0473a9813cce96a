/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "core/verify/access_report.h"
#include "sys/sys.h"

/** gs_mount_server - the numeric address of an NFS mount's server, owned; NULL: not by TCP, or none
 */
char *gs_mount_server(const struct gs_mounted *mount, unsigned *ret_port);

/**
 * gs_reach_server - does the server of an NFS mount answer, over a connection of its own?
 * @ret_rtt_us: round-trip time of the connection, if it answers
 * @silence: why it does not answer
 * Returns UNTRIED where no address is known: whatever waits for such a server has a bound of its
 * own.
 */
enum gs_answer gs_reach_server(struct gs_sys *sys, const struct gs_mounted *mount,
			       unsigned *ret_rtt_us, struct gs_err *silence);

/**
 * gs_ask_anew - why does a mount not answer though its server does? Asks over a new connection
 * @rtt_us: of the connection to that server; a slow connection is the cause
 * @why: untouched where the share can be read
 * Returns whether the server said that it exports the share to this node.
 */
bool gs_ask_anew(struct gs_sys *sys, const struct gs_mounted *mount, unsigned rtt_us,
		 struct gs_err *why);

/**
 * gs_address_towards - this node's address as the server of a mount sees it now; owned, NULL: not
 * known
 */
char *gs_address_towards(struct gs_sys *sys, const struct gs_mounted *mount);

/** gs_blame_link - give the failure in err, of the server at addr, the cause LINK_SLOW */
void gs_blame_link(const char *addr, unsigned connect_us, struct gs_err *err);
